#include <gtest/gtest.h>

#include "core/ops/ops.h"

using namespace tapescope;

namespace {

// a (m, k) b (k, n) by the definition.
double entry(const Tensor& a, const Tensor& b, int64_t i, int64_t j) {
  double total = 0;
  for (int64_t k = 0; k < a.size(1); ++k)
    total += ops::item(ops::select(ops::select(a, 0, i), 0, k)) * ops::item(ops::select(ops::select(b, 0, k), 0, j));
  return total;
}

TEST(Matmul, AgreesWithTheDefinitionInEveryLayout) {
  const Tensor a = ops::randn({3, 5}, DType::float64), b = ops::randn({5, 4}, DType::float64);
  const Tensor at = ops::t(ops::t(a)), bt = ops::t(ops::reshape(ops::t(ops::t(b)), {5, 4}));
  const Tensor columns = ops::t(ops::to(ops::t(a), DType::float64));
  for (const Tensor& x : {a, at, columns, ops::slice(ops::randn({3, 10}, DType::float64), 1, 0, 10, 2)})
    for (const Tensor& y : {b, ops::t(bt)}) {
      const Tensor c = ops::matmul(x, y);
      for (int64_t i = 0; i < 3; ++i)
        for (int64_t j = 0; j < 4; ++j) EXPECT_NEAR(c.data<double>()[i * 4 + j], entry(x, y, i, j), 1e-12);
    }
}

TEST(Matmul, BatchesBroadcast) {
  const Tensor c = ops::matmul(ops::randn({7, 1, 3, 5}, DType::float32), ops::randn({2, 5, 4}, DType::float32));
  EXPECT_EQ(c.shape(), (Dims{7, 2, 3, 4}));
  EXPECT_EQ(ops::matmul(ops::randn({5}, DType::float32), ops::randn({2, 5, 4}, DType::float32)).shape(), (Dims{2, 4}));
  EXPECT_EQ(ops::matmul(ops::randn({5}, DType::float32), ops::randn({5}, DType::float32)).shape(), Dims{});
}

TEST(Matmul, SaysWhatDoesNotFit) {
  try {
    ops::matmul(ops::randn({3, 4}, DType::float32), ops::randn({5, 2}, DType::float32));
    FAIL();
  } catch (const ShapeError& e) {
    EXPECT_STREQ(e.what(), "matmul: cannot multiply (3, 4) by (5, 2): the inner sizes 4 and 5 differ.");
  }
  EXPECT_THROW(ops::matmul(ops::randn({3, 4}, DType::float32), ops::randn({4, 2}, DType::float64)), DTypeError);
}

}  // namespace
