#include <gtest/gtest.h>

#include <cmath>

#include "core/autograd/engine.h"
#include "core/ops/math.h"
#include "tests/core/support.h"

using namespace tapescope;
using namespace tapescope::testing;

namespace {

TEST(Extreme, AlongADimension) {
  const Tensor x = ops::reshape(vector({3, 1, 2, 4, 9, 4}), {2, 3});
  const auto [top, at] = ops::max(x, 1, false);
  EXPECT_EQ(values(top), (std::vector<double>{3, 9}));
  EXPECT_EQ(values(at), (std::vector<double>{0, 1}));
  EXPECT_EQ(at.dtype(), DType::int64);
  EXPECT_EQ(ops::min(x, 0, true).first.shape(), (Dims{1, 3}));
  EXPECT_EQ(values(ops::argmin(x, 1, false)), (std::vector<double>{1, 0}));  // of equal ones the first
  EXPECT_EQ(ops::item_int(ops::argmax(x, {}, false)), 4);
}

TEST(Extreme, NaNWins) {
  const Tensor x = vector({0, 1, NAN, 3});
  EXPECT_TRUE(std::isnan(ops::item(ops::max(x))));
  EXPECT_TRUE(std::isnan(ops::item(ops::min(x))));
  EXPECT_EQ(ops::item_int(ops::argmax(x, {}, false)), 2);
}

TEST(Extreme, OfNothingIsRefused) {
  EXPECT_THROW(ops::max(vector({})), ShapeError);
  EXPECT_THROW(ops::max(Tensor::empty({3, 0}, DType::float32), 1, false), IndexError);
  EXPECT_THROW(ops::argmin(Tensor::empty({3, 0}, DType::float32), 1, false), IndexError);
  EXPECT_THROW(ops::argmax(vector({}), {}, false), IndexError);
  EXPECT_EQ(ops::max(Tensor::empty({3, 0}, DType::float32), 0, false).first.numel(), 0);
  EXPECT_THROW(ops::argmax(vector({1, 0}, DType::boolean), {}, false), DTypeError);
  EXPECT_EQ(ops::max(Tensor::empty({0, 3}, DType::float32), 1, false).first.shape(), (Dims{0}));
}

TEST(Extreme, TheGradientGoesToWhereTheValueCameFrom) {
  const Tensor x = leaf({3, 1, 2, 4, 9, 4});
  backward({ops::sum(ops::max(ops::reshape(x, {2, 3}), 1, false).first)}, {}, false, false, {});
  EXPECT_EQ(values(grad_of(x)), (std::vector<double>{1, 0, 0, 0, 1, 0}));
}

TEST(Extreme, EqualElementsShareTheGradientOfTheWhole) {
  const Tensor x = leaf({2, 5, 5});
  backward({ops::max(x)}, {}, false, false, {});
  EXPECT_EQ(values(grad_of(x)), (std::vector<double>{0, 0.5, 0.5}));
}

TEST(Truth, AllAndAny) {
  EXPECT_TRUE(ops::item(ops::all(vector({1, 2}))));
  EXPECT_FALSE(ops::item(ops::all(vector({1, 0}))));
  EXPECT_TRUE(ops::item(ops::any(vector({0, NAN}))));
  EXPECT_TRUE(ops::item(ops::all(vector({}))));
  EXPECT_FALSE(ops::item(ops::any(vector({}))));
  EXPECT_EQ(ops::any(vector({1})).dtype(), DType::boolean);
}

}  // namespace
