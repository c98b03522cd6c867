#include "core/ops/math.h"

#include <gtest/gtest.h>

#include "tests/core/support.h"

using namespace tapescope;
using namespace tapescope::testing;

namespace {

TEST(TensorMath, NumbersOnEitherSideKeepTheDtype) {
  const Tensor x = vector({1, 2}, DType::float64);
  for (const Tensor& y : {x + 1.0, 1.0 + x, x - 1.0, 1.0 - x, x * 2.0, 2.0 * x, x / 2.0, 2.0 / x})
    EXPECT_EQ(y.dtype(), DType::float64);
  EXPECT_EQ(values(1.0 - x), (std::vector<double>{0, -1}));
  EXPECT_EQ(values(2.0 / x), (std::vector<double>{2, 1}));
  EXPECT_EQ(values(-x), (std::vector<double>{-1, -2}));
}

TEST(TensorMath, ANumberMakesFloatsOfIntegers) {
  EXPECT_EQ((vector({1, 2}, DType::int64) + 0.5).dtype(), DType::float32);
}

TEST(TensorMath, WhereTakesNumbers) {
  const Tensor c = vector({1, 0}, DType::boolean), x = vector({3, 4});
  EXPECT_EQ(values(ops::math::where(c, x, 0.0)), (std::vector<double>{3, 0}));
  EXPECT_EQ(values(ops::math::where(c, 0.0, x)), (std::vector<double>{0, 4}));
  EXPECT_EQ(values(ops::math::where(c, 1.0, 2.0)), (std::vector<double>{1, 2}));
}

TEST(TensorMath, FunctionsAreTheOpsOfTheirNames) {
  const Tensor x = vector({0.25, 4});
  EXPECT_EQ(values(ops::math::sqrt(x)), (std::vector<double>{0.5, 2}));
  EXPECT_EQ(values(ops::math::abs(-x)), values(x));
  EXPECT_EQ(values(ops::math::pow(x, 2.0)), (std::vector<double>{0.0625, 16}));
  EXPECT_EQ(values(ops::math::pow(x, vector({2, 0.5}))), (std::vector<double>{0.0625, 2}));
  EXPECT_EQ(values(ops::math::maximum(x, vector({1, 1}))), (std::vector<double>{1, 4}));
  EXPECT_EQ(values(ops::math::minimum(x, vector({1, 1}))), (std::vector<double>{0.25, 1}));
  EXPECT_EQ(values(ops::math::trunc(-x)), (std::vector<double>{0, -4}));
  EXPECT_EQ(values(ops::math::floor_divide(-x, x)), (std::vector<double>{-1, -1}));
  for (const Tensor& y :
       {ops::math::exp(x), ops::math::log(x), ops::math::sin(x), ops::math::cos(x), ops::math::tanh(x)})
    EXPECT_EQ(y.shape(), x.shape());
}

}  // namespace
