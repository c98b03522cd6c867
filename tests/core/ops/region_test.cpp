#include <gtest/gtest.h>

#include "core/autograd/engine.h"
#include "core/ops/math.h"
#include "tests/core/support.h"

using namespace tapescope;
using namespace tapescope::testing;

namespace {

Tensor grid() {
  Tensor t = ops::clone(ops::reshape(ops::arange(0, 12, 1, DType::float32), {3, 4}));
  t.impl()->requires_grad_flag = true;
  return t;
}
std::vector<double> gradient(const Tensor& x, const Tensor& y) {
  backward({ops::sum(y)}, {}, false, false, {});
  return values(grad_of(x));
}

TEST(Region, DiagonalsOfAnyOffset) {
  const Tensor x = grid();
  EXPECT_EQ(values(ops::diagonal(x, 0, 0, 1)), (std::vector<double>{0, 5, 10}));
  EXPECT_EQ(values(ops::diagonal(x, 2, 0, 1)), (std::vector<double>{2, 7}));
  EXPECT_EQ(values(ops::diagonal(x, -1, 0, 1)), (std::vector<double>{4, 9}));
  EXPECT_EQ(values(ops::diagonal(x, -1, 1, 0)), (std::vector<double>{1, 6, 11}));
  for (int64_t far : {int64_t{4}, int64_t{-3}, INT64_MAX, INT64_MIN})
    EXPECT_EQ(ops::diagonal(x, far, 0, 1).numel(), 0) << far;
  EXPECT_THROW(ops::diagonal(x, 0, 1, -1), ShapeError);
  EXPECT_EQ(gradient(x, ops::diagonal(x, 1, 0, 1)), (std::vector<double>{0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1}));
}

TEST(Region, WindowsThatOverlapAddTheirGradients) {
  const Tensor x = grid();
  const Tensor w = ops::unfold(x, 1, 3, 1);
  EXPECT_EQ(w.shape(), (Dims{3, 2, 3}));
  EXPECT_EQ(gradient(x, w), (std::vector<double>{1, 2, 2, 1, 1, 2, 2, 1, 1, 2, 2, 1}));
  EXPECT_THROW(ops::unfold(x, 1, 5, 1), ShapeError);
  EXPECT_THROW(ops::unfold(x, 1, 2, 0), ValueError);
  EXPECT_EQ(ops::unfold(x, 0, 3, INT64_MAX).shape(), (Dims{1, 4, 3}));
}

TEST(Region, AsStridedSharesTheGradientOfWhatItShowsTwice) {
  const Tensor x = grid();
  EXPECT_EQ(gradient(x, ops::as_strided(x, {3, 2}, {0, 1}, 4)),
            (std::vector<double>{0, 0, 0, 0, 3, 3, 0, 0, 0, 0, 0, 0}));
}

TEST(Region, AsStridedIsAboutMemoryNotAboutItsInput) {
  // The input is the transposed, shifted part of the memory; the view is what lies in a row there.
  const Tensor x = grid(), y = x * 1.0, part = ops::t(ops::slice(y, 0, 1, 3, 1));
  EXPECT_EQ(gradient(x, ops::as_strided(part, {3}, {1}, 5)), (std::vector<double>{0, 0, 0, 0, 0, 1, 1, 1, 0, 0, 0, 0}));
  // Elements that the input does not show get nothing.
  const Tensor z = grid();
  EXPECT_EQ(gradient(z, ops::as_strided(ops::slice(z * 1.0, 0, 1, 2, 1), {2, 4}, {4, 1}, 4)),
            (std::vector<double>{0, 0, 0, 0, 1, 1, 1, 1, 0, 0, 0, 0}));
}

TEST(Region, AnInputThatOverlapsItselfSharesInEqualParts) {
  Tensor x = ops::clone(ops::full({1, 2}, 3, DType::float32));
  x.impl()->requires_grad_flag = true;
  const Tensor spread = ops::expand(x, {4, 2});
  EXPECT_EQ(gradient(x, ops::as_strided(spread, {2}, {1}, 0)), (std::vector<double>{1, 1}));
}

TEST(Region, WritesThroughThemReachTheBase) {
  const Tensor x = grid(), y = x * 1.0;
  ops::fill_(ops::diagonal(y, 0, 0, 1), 7);
  EXPECT_EQ(values(y)[5], 7);
  EXPECT_EQ(gradient(x, y), (std::vector<double>{0, 1, 1, 1, 1, 0, 1, 1, 1, 1, 0, 1}));
  EXPECT_TRUE(holds(message([&] { ops::copy_(ops::unfold(y, 1, 3, 1), x); }), "more than one element"));
}

}  // namespace
