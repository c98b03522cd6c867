#include "core/graph/autograd_meta.h"

#include <gtest/gtest.h>

#include "core/ops/math.h"
#include "tests/core/support.h"

using namespace tapescope;
using namespace tapescope::testing;

namespace {

TEST(AutogradMeta, IsMadeOnDemandOnce) {
  const Tensor x = leaf({1}), y = x * 2.0;
  EXPECT_EQ(y.impl()->meta, nullptr);
  AutogradMeta& m = autograd_meta(y);
  EXPECT_EQ(&autograd_meta(y), &m);
  EXPECT_FALSE(m.grad.defined());
  EXPECT_FALSE(m.retains_grad);
}

TEST(AutogradMeta, GoesWithItsTensorAndLetsGoOfWhatItHeld) {
  const Tensor g = vector({1});
  {
    const Tensor x = leaf({1});
    autograd_meta(x).grad = g;
    EXPECT_EQ(g.use_count(), 2u);
  }
  EXPECT_EQ(g.use_count(), 1u);
}

TEST(AutogradMeta, BelongsToTheTensorAndNotToItsMemory) {
  const Tensor x = leaf({1});
  autograd_meta(x).name = "weight";
  EXPECT_EQ(x.alias().impl()->meta, nullptr);
}

TEST(AutogradMeta, AViewKnowsItsBase) {
  const Tensor x = vector({1, 2}), view = ops::slice(x, 0, 0, 1, 1);
  ASSERT_NE(view.impl()->meta, nullptr);
  EXPECT_TRUE(view.impl()->meta->base.is_same(x));
  NoGrad off;
  EXPECT_EQ(ops::slice(x, 0, 0, 1, 1).impl()->meta, nullptr);  // nothing will be recorded through it
}

}  // namespace
