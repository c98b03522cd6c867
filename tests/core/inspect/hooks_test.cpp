#include "core/inspect/hooks.h"

#include <gtest/gtest.h>

#include "core/autograd/engine.h"
#include "core/graph/autograd_meta.h"
#include "core/ops/math.h"
#include "tests/core/offers.h"
#include "tests/core/support.h"

using namespace tapescope;
using namespace tapescope::inspect;
using namespace tapescope::testing;

namespace {

struct Seen : TensorPreHook {
  void operator()(Tensor&) override {}
  std::vector<HookInfo> describe() const override { return {{"seen", "file.py", 3, 7, nullptr, {2, {}}}}; }
};

TEST(Hooks, OfALeafAreThereBeforeItsAccumulator) {
  const Tensor x = leaf({1, 2});
  autograd_meta(x).leaf_hook = std::make_shared<Seen>();
  const auto hooks = hooks_of(x);
  ASSERT_EQ(hooks.size(), 1u);
  EXPECT_STREQ(hooks[0].kind, "tensor_pre");
  EXPECT_EQ(hooks[0].info.run.count, 2u);
  EXPECT_EQ(hooks[0].tensor, x.id());
  EXPECT_EQ(hooks[0].node, 0u);
}

TEST(Hooks, OfATensorAreThoseOfItsPlace) {
  const Tensor x = leaf({1, 2});
  const std::vector<Tensor> parts = several("unbind", {x, int64_t{0}});
  NodeHooks& on = parts[0].grad_fn()->hooks_for_writing();
  on.tensor_pre.push_back({1, std::make_shared<Seen>()});
  retain_grad(parts[0]);
  EXPECT_EQ(hooks_of(*parts[0].grad_fn()).size(), 2u);
  ASSERT_EQ(hooks_of(parts[0]).size(), 1u);
  EXPECT_STREQ(hooks_of(parts[0])[0].kind, "retain_grad");
  ASSERT_EQ(hooks_of(parts[1]).size(), 1u);
  EXPECT_STREQ(hooks_of(parts[1])[0].kind, "tensor_pre");
}

}  // namespace
