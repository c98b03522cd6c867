#include <gtest/gtest.h>

#include <cmath>

#include "core/autograd/engine.h"
#include "core/ops/math.h"
#include "tests/core/support.h"

using namespace tapescope;
using namespace tapescope::testing;

namespace {

Tensor some(const Dims& shape) {
  Tensor x = ops::clone(ops::reshape(ops::linspace(-2, 3, numel(shape), DType::float64), shape));
  x.impl()->requires_grad_flag = true;
  return x;
}

TEST(Softmax, SumsToOneAlongItsDimension) {
  for (int64_t dim : {0, 1, -1}) {
    const Tensor y = ops::softmax(some({2, 3, 4}), dim);
    for (double v : values(ops::sum(y, Dims{dim}))) EXPECT_NEAR(v, 1, 1e-12);
  }
  EXPECT_EQ(values(ops::softmax(ops::scalar(3.0, DType::float32), 0)), (std::vector<double>{1}));
  EXPECT_EQ(ops::softmax(Tensor::empty({2, 0}, DType::float32), 1).numel(), 0);
}

TEST(Softmax, TheLogAgreesWithThePlainForm) {
  for (int64_t dim : {0, 1, 2}) {
    const Tensor x = some({2, 3, 4});
    const auto a = values(ops::math::log(ops::softmax(x, dim))), b = values(ops::log_softmax(x, dim));
    for (size_t i = 0; i < a.size(); ++i) EXPECT_NEAR(a[i], b[i], 1e-12);
  }
}

// The fast gradient and the one that is recorded are two texts.
TEST(Softmax, BothGradientsAgreeAlongEveryDimension) {
  for (bool log : {false, true})
    for (int64_t dim : {0, 1, 2}) {
      const Tensor x = some({2, 3, 4}), w = ops::randn({2, 3, 4}, DType::float64);
      const Tensor y = ops::sum((log ? ops::log_softmax(x, dim) : ops::softmax(x, dim)) * w);
      const auto fast = values(grad({y}, {x}, {}, true, false, false)[0]);
      const auto recorded = values(grad({y}, {x}, {}, true, true, false)[0]);
      for (size_t i = 0; i < fast.size(); ++i) EXPECT_NEAR(fast[i], recorded[i], 1e-12) << log << dim;
    }
}

TEST(Softmax, SaysWhatDoesNotFit) {
  EXPECT_THROW(ops::softmax(vector({1}, DType::int64), 0), DTypeError);
  EXPECT_THROW(ops::softmax(vector({1}), 1), IndexError);
}

}  // namespace
