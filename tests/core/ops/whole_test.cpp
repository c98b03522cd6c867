#include "core/ops/whole.h"

#include <gtest/gtest.h>

#include <array>
#include <limits>

#include "core/ops/math.h"
#include "tests/core/support.h"

using namespace tapescope;
using namespace tapescope::testing;

namespace {

constexpr int64_t kMost = INT64_MAX, kLeast = INT64_MIN;

Tensor one(int64_t v) {
  Tensor t = Tensor::empty({1}, DType::int64);
  *t.data<int64_t>() = v;
  return t;
}
int64_t value(const Tensor& t) {
  return ops::item_int(t);
}

TEST(Whole, WhatOverflowsWrapsAround) {
  EXPECT_EQ(value(one(kMost) + one(1)), kLeast);
  EXPECT_EQ(value(one(kLeast) - one(1)), kMost);
  EXPECT_EQ(value(one(kMost) * one(2)), -2);
  EXPECT_EQ(value(-one(kLeast)), kLeast);
  EXPECT_EQ(value(ops::math::abs(one(kLeast))), kLeast);
  EXPECT_EQ(value(ops::math::pow(one(2), one(64))), 0);
  EXPECT_EQ(value(ops::sum(ops::cat({one(kMost), one(kMost)}, 0))), -2);
  EXPECT_EQ(value(ops::dot(one(kMost), one(2))), -2);
  const Tensor a = one(kMost);
  ops::index_put_(a, {one(0)}, one(1), true);
  EXPECT_EQ(value(a), kLeast);
}

TEST(Whole, ClampKeepsWhatADoubleCannotHold) {
  constexpr double inf = std::numeric_limits<double>::infinity();
  const int64_t large = (int64_t{1} << 53) + 1;
  EXPECT_EQ(value(ops::apply("clamp", one(large), {0, inf})), large);
  EXPECT_EQ(value(ops::apply("clamp", one(kLeast), {-inf, 3})), kLeast);
  EXPECT_EQ(value(ops::apply("clamp", one(large), {-inf, 3})), 3);
  EXPECT_EQ(value(ops::apply("clamp", one(-5), {-2.5, 3})), -2);
  EXPECT_EQ(value(ops::apply("relu", one(large))), large);
}

TEST(Whole, QuotientsRoundDown) {
  for (const auto& [a, b, quotient, rest, signed_rest] :
       std::vector<std::array<int64_t, 5>>{{7, 3, 2, 1, 1},
                                           {-7, 3, -3, 2, -1},
                                           {7, -3, -3, -2, 1},
                                           {-7, -3, 2, -1, -1},
                                           {6, -3, -2, 0, 0},
                                           {kLeast, -1, kLeast, 0, 0},
                                           {kLeast, 1, kLeast, 0, 0},
                                           {kMost, kLeast, -1, -1, kMost}}) {
    EXPECT_EQ(value(ops::apply("floor_divide", one(a), one(b))), quotient) << a << " // " << b;
    EXPECT_EQ(value(ops::apply("remainder", one(a), one(b))), rest) << a << " % " << b;
    EXPECT_EQ(value(ops::apply("fmod", one(a), one(b))), signed_rest) << a << " fmod " << b;
  }
  EXPECT_THROW(ops::apply("remainder", one(1), one(0)), DivisionError);
  const Tensor x = one(5);
  EXPECT_THROW(ops::binary_(ops::pointwise("floor_divide", 2), x, one(0)), DivisionError);
  EXPECT_EQ(value(x), 5);
  EXPECT_EQ(x.version(), 0u);
}

TEST(Whole, NegativeExponents) {
  EXPECT_EQ(value(ops::math::pow(one(2), one(-1))), 0);
  EXPECT_EQ(value(ops::math::pow(one(-1), one(-3))), -1);
  EXPECT_EQ(value(ops::math::pow(one(1), one(kLeast))), 1);
}

}  // namespace
