#include "core/tensor/half.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace tapescope {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

// The value of a binary16 by its definition: sign, 5 bits of exponent, 10 of mantissa.
double value_of(int bits) {
  const int exponent = bits >> 10 & 31, mantissa = bits & 1023;
  const double magnitude = exponent == 0    ? std::ldexp(mantissa, -24)
                           : exponent == 31 ? (mantissa ? std::nan("") : HUGE_VAL)
                                            : std::ldexp(1024 + mantissa, exponent - 25);
  return bits & 0x8000 ? -magnitude : magnitude;
}

TEST(Half, EachOfThemIsItsValueAndComesBack) {
  for (int bits = 0; bits < 0x10000; ++bits) {
    const float v = Half::from_bits(static_cast<uint16_t>(bits));
    const double wanted = value_of(bits);
    if (std::isnan(wanted)) {
      ASSERT_TRUE(std::isnan(v)) << bits;
      ASSERT_TRUE(std::isnan(float(Half(v)))) << bits;
      continue;
    }
    ASSERT_EQ(v, wanted) << bits;
    ASSERT_EQ(Half(v).bits, bits);
    ASSERT_EQ(std::signbit(v), std::signbit(wanted));
  }
}

// Between two neighbours: the middle goes to the even one, and one place more or less decides.
TEST(Half, RoundsToTheNearestTiesToEven) {
  for (int bits = 0; bits < 0x7bff; ++bits) {
    const double low = value_of(bits), high = value_of(bits + 1), middle = (low + high) / 2;
    const auto m = static_cast<float>(middle);
    ASSERT_EQ(static_cast<double>(m), middle);
    ASSERT_EQ(Half(m).bits, bits + (bits & 1)) << bits;
    ASSERT_EQ(Half(std::nextafter(m, 0.0f)).bits, bits);
    ASSERT_EQ(Half(std::nextafter(m, kInfinity)).bits, bits + 1);
    ASSERT_EQ(Half(-m).bits, (bits + (bits & 1)) | 0x8000);
  }
}

TEST(Half, BeyondTheLargestIsInfinity) {
  EXPECT_EQ(Half(65504.0f).bits, 0x7bff);
  EXPECT_EQ(Half(std::nextafter(65520.0f, 0.0f)).bits, 0x7bff);
  EXPECT_EQ(Half(65520.0f).bits, 0x7c00);
  EXPECT_EQ(Half(1e30f).bits, 0x7c00);
  EXPECT_EQ(Half(-kInfinity).bits, 0xfc00);
  EXPECT_EQ(Half(0x1p-25f).bits, 0);  // half of the least subnormal: even is 0
  EXPECT_EQ(Half(-0.0f).bits, 0x8000);
}

TEST(BFloat16, IsTheUpperHalfOfAFloatRounded) {
  for (int bits = 0; bits < 0x7f80; ++bits) {
    const auto b = BFloat16::from_bits(static_cast<uint16_t>(bits));
    ASSERT_EQ(BFloat16(float(b)).bits, bits);
    const float middle = std::bit_cast<float>(static_cast<uint32_t>(bits) << 16 | 0x8000u);
    ASSERT_EQ(BFloat16(middle).bits, bits + (bits & 1));
    ASSERT_EQ(BFloat16(std::nextafter(middle, 0.0f)).bits, bits);
    ASSERT_EQ(BFloat16(std::nextafter(middle, kInfinity)).bits, bits + 1);
  }
  EXPECT_EQ(BFloat16(kInfinity).bits, 0x7f80);
  EXPECT_TRUE(std::isnan(float(BFloat16(std::nanf("")))));
  EXPECT_EQ(BFloat16(std::numeric_limits<float>::max()).bits, 0x7f80);
}

}  // namespace
}  // namespace tapescope
