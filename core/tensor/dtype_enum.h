// Element types, by PyTorch's names. The order is that of the promotion categories: bool, integers, floating, complex;
// inside a category, by size. By itself, for what the CUDA compiler reads.
#pragma once

#include <cstdint>

namespace tapescope {

enum class DType : uint8_t {
  boolean,
  uint8,
  int8,
  int16,
  int32,
  int64,
  float16,
  bfloat16,
  float32,
  float64,
  complex64,
  complex128
};
inline constexpr int kDTypes = 12;

}  // namespace tapescope
