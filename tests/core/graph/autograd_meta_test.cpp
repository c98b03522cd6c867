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

TEST(AutogradMeta, AViewRequiresGradAsItsBaseDoes) {
  const Tensor x = vector({1, 2}), early = ops::slice(x, 0, 0, 1, 1);
  EXPECT_FALSE(early.requires_grad());
  x.impl()->requires_grad_flag = true;
  EXPECT_TRUE(early.requires_grad());
  const Tensor plain = [&] {
    const NoGrad off;
    return ops::slice(x, 0, 0, 1, 1);
  }();
  EXPECT_TRUE(plain.requires_grad());
  EXPECT_TRUE(plain.is_leaf());
  EXPECT_FALSE(gradient_edge(plain));
  EXPECT_FALSE(x.alias().requires_grad());
}

TEST(AutogradMeta, AViewKnowsItsBase) {
  const Tensor x = vector({1, 2}), view = ops::slice(x, 0, 0, 1, 1);
  ASSERT_NE(view.impl()->meta, nullptr);
  EXPECT_TRUE(view.impl()->meta->base.is_same(x));
  EXPECT_EQ(view.impl()->meta->creation, Creation::normal);
  NoGrad off;
  // Nothing is recorded through it, and a write that would have to be is an error: so it is known, too.
  const Tensor plain = ops::slice(x, 0, 0, 1, 1);
  ASSERT_NE(plain.impl()->meta, nullptr);
  EXPECT_EQ(plain.impl()->meta->creation, Creation::no_grad);
  EXPECT_NO_THROW(check_creation(view, false));
  EXPECT_THROW(check_creation(plain, false), AutogradError);
}

}  // namespace
