#include "core/inspect/saved_variables.h"

#include <gtest/gtest.h>

#include "core/ops/math.h"
#include "tests/core/support.h"

using namespace tapescope;
using namespace tapescope::inspect;
using namespace tapescope::testing;

namespace {

TEST(SavedVariables, TellWhatIsKeptAndWhetherItWasWritten) {
  const Tensor x = leaf({1, 2, 3}), h = x * 2.0, y = h * h;
  const auto before = saved_variables_of(*y.grad_fn());
  ASSERT_EQ(before.size(), 2u);
  EXPECT_EQ(before[0].tensor, h.id());
  EXPECT_EQ(before[0].storage, before[1].storage);
  EXPECT_EQ(before[0].meta->shape, Dims{3});
  h.bump_version();
  const auto after = saved_variables_of(*y.grad_fn());
  EXPECT_EQ(after[0].version_now, after[0].version + 1);
}

TEST(SavedVariables, OfAReleasedNodeAreFreed) {
  const Tensor x = leaf({1, 2}), y = x * x;
  y.grad_fn()->release_variables(1);
  const auto saved = saved_variables_of(*y.grad_fn());
  ASSERT_EQ(saved.size(), 2u);
  EXPECT_TRUE(saved[0].freed);
  EXPECT_EQ(saved[0].meta, nullptr);
  EXPECT_EQ(saved[0].tensor, x.id());
}

struct Elsewhere : SavedVariableHooks {
  void pack(const Tensor& t) override { kept = t; }
  Tensor unpack() override {
    ++unpacked;
    return kept;
  }
  std::vector<HookInfo> describe() const override { return {{"Elsewhere"}}; }
  Tensor kept;
  static inline int unpacked = 0;
};

TEST(SavedVariables, ThoseThatHooksHoldAreNotUnpacked) {
  const Tensor x = leaf({1, 2}), y = x * x;
  const_cast<SavedVariable*>(y.grad_fn()->slots()[0].variable)->register_hooks(std::make_unique<Elsewhere>());
  const auto saved = saved_variables_of(*y.grad_fn());
  EXPECT_EQ(saved[0].packed_by, "Elsewhere");
  EXPECT_EQ(saved[0].storage, 0u);
  EXPECT_EQ(saved[0].meta->shape, Dims{2});
  EXPECT_EQ(Elsewhere::unpacked, 0);
}

}  // namespace
