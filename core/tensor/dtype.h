// What is known of element types.
#pragma once

#include <algorithm>
#include <complex>
#include <cstdint>
#include <string_view>
#include <type_traits>

#include "core/tensor/dtype_enum.h"
#include "core/tensor/error.h"
#include "core/tensor/half.h"

namespace tapescope {

template <class T>
inline constexpr DType dtype_of = DType::float32;
template <>
inline constexpr DType dtype_of<bool> = DType::boolean;
template <>
inline constexpr DType dtype_of<uint8_t> = DType::uint8;
template <>
inline constexpr DType dtype_of<int8_t> = DType::int8;
template <>
inline constexpr DType dtype_of<int16_t> = DType::int16;
template <>
inline constexpr DType dtype_of<int32_t> = DType::int32;
template <>
inline constexpr DType dtype_of<int64_t> = DType::int64;
template <>
inline constexpr DType dtype_of<Half> = DType::float16;
template <>
inline constexpr DType dtype_of<BFloat16> = DType::bfloat16;
template <>
inline constexpr DType dtype_of<double> = DType::float64;
template <>
inline constexpr DType dtype_of<std::complex<float>> = DType::complex64;
template <>
inline constexpr DType dtype_of<std::complex<double>> = DType::complex128;

template <class T>
inline constexpr bool is_complex_type = false;
template <class T>
inline constexpr bool is_complex_type<std::complex<T>> = true;

constexpr int itemsize(DType t) {
  constexpr int sizes[kDTypes] = {1, 1, 1, 2, 4, 8, 2, 2, 4, 8, 8, 16};
  return sizes[static_cast<int>(t)];
}
constexpr std::string_view name_of(DType t) {
  constexpr std::string_view names[kDTypes] = {"bool",    "uint8",    "int8",    "int16",   "int32",     "int64",
                                               "float16", "bfloat16", "float32", "float64", "complex64", "complex128"};
  return names[static_cast<int>(t)];
}
constexpr bool is_complex(DType t) {
  return t >= DType::complex64;
}
constexpr bool is_floating(DType t) {
  return t >= DType::float16 && !is_complex(t);
}
// bool is none of them.
constexpr bool is_integral(DType t) {
  return t > DType::boolean && t <= DType::int64;
}
constexpr bool is_half(DType t) {
  return t == DType::float16 || t == DType::bfloat16;
}
constexpr bool is_signed(DType t) {
  return t > DType::uint8;
}
// Whether tensors of it may have gradients.
constexpr bool is_differentiable(DType t) {
  return t >= DType::float16;
}

// The complex type whose parts hold a real one's values, and the type of a complex one's parts. PyTorch pairs float16
// with complex32, which is not here.
constexpr DType to_complex(DType t) {
  return is_complex(t) ? t : t == DType::float64 ? DType::complex128 : DType::complex64;
}
constexpr DType to_real(DType t) {
  return t == DType::complex64 ? DType::float32 : t == DType::complex128 ? DType::float64 : t;
}

// What ops compute in: the 16-bit floats in float32, small integers in int64, whose low bits are those of the wrapped
// result. The iterator casts strips on the way in and out.
constexpr DType compute_type(DType t) {
  return is_half(t) ? DType::float32 : is_integral(t) ? DType::int64 : t;
}

// The type that holds both: the higher category, then the larger. Two types of one size that do not hold each other
// (int8 and uint8, float16 and bfloat16) give the next larger.
constexpr DType promote(DType a, DType b) {
  const DType low = std::min(a, b), high = std::max(a, b);
  if (low == DType::uint8 && high == DType::int8) return DType::int16;
  if (low == DType::float16 && high == DType::bfloat16) return DType::float32;
  if (low == DType::float64 && high == DType::complex64) return DType::complex128;
  return high;
}

// The type of a tensor with dimensions and a number, which gives way to it inside a category.
constexpr DType with_weak(DType tensor, DType number) {
  const auto category = [](DType t) { return is_complex(t) ? 3 : is_floating(t) ? 2 : t == DType::boolean ? 0 : 1; };
  if (category(number) <= category(tensor)) return tensor;
  return is_complex(number) && is_floating(tensor) ? to_complex(tensor) : number;
}

// Whether PyTorch casts silently: never down a category.
constexpr bool can_cast(DType from, DType to) {
  if (is_complex(from) && !is_complex(to)) return false;
  if (is_differentiable(from) && !is_differentiable(to)) return false;
  return from == DType::boolean || to != DType::boolean;
}

// What floating numbers become that come without a type: Python's, and quotients of integers.
inline DType default_dtype = DType::float32;

// An element as another type. What does not fit an integer type is undefined in the language; here as in PyTorch on an
// x86 processor: it becomes the least int32 or int64, cut to the type's size. Complex numbers lose their imaginary
// part.
template <class To, class From>
constexpr To cast(From v) {
  if constexpr (std::is_same_v<To, From>)
    return v;
  else if constexpr (std::is_same_v<To, bool>)
    return v != From(0);
  else if constexpr (is_complex_type<To> && is_complex_type<From>)
    return To(v);
  else if constexpr (is_complex_type<To>)
    return To(static_cast<typename To::value_type>(v));
  else if constexpr (is_complex_type<From>)
    return cast<To>(v.real());
  else if constexpr (std::is_same_v<From, Half> || std::is_same_v<From, BFloat16>)
    return cast<To>(static_cast<float>(v));
  else if constexpr (std::is_same_v<To, int64_t> && std::is_floating_point_v<From>)
    return v >= From(-0x1p63) && v < From(0x1p63) ? static_cast<int64_t>(v) : INT64_MIN;
  else if constexpr (std::is_integral_v<To> && std::is_floating_point_v<From>)
    return static_cast<To>(v > From(-0x1p31) - From(1) && v < From(0x1p31) ? static_cast<int32_t>(v) : INT32_MIN);
  else
    return static_cast<To>(v);
}

[[noreturn]] inline void no_such_dtype() {
  throw InternalError("a loop was asked for a dtype that it is not made for");
}

// Calls f with a value of the C++ type that `t` names: visit(t, [&]<class T>(T) { … }). The narrower forms are for what
// has no meaning elsewhere; the caller has refused those types with words of its own.
template <class F>
decltype(auto) visit_floating(DType t, F&& f) {
  switch (t) {
    case DType::float16:
      return f(Half{});
    case DType::bfloat16:
      return f(BFloat16{});
    case DType::float32:
      return f(float{});
    case DType::float64:
      return f(double{});
    default:
      no_such_dtype();
  }
}

// bool, integers and floating.
template <class F>
decltype(auto) visit_real(DType t, F&& f) {
  switch (t) {
    case DType::boolean:
      return f(bool{});
    case DType::uint8:
      return f(uint8_t{});
    case DType::int8:
      return f(int8_t{});
    case DType::int16:
      return f(int16_t{});
    case DType::int32:
      return f(int32_t{});
    case DType::int64:
      return f(int64_t{});
    default:
      return visit_floating(t, std::forward<F>(f));
  }
}

template <class F>
decltype(auto) visit_complex(DType t, F&& f) {
  switch (t) {
    case DType::complex64:
      return f(std::complex<float>{});
    case DType::complex128:
      return f(std::complex<double>{});
    default:
      no_such_dtype();
  }
}

template <class F>
decltype(auto) visit(DType t, F&& f) {
  return is_complex(t) ? visit_complex(t, std::forward<F>(f)) : visit_real(t, std::forward<F>(f));
}

// The types that compute_type gives, without the complex ones.
template <class F>
decltype(auto) visit_compute(DType t, F&& f) {
  switch (t) {
    case DType::boolean:
      return f(bool{});
    case DType::int64:
      return f(int64_t{});
    case DType::float32:
      return f(float{});
    case DType::float64:
      return f(double{});
    default:
      no_such_dtype();
  }
}

// An element of 16 bytes, for what only moves.
struct Bits128 {
  uint64_t low, high;
};

// By size alone: what only moves elements need not know what they mean.
template <class F>
decltype(auto) visit_bits(DType t, F&& f) {
  switch (itemsize(t)) {
    case 1:
      return f(uint8_t{});
    case 2:
      return f(uint16_t{});
    case 4:
      return f(uint32_t{});
    case 8:
      return f(uint64_t{});
    default:
      return f(Bits128{});
  }
}

}  // namespace tapescope
