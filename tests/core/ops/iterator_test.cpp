#include <gtest/gtest.h>

#include "core/ops/math.h"
#include "tests/core/support.h"

using namespace tapescope;
using namespace tapescope::testing;

namespace {

// out = 2 a + b, by a kernel that heeds `scalars`.
void blend(void* out, const void* const* in, unsigned scalars, int64_t n, const double*) {
  const auto* a = static_cast<const float*>(in[0]);
  const auto* b = static_cast<const float*>(in[1]);
  for (int64_t i = 0; i < n; ++i) static_cast<float*>(out)[i] = 2 * a[scalars & 1 ? 0 : i] + b[scalars & 2 ? 0 : i];
}
Tensor run(const Tensor& a, const Tensor& b, const Dims& shape, DType out = DType::float32) {
  Tensor y = Tensor::empty(shape, out);
  const Tensor* in[] = {&a, &b};
  ops::run(blend, DType::float32, y, in);
  return y;
}
// 0, 1, 2, … in this shape.
Tensor count(const Dims& shape, DType dtype = DType::float32) {
  return ops::reshape(ops::arange(0, static_cast<double>(numel(shape)), 1, dtype), shape);
}

TEST(Iterator, BroadcastsEveryWay) {
  const Tensor row = count({3}), column = count({2, 1}), one = count({1}), scalar = count({});
  EXPECT_EQ(values(run(row, column, {2, 3})), (std::vector<double>{0, 2, 4, 1, 3, 5}));
  EXPECT_EQ(values(run(column, row, {2, 3})), (std::vector<double>{0, 1, 2, 2, 3, 4}));
  EXPECT_EQ(values(run(one, row, {3})), (std::vector<double>{0, 1, 2}));
  EXPECT_EQ(values(run(scalar, scalar, {})), (std::vector<double>{0}));
  EXPECT_EQ(values(run(column, scalar, {1, 2, 1})), (std::vector<double>{0, 2}));
}

TEST(Iterator, ReadsAndWritesAnyStrides) {
  const Tensor a = ops::t(count({3, 2})), b = ops::slice(count({2, 6}), 1, 0, 6, 2);
  Tensor y = ops::t(Tensor::empty({3, 2}, DType::float32));
  const Tensor* in[] = {&a, &b};
  ops::run(blend, DType::float32, y, in);
  EXPECT_EQ(values(y), (std::vector<double>{0, 6, 12, 8, 14, 20}));
}

TEST(Iterator, CastsInStripsAroundTheKernel) {
  // Longer than a strip, in dtypes that are not the kernel's, with a stride that is not 1.
  const int64_t n = 1300;
  const Tensor a = ops::slice(count({2 * n}, DType::float64), 0, 0, 2 * n, 2), b = count({n}, DType::int64);
  const Tensor y = run(a, b, {n}, DType::int64);
  for (int64_t i : {int64_t{0}, int64_t{511}, int64_t{512}, n - 1}) EXPECT_EQ(y.data<int64_t>()[i], 5 * i);
  EXPECT_EQ(values(run(vector({0, 1}), vector({0, 0}), {2}, DType::boolean)), (std::vector<double>{0, 1}));
}

TEST(Iterator, NothingIsDoneForNoElements) {
  EXPECT_EQ(run(count({0, 3}), count({3}), {0, 3}).numel(), 0);
  ops::copy_elements(Tensor::empty({0}, DType::float32), count({1}));
}

TEST(Iterator, TheOutputMayBeAnOperand) {
  const Tensor a = count({4});
  const Tensor* in[] = {&a, &a};
  ops::run(blend, DType::float32, a, in);
  EXPECT_EQ(values(a), (std::vector<double>{0, 3, 6, 9}));
}

TEST(Iterator, LargeRegionsAreCutAnywhereAndStayRight) {
  const Tensor a = count({300, 301}), b = ops::t(count({301, 300}));
  const Tensor y = run(a, b, {300, 301});
  for (int64_t i : {0, 7, 299})
    for (int64_t j : {0, 13, 300})
      EXPECT_EQ(y.data<float>()[i * 301 + j], static_cast<float>(2 * (i * 301 + j) + j * 300 + i));
}

TEST(Iterator, ElementsInRowMajorOrder) {
  std::vector<float> seen;
  ops::for_each_element<float>(ops::t(count({2, 2})), [&](const float* p) { seen.push_back(*p); });
  EXPECT_EQ(seen, (std::vector<float>{0, 2, 1, 3}));
}

TEST(Iterator, DataIsCopiedOnlyIfItMust) {
  const Tensor a = count({2, 2});
  EXPECT_TRUE(ops::contiguous_data(a).is_same(a));
  EXPECT_FALSE(ops::contiguous_data(ops::t(a)).is_same(a));
  EXPECT_TRUE(ops::cast_data(a, DType::float32).is_same(a));
  EXPECT_EQ(ops::cast_data(a, DType::int64).dtype(), DType::int64);
}

}  // namespace
