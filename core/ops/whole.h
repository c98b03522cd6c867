// An int64 element as pointwise ops compute with it: what overflows wraps around, as in NumPy and PyTorch. (Overflow of
// a plain int64_t is undefined.) Floating bounds are cut to the range, so that infinity bounds nothing.
#pragma once

#include <concepts>
#include <cstdint>

namespace tapescope::ops {

struct Whole {
  int64_t v;

  constexpr Whole(std::integral auto x) : v(static_cast<int64_t>(x)) {}
  constexpr Whole(double x)
      : v(x >= 0x1p63    ? INT64_MAX
          : x <= -0x1p63 ? INT64_MIN
          : x != x       ? 0
                         : static_cast<int64_t>(x)) {}

  friend constexpr Whole operator+(Whole a, Whole b) { return bits(a) + bits(b); }
  friend constexpr Whole operator-(Whole a, Whole b) { return bits(a) - bits(b); }
  friend constexpr Whole operator*(Whole a, Whole b) { return bits(a) * bits(b); }
  friend constexpr Whole operator-(Whole a) { return -bits(a); }
  friend constexpr Whole operator&(Whole a, Whole b) { return a.v & b.v; }
  friend constexpr Whole operator|(Whole a, Whole b) { return a.v | b.v; }
  friend constexpr Whole operator^(Whole a, Whole b) { return a.v ^ b.v; }
  friend constexpr Whole operator~(Whole a) { return ~a.v; }
  friend constexpr bool operator==(Whole a, Whole b) = default;
  friend constexpr auto operator<=>(Whole a, Whole b) = default;
  // Against a number of an op's text the comparison is the numbers', not that of what the cast made of it.
  friend constexpr bool operator<(Whole a, double b) { return static_cast<double>(a.v) < b; }
  friend constexpr bool operator>(Whole a, double b) { return static_cast<double>(a.v) > b; }

 private:
  static constexpr uint64_t bits(Whole x) { return static_cast<uint64_t>(x.v); }
};

namespace math {

constexpr Whole abs(Whole x) {
  return x < Whole(0) ? -x : x;
}
constexpr Whole maximum(Whole a, Whole b) {
  return a > b ? a : b;
}
constexpr Whole minimum(Whole a, Whole b) {
  return a < b ? a : b;
}
constexpr Whole where(bool c, Whole a, Whole b) {
  return c ? a : b;
}
constexpr Whole pow(Whole x, Whole e) {
  if (e.v < 0) return x.v == 1 ? 1 : x.v == -1 ? (e.v % 2 ? -1 : 1) : 0;
  Whole base = x, result = 1;
  for (; e.v; e.v >>= 1, base = base * base)
    if (e.v & 1) result = result * base;
  return result;
}
constexpr Whole floor(Whole x) {
  return x;
}
constexpr Whole ceil(Whole x) {
  return x;
}
constexpr Whole trunc(Whole x) {
  return x;
}
// Quotients by zero are refused before they are computed; those by -1 wrap around.
constexpr Whole fmod(Whole a, Whole b) {
  return b.v == 0 || b.v == -1 ? 0 : a.v % b.v;
}
constexpr Whole remainder(Whole a, Whole b) {
  const Whole rest = fmod(a, b);
  return rest.v != 0 && (b.v < 0) != (rest.v < 0) ? rest + b : rest;
}
constexpr Whole floor_divide(Whole a, Whole b) {
  if (b.v == 0 || b.v == -1) return b.v ? -a : 0;
  return a.v / b.v - (a.v % b.v != 0 && (a.v < 0) != (b.v < 0) ? 1 : 0);
}

}  // namespace math
}  // namespace tapescope::ops
