// The two 16-bit floating types: IEEE 754's binary16, and bfloat16, the upper half of a float. Stored only: arithmetic
// happens in float, and the result is rounded once, to nearest, ties to even. (The compilers' own types are not to be
// had on every processor that this is built for.)
#pragma once

#include <bit>
#include <concepts>
#include <cstdint>

namespace tapescope {

template <class T>
concept Number = std::integral<T> || std::floating_point<T>;

struct Half {
  uint16_t bits = 0;

  constexpr Half() = default;
  constexpr explicit Half(Number auto v) : bits(round(static_cast<float>(v))) {}
  static constexpr Half from_bits(uint16_t b) {
    Half h;
    h.bits = b;
    return h;
  }

  constexpr operator float() const {
    const uint32_t sign = static_cast<uint32_t>(bits & 0x8000u) << 16, rest = static_cast<uint32_t>(bits & 0x7fffu);
    if (rest >= 0x7c00) return std::bit_cast<float>(sign | 0x7f800000u | (rest & 0x3ffu) << 13);  // infinity, NaN
    if (rest >= 0x0400) return std::bit_cast<float>(sign | ((rest << 13) + (112u << 23)));
    // Subnormal: the mantissa in units of 2^-24.
    const float magnitude = static_cast<float>(rest) * 0x1p-24f;
    return std::bit_cast<float>(sign | std::bit_cast<uint32_t>(magnitude));
  }

 private:
  static constexpr uint16_t round(float v) {
    const uint32_t x = std::bit_cast<uint32_t>(v), sign = x >> 16 & 0x8000u, rest = x & 0x7fffffffu;
    uint32_t out;
    if (rest > 0x7f800000u)
      out = 0x7e00;  // NaN
    else if (rest >= 0x47800000u)
      out = 0x7c00;  // 2^16 and more
    else if (rest >= 0x38800000u)
      out = (rest - (112u << 23) + 0xfffu + (rest >> 13 & 1)) >> 13;  // what rounds up past 65504 is infinity
    else
      // Adding 0.5 leaves the units of 2^-24 in the last places of the sum, rounded by the addition.
      out = std::bit_cast<uint32_t>(std::bit_cast<float>(rest) + 0.5f) - std::bit_cast<uint32_t>(0.5f);
    return static_cast<uint16_t>(sign | out);
  }
};

struct BFloat16 {
  uint16_t bits = 0;

  constexpr BFloat16() = default;
  constexpr explicit BFloat16(Number auto v) : bits(round(static_cast<float>(v))) {}
  static constexpr BFloat16 from_bits(uint16_t b) {
    BFloat16 h;
    h.bits = b;
    return h;
  }

  constexpr operator float() const { return std::bit_cast<float>(static_cast<uint32_t>(bits) << 16); }

 private:
  static constexpr uint16_t round(float v) {
    const uint32_t x = std::bit_cast<uint32_t>(v);
    if ((x & 0x7fffffffu) > 0x7f800000u) return 0x7fc0;  // NaN
    return static_cast<uint16_t>((x + 0x7fffu + (x >> 16 & 1)) >> 16);
  }
};

static_assert(sizeof(Half) == 2 && sizeof(BFloat16) == 2);

}  // namespace tapescope
