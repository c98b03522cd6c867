#include <gtest/gtest.h>

#include "core/autograd/engine.h"
#include "core/ops/math.h"
#include "tests/core/support.h"

using namespace tapescope;
using namespace tapescope::testing;

namespace {

TEST(Cat, AlongAnyDimension) {
  const Tensor a = ops::reshape(ops::arange(0, 4, 1, DType::float32), {2, 2}), b = ops::full({2, 1}, 9, DType::float32);
  EXPECT_EQ(values(ops::cat({a, b}, 1)), (std::vector<double>{0, 1, 9, 2, 3, 9}));
  EXPECT_EQ(values(ops::cat({ops::t(a), a}, 0)), (std::vector<double>{0, 2, 1, 3, 0, 1, 2, 3}));
  EXPECT_EQ(ops::cat({a, Tensor::empty({0, 2}, DType::float32)}, -2).shape(), (Dims{2, 2}));
  EXPECT_EQ(ops::cat({vector({1}), vector({1}, DType::float64)}, 0).dtype(), DType::float64);
}

TEST(Cat, SaysWhatDoesNotFit) {
  const Tensor a = ops::full({2, 2}, 0, DType::float32);
  EXPECT_THROW(ops::cat({}, 0), ValueError);
  EXPECT_THROW(ops::cat({ops::scalar(int64_t{1})}, 0), ShapeError);
  EXPECT_THROW(ops::cat({a, vector({1, 2})}, 0), ShapeError);
  EXPECT_TRUE(holds(message([&] {
                      ops::cat({a, ops::full({2, 3}, 0, DType::float32)}, 0);
                    }),
                    "Expected size 2 but got size 3 in dimension 1 for tensor number 1"));
  EXPECT_THROW(ops::cat({a}, 2), IndexError);
}

TEST(Stack, MakesADimension) {
  const Tensor a = vector({1, 2}), b = vector({3, 4});
  EXPECT_EQ(values(ops::stack({a, b}, 0)), (std::vector<double>{1, 2, 3, 4}));
  EXPECT_EQ(values(ops::stack({a, b}, -1)), (std::vector<double>{1, 3, 2, 4}));
  EXPECT_EQ(ops::stack({ops::scalar(int64_t{1}), ops::scalar(int64_t{2})}, 0).shape(), (Dims{2}));
  EXPECT_THROW(ops::stack({a, vector({1})}, 0), ShapeError);
  EXPECT_THROW(ops::stack({}, 0), ValueError);
}

TEST(Join, EachPartGetsItsPieceOfTheGradient) {
  const Tensor a = leaf({1, 2}), b = leaf({3}), c = vector({4});
  backward({ops::sum(ops::cat({a, c, b}, 0) * vector({1, 2, 3, 4}))}, {}, false, false, {});
  EXPECT_EQ(values(grad_of(a)), (std::vector<double>{1, 2}));
  EXPECT_EQ(values(grad_of(b)), (std::vector<double>{4}));
  const Tensor x = leaf({1}), y = leaf({1}, DType::float64);
  backward({ops::sum(ops::stack({x, y}, 0) * 2.0)}, {}, false, false, {});
  EXPECT_EQ(values(grad_of(x)), (std::vector<double>{2}));
  EXPECT_EQ(grad_of(x).dtype(), DType::float32);
}

TEST(Join, AsManyPartsAsOneLikes) {
  const Tensor x = leaf({1});
  const std::vector<Tensor> parts(70'000, x);
  backward({ops::sum(ops::cat(parts, 0))}, {}, false, false, {});
  EXPECT_EQ(values(grad_of(x)), (std::vector<double>{70'000}));
}

}  // namespace
