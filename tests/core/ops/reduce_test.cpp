#include "core/ops/reduce.h"

#include <gtest/gtest.h>

#include <cmath>

using namespace tapescope;

TEST(Reduce, SumsOverAnyDimensions) {
  const Tensor a = ops::reshape(ops::arange(0, 24, 1, DType::float32), {2, 3, 4});
  EXPECT_EQ(ops::item(ops::sum(a)), 276);
  EXPECT_EQ(ops::sum(a, Dims{1}).shape(), (Dims{2, 4}));
  EXPECT_EQ(ops::sum(a, Dims{0}).data<float>()[5], 5 + 17);
  EXPECT_EQ(ops::sum(a, Dims{0, 2}, true).shape(), (Dims{1, 3, 1}));
  EXPECT_EQ(ops::item(ops::select(ops::sum(a, Dims{0, 2}), 0, 1)), 4 + 5 + 6 + 7 + 16 + 17 + 18 + 19);
  EXPECT_THROW(ops::sum(a, Dims{3}), IndexError);
  EXPECT_THROW(ops::sum(a, Dims{1, 1}), ShapeError);
}

TEST(Reduce, LongSumsStayExactEnough) {
  EXPECT_NEAR(ops::item(ops::sum(ops::full({1'000'000}, 0.1, DType::float32))), 100000, 0.1);
  EXPECT_NEAR(ops::sum(ops::full({100'000, 2}, 0.1, DType::float32), Dims{0}).data<float>()[1], 10000, 0.05);
}

TEST(Reduce, VarianceUsesTheCorrection) {
  const Tensor x = ops::arange(0, 4, 1, DType::float64);
  EXPECT_NEAR(ops::item(ops::var(x, {}, 1, false)), 5.0 / 3, 1e-12);
  EXPECT_NEAR(ops::item(ops::var(x, {}, 0, false)), 1.25, 1e-12);
}

TEST(Reduce, MeanOfIntegersIsRefused) {
  EXPECT_THROW(ops::mean(ops::arange(0, 4, 1, DType::int64)), DTypeError);
}
