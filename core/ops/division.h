// Division that rounds, of floats: in vector loops element by element, and in CUDA threads.
#pragma once

#include <cmath>
#include <concepts>

#include "core/ops/op_struct.h"

namespace tapescope::ops::math {

// What is left of a / b rounded down: of b's sign.
template <std::floating_point T>
TAPESCOPE_ANYWHERE T remainder(T a, T b) {
  const T rest = std::fmod(a, b);
  return rest != 0 && (b < 0) != (rest < 0) ? rest + b : rest;
}
// a / b rounded down; whole even where the quotient is not exact.
template <std::floating_point T>
TAPESCOPE_ANYWHERE T floor_divide(T a, T b) {
  if (b == 0) return a / b;
  const T rest = std::fmod(a, b);
  const T quotient = (a - rest) / b - (rest != 0 && (b < 0) != (rest < 0) ? 1 : 0);
  if (quotient == 0) return std::copysign(T(0), a / b);
  const T whole = std::floor(quotient);
  return quotient - whole > T(0.5) ? whole + 1 : whole;
}

}  // namespace tapescope::ops::math
