#include <gtest/gtest.h>

#include <cmath>

#include "core/autograd/engine.h"
#include "core/ops/math.h"
#include "tests/core/support.h"

using namespace tapescope;
using namespace tapescope::testing;

namespace {

TEST(Copy, CloneIsMemoryOfItsOwnInTheSameOrder) {
  const Tensor a = ops::t(ops::reshape(ops::arange(0, 6, 1, DType::float32), {2, 3})), b = ops::clone(a);
  EXPECT_EQ(b.strides(), a.strides());
  EXPECT_NE(a.impl()->storage, b.impl()->storage);
  EXPECT_EQ(values(a), values(b));
  const Tensor gaps = ops::clone(ops::as_strided(a, {2}, {4}, 0)), in_order = ops::clone_in_order(a);
  EXPECT_TRUE(gaps.is_contiguous());
  EXPECT_TRUE(in_order.is_contiguous());
  EXPECT_EQ(values(a), values(in_order));
  EXPECT_TRUE(ops::contiguous(in_order).is_same(in_order));
}

TEST(Copy, CastsAndTheGradientComesBackInTheOldDtype) {
  const Tensor x = leaf({1.5, -2.5});
  EXPECT_EQ(values(ops::to(x, DType::int64)), (std::vector<double>{1, -2}));
  EXPECT_EQ(values(ops::to(x, DType::boolean)), (std::vector<double>{1, 1}));
  EXPECT_FALSE(ops::to(x, DType::int64).requires_grad());
  EXPECT_TRUE(ops::to(x, DType::float32).is_same(x));
  backward({ops::sum(ops::to(x, DType::float64))}, {}, false, false, {});
  EXPECT_EQ(grad_of(x).dtype(), DType::float32);
}

TEST(Copy, WhatNoIntegerHoldsBecomesTheLeastOne) {
  const Tensor x = vector({NAN, INFINITY, -INFINITY, 1e30, -0x1p63, -2.9});
  const Tensor y = ops::to(x, DType::int64);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(y.data<int64_t>()[i], INT64_MIN);
  EXPECT_EQ(y.data<int64_t>()[5], -2);
  EXPECT_EQ(ops::item_int(vector({NAN})), INT64_MIN);
  for (double v : {double{NAN}, double{INFINITY}, 1e300}) EXPECT_THROW(ops::full({1}, v, DType::int64), ValueError);
}

TEST(Copy, InPlaceBroadcastsCastsAndReadsOverlapsFirst) {
  const Tensor a = ops::full({2, 2}, 0, DType::float32);
  ops::copy_(a, vector({3, 4}, DType::int64));
  EXPECT_EQ(values(a), (std::vector<double>{3, 4, 3, 4}));
  const Tensor b = ops::clone(ops::reshape(ops::arange(0, 4, 1, DType::float32), {2, 2}));
  ops::copy_(b, ops::t(b));
  EXPECT_EQ(values(b), (std::vector<double>{0, 2, 1, 3}));
  const Tensor c = vector({1, 2, 3, 4});
  ops::copy_(ops::slice(c, 0, 1, 4, 1), ops::slice(c, 0, 0, 3, 1));
  EXPECT_EQ(values(c), (std::vector<double>{1, 1, 2, 3}));
  EXPECT_THROW(ops::copy_(a, vector({1, 2, 3})), ShapeError);
}

TEST(Copy, OfItselfIsAWrite) {
  const Tensor a = vector({1, 2});
  ops::copy_(a, a);
  EXPECT_EQ(values(a), (std::vector<double>{1, 2}));
  EXPECT_EQ(a.version(), 1u);
}

TEST(Copy, TheSourceGetsTheGradientAndWhatWasCoveredNone) {
  const Tensor x = leaf({1, 2}), src = leaf({5}), y = x * 1.0;
  ops::copy_(y, src);
  backward({ops::sum(y * 3.0)}, {}, false, false, {});
  EXPECT_EQ(values(grad_of(x)), (std::vector<double>{0, 0}));
  EXPECT_EQ(values(grad_of(src)), (std::vector<double>{6}));
}

TEST(Fill, StridedRegionsToo) {
  const Tensor a = ops::full({2, 3}, 1, DType::float64);
  ops::fill_(ops::select(a, 1, 1), 7);
  EXPECT_EQ(values(a), (std::vector<double>{1, 7, 1, 1, 7, 1}));
}

TEST(Fill, WhereSeveralElementsLieInOnePlace) {
  const Tensor a = vector({0, 1});
  ops::fill_(ops::as_strided(a, {2, 2}, {0, 1}, 0), 7);
  EXPECT_EQ(values(a), (std::vector<double>{7, 7}));
  EXPECT_EQ(a.version(), 1u);
  EXPECT_THROW(ops::copy_(ops::as_strided(a, {2, 2}, {0, 1}, 0), a), AutogradError);
  const Tensor x = leaf({1, 2}), y = x * 3.0;
  ops::fill_(ops::expand(ops::select(y, 0, 0), {4}), 5);
  backward({ops::sum(y * y)}, {}, false, false, {});
  EXPECT_EQ(values(grad_of(x)), (std::vector<double>{0, 36}));
}

TEST(Item, OneElementOnly) {
  EXPECT_EQ(ops::item(vector({2.5})), 2.5);
  EXPECT_EQ(ops::item_int(ops::scalar(int64_t{1} << 60)), int64_t{1} << 60);
  EXPECT_THROW(ops::item(vector({1, 2})), ShapeError);
  EXPECT_THROW(ops::item_int(vector({})), ShapeError);
}

}  // namespace
