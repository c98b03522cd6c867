#include <gtest/gtest.h>

#include "tests/core/support.h"

using namespace tapescope;
using tapescope::testing::values;

namespace {

Tensor grid(bool grad = false) {
  Tensor t = ops::reshape(ops::arange(0, 12, 1, DType::float32), {3, 4});
  Tensor out = ops::clone(t);
  out.impl()->requires_grad_flag = grad;
  return out;
}

TEST(View, SharesMemoryWhereItCan) {
  const Tensor a = grid();
  EXPECT_EQ(ops::reshape(a, {2, 6}).impl()->storage, a.impl()->storage);
  EXPECT_NE(ops::reshape(ops::t(a), {12}).impl()->storage, a.impl()->storage);
  EXPECT_EQ(ops::view(ops::slice(a, 0, 0, 3, 2), {2, 2, 2}).shape(), (Dims{2, 2, 2}));
  EXPECT_THROW(ops::view(ops::t(a), {12}), ShapeError);
  EXPECT_THROW(ops::view(a, {5, -1}), ShapeError);
  EXPECT_THROW(ops::view(a, {-1, -1}), ShapeError);
}

TEST(View, SizesAndStridesThatWrapAroundAreRefused) {
  const Tensor a = grid();
  const int64_t big = int64_t{1} << 62, half = int64_t{1} << 32;
  EXPECT_THROW(ops::view(a, {half, half, 12}), ShapeError);  // 12 in 64 bits
  EXPECT_THROW(ops::reshape(a, {half, half, -1}), ShapeError);
  EXPECT_THROW(ops::as_strided(a, {5}, {big}, 0), ValueError);  // 4 · 2^62 is 0 in 64 bits
  EXPECT_THROW(ops::as_strided(a, {half + 1, 1}, {half, 1}, 0), ValueError);
  EXPECT_THROW(ops::as_strided(a, {1}, {1}, big), ValueError);
  EXPECT_THROW(ops::as_strided(a, Dims(64, big), Dims(64, big), 0), ValueError);
  EXPECT_THROW(ops::as_strided(a, {0}, {1}, big), ValueError);
  EXPECT_THROW(ops::as_strided(a, {1}, {1}, -1), ValueError);
  EXPECT_THROW(ops::expand(ops::select(ops::select(a, 0, 0), 0, 0), {half, half}), ShapeError);
}

TEST(View, AsStridedEndsWhereTheStorageDoes) {
  const Tensor a = grid();
  EXPECT_EQ(values(ops::as_strided(a, {2}, {11}, 0)), (std::vector<double>{0, 11}));
  EXPECT_THROW(ops::as_strided(a, {2}, {12}, 0), ValueError);
  EXPECT_THROW(ops::as_strided(a, {1}, {1}, 12), ValueError);
  EXPECT_EQ(ops::as_strided(a, {0}, {1}, 12).numel(), 0);
}

TEST(View, SlicesOfAnyStartEndAndStep) {
  const Tensor a = ops::arange(0, 5, 1, DType::float32);
  EXPECT_EQ(values(ops::slice(a, 0, INT64_MIN, INT64_MAX, 2)), (std::vector<double>{0, 2, 4}));
  EXPECT_EQ(values(ops::slice(a, 0, 1, 5, INT64_MAX)), (std::vector<double>{1}));
  EXPECT_EQ(values(ops::slice(a, 0, -2, INT64_MAX, 1)), (std::vector<double>{3, 4}));
  EXPECT_EQ(ops::slice(a, 0, 4, 2, 1).numel(), 0);
  EXPECT_EQ(ops::slice(ops::slice(a, 0, 2, 2, 1), 0, 0, 9, INT64_MAX).numel(), 0);
  EXPECT_THROW(ops::slice(a, 0, 0, 5, 0), ValueError);
}

TEST(View, NarrowTakesWhatIsThere) {
  const Tensor a = ops::arange(0, 5, 1, DType::float32);
  EXPECT_EQ(values(ops::narrow(a, 0, 1, 2)), (std::vector<double>{1, 2}));
  EXPECT_EQ(values(ops::narrow(a, -1, -1, 1)), (std::vector<double>{4}));
  EXPECT_EQ(ops::narrow(a, 0, 5, 0).numel(), 0);
  EXPECT_THROW(ops::narrow(a, 0, 3, 3), IndexError);
  EXPECT_THROW(ops::narrow(a, 0, 1, INT64_MAX), IndexError);
  EXPECT_THROW(ops::narrow(a, 0, INT64_MIN, 1), IndexError);
  EXPECT_THROW(ops::narrow(a, 0, 0, -1), ValueError);
}

TEST(View, AnEmptyShapeOfHugeSizesIsRefused) {
  const int64_t big = int64_t{1} << 40;
  EXPECT_THROW(Tensor::empty({0, big, big}, DType::float32), ShapeError);
  EXPECT_EQ(Tensor::empty({0, big}, DType::float32).numel(), 0);
}

}  // namespace
