// Element types, by PyTorch's names. The order is that of the promotion categories: bool, integers, floating.
#pragma once

#include <cstdint>
#include <string_view>
#include <type_traits>

#include "core/tensor/error.h"

namespace tapescope {

enum class DType : uint8_t { boolean, int64, float32, float64 };
inline constexpr int kDTypes = 4;

template <class T>
inline constexpr DType dtype_of = DType::float32;
template <>
inline constexpr DType dtype_of<bool> = DType::boolean;
template <>
inline constexpr DType dtype_of<int64_t> = DType::int64;
template <>
inline constexpr DType dtype_of<double> = DType::float64;

constexpr int itemsize(DType t) {
  constexpr int sizes[kDTypes] = {1, 8, 4, 8};
  return sizes[static_cast<int>(t)];
}
constexpr std::string_view name_of(DType t) {
  constexpr std::string_view names[kDTypes] = {"bool", "int64", "float32", "float64"};
  return names[static_cast<int>(t)];
}
constexpr bool is_floating(DType t) {
  return t >= DType::float32;
}

// The wider of two element types, by category first (bool < integer < floating), then by size.
constexpr DType promote(DType a, DType b) {
  return a < b ? b : a;
}

// An element as another type. A floating value that no int64 holds becomes the least one, as on the processor: the
// language leaves it undefined.
template <class To, class From>
constexpr To cast(From v) {
  if constexpr (std::is_same_v<To, bool>)
    return v != From(0);
  else if constexpr (std::is_same_v<To, int64_t> && std::is_floating_point_v<From>)
    return v >= From(-0x1p63) && v < From(0x1p63) ? static_cast<int64_t>(v) : INT64_MIN;
  else
    return static_cast<To>(v);
}

// Calls f with a value of the C++ type that `t` names: visit(t, [&]<class T>(T) { … }).
template <class F>
decltype(auto) visit(DType t, F&& f) {
  switch (t) {
    case DType::boolean:
      return f(bool{});
    case DType::int64:
      return f(int64_t{});
    case DType::float32:
      return f(float{});
    case DType::float64:
      return f(double{});
  }
  throw InternalError("unknown dtype");
}

}  // namespace tapescope
