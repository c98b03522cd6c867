#include "core/tensor/dtype.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace tapescope {
namespace {

using enum DType;

TEST(DType, HasPyTorchsNamesAndSizes) {
  const std::pair<const char*, int> wanted[] = {{"bool", 1},    {"uint8", 1},   {"int8", 1},      {"int16", 2},
                                                {"int32", 4},   {"int64", 8},   {"float16", 2},   {"bfloat16", 2},
                                                {"float32", 4}, {"float64", 8}, {"complex64", 8}, {"complex128", 16}};
  for (int i = 0; i < kDTypes; ++i) {
    const auto t = static_cast<DType>(i);
    EXPECT_EQ(name_of(t), wanted[i].first);
    EXPECT_EQ(itemsize(t), wanted[i].second);
    visit(t, [&]<class T>(T) {
      EXPECT_EQ(dtype_of<T>, t);
      EXPECT_EQ(static_cast<int>(sizeof(T)), itemsize(t));
    });
    visit_bits(t, [&]<class T>(T) { EXPECT_EQ(static_cast<int>(sizeof(T)), itemsize(t)); });
    EXPECT_EQ(is_integral(t) + is_floating(t) + is_complex(t), t != boolean);
  }
}

// All pairs against PyTorch's table: tests/python/test_dtypes.py.
TEST(DType, PromotesByCategoryThenSize) {
  EXPECT_EQ(promote(uint8, int8), int16);
  EXPECT_EQ(promote(int64, float16), float16);
  EXPECT_EQ(promote(bfloat16, float16), float32);
  EXPECT_EQ(promote(float64, complex64), complex128);
  EXPECT_EQ(promote(float16, complex64), complex64);
  for (int i = 0; i < kDTypes; ++i)
    for (int k = 0; k < kDTypes; ++k)
      EXPECT_EQ(promote(static_cast<DType>(i), static_cast<DType>(k)),
                promote(static_cast<DType>(k), static_cast<DType>(i)));
}

TEST(DType, NumbersGiveWayInsideTheirCategory) {
  EXPECT_EQ(with_weak(uint8, int64), uint8);
  EXPECT_EQ(with_weak(float16, float64), float16);
  EXPECT_EQ(with_weak(float64, complex64), complex128);
  EXPECT_EQ(with_weak(int8, float32), float32);
  EXPECT_EQ(with_weak(boolean, int64), int64);
}

TEST(DType, IntegersWrapAndWhatFitsNoneIsTheLeast) {
  EXPECT_EQ((cast<uint8_t, int64_t>(300)), 44);
  EXPECT_EQ((cast<int8_t, int64_t>(200)), -56);
  EXPECT_EQ((cast<uint8_t>(-1.0f)), 255);
  EXPECT_EQ((cast<int16_t>(40000.0f)), -25536);
  EXPECT_EQ((cast<int32_t>(3e9f)), INT32_MIN);
  EXPECT_EQ((cast<int32_t>(-2147483648.0f)), INT32_MIN);
  EXPECT_EQ((cast<int32_t>(2147483647.0)), INT32_MAX);
  EXPECT_EQ((cast<int32_t>(-2147483648.9)), INT32_MIN);
  EXPECT_EQ((cast<int8_t>(1e10)), 0);
  EXPECT_EQ((cast<int64_t>(std::numeric_limits<float>::quiet_NaN())), INT64_MIN);
  EXPECT_EQ((cast<int64_t>(Half(2.5f))), 2);
}

TEST(DType, BoolIsWhetherAnythingIsThere) {
  EXPECT_TRUE(cast<bool>(std::complex<float>(0, 1)));
  EXPECT_FALSE(cast<bool>(std::complex<double>(0, -0.0)));
  EXPECT_TRUE(cast<bool>(Half(std::nanf(""))));
  EXPECT_FALSE(cast<bool>(BFloat16(-0.0f)));
}

TEST(DType, ComplexBecomesRealByItsRealPart) {
  EXPECT_EQ((cast<float>(std::complex<double>(1.5, 2))), 1.5f);
  EXPECT_EQ((cast<int8_t>(std::complex<float>(-3.7f, 2))), -3);
  EXPECT_EQ((cast<std::complex<double>>(Half(0.5f))), std::complex<double>(0.5, 0));
  EXPECT_EQ((cast<std::complex<float>>(std::complex<double>(1, 2))), std::complex<float>(1, 2));
}

TEST(DType, InPlaceNeverGoesDownACategory) {
  EXPECT_TRUE(can_cast(float64, float16));
  EXPECT_TRUE(can_cast(int64, uint8));
  EXPECT_FALSE(can_cast(float16, int64));
  EXPECT_FALSE(can_cast(complex64, float64));
  EXPECT_FALSE(can_cast(uint8, boolean));
  EXPECT_TRUE(can_cast(boolean, complex64));
}

}  // namespace
}  // namespace tapescope
