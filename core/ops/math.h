// The functions that op texts call, on scalars, symbols and tensors. (On SIMD vectors: backend/cpu/lanes-inl.h.)
#pragma once

#include <cmath>
#include <concepts>
#include <cstdint>
#include <type_traits>

#include "core/ops/division.h"
#include "core/ops/op_struct.h"
#include "core/ops/symbol.h"
#include "core/ops/whole.h"
#include "core/tensor/tensor.h"

namespace tapescope {

// Arithmetic on tensors, recorded like any op: what the create_graph path of a derivative runs on.
Tensor operator+(const Tensor& a, const Tensor& b);
Tensor operator-(const Tensor& a, const Tensor& b);
Tensor operator*(const Tensor& a, const Tensor& b);
Tensor operator/(const Tensor& a, const Tensor& b);
Tensor operator-(const Tensor& a);
Tensor operator+(const Tensor& a, double b);
Tensor operator+(double a, const Tensor& b);
Tensor operator-(const Tensor& a, double b);
Tensor operator-(double a, const Tensor& b);
Tensor operator*(const Tensor& a, double b);
Tensor operator*(double a, const Tensor& b);
Tensor operator/(const Tensor& a, double b);
Tensor operator/(double a, const Tensor& b);
Tensor operator>(const Tensor& a, const Tensor& b);
Tensor operator<(const Tensor& a, const Tensor& b);
Tensor operator==(const Tensor& a, const Tensor& b);
Tensor operator>(const Tensor& a, double b);
Tensor operator<(const Tensor& a, double b);
Tensor operator>=(const Tensor& a, double b);
Tensor operator<=(const Tensor& a, double b);
Tensor operator==(const Tensor& a, double b);
Tensor operator&(const Tensor& a, const Tensor& b);

namespace ops {

template <>
inline constexpr bool is_symbol<Sym> = true;

inline Tensor operator*(const Tensor& g, One) {
  return g;
}
inline Sym operator*(Sym g, One) {
  return g;
}

namespace math {

template <class T>
concept Scalar = std::is_arithmetic_v<T>;

// clang-format off
template <Scalar T> constexpr T abs(T x) { return x < 0 ? static_cast<T>(-x) : x; }
template <Scalar T> auto exp(T x) { return std::exp(x); }
template <Scalar T> auto log(T x) { return std::log(x); }
template <Scalar T> auto sqrt(T x) { return std::sqrt(x); }
template <Scalar T> auto sin(T x) { return std::sin(x); }
template <Scalar T> auto cos(T x) { return std::cos(x); }
template <Scalar T> auto tanh(T x) { return std::tanh(x); }
template <Scalar T> constexpr T maximum(T a, T b) { return a != a ? a : b != b ? b : a > b ? a : b; }
template <Scalar T> constexpr T minimum(T a, T b) { return a != a ? a : b != b ? b : a < b ? a : b; }
template <Scalar A, Scalar B> auto where(bool c, A a, B b) { return c ? std::common_type_t<A, B>(a) : std::common_type_t<A, B>(b); }
template <std::floating_point T> T floor(T x) { return std::floor(x); }
template <std::floating_point T> T ceil(T x) { return std::ceil(x); }
template <std::floating_point T> T trunc(T x) { return std::trunc(x); }
template <std::floating_point T> T fmod(T a, T b) { return std::fmod(a, b); }
double pow(double x, double e);

inline Sym abs(const Sym& x) { return call("abs", x); }
inline Sym exp(const Sym& x) { return call("exp", x); }
inline Sym log(const Sym& x) { return call("log", x); }
inline Sym sqrt(const Sym& x) { return call("sqrt", x); }
inline Sym sin(const Sym& x) { return call("sin", x); }
inline Sym cos(const Sym& x) { return call("cos", x); }
inline Sym tanh(const Sym& x) { return call("tanh", x); }
inline Sym trunc(const Sym& x) { return call("trunc", x); }
inline Sym floor_divide(const Sym& a, const Sym& b) { return call("floor_divide", a, b); }
inline Sym maximum(const Sym& a, const Sym& b) { return call("maximum", a, b); }
inline Sym minimum(const Sym& a, const Sym& b) { return call("minimum", a, b); }
inline Sym where(const Sym& c, const Sym& a, const Sym& b) { return call("where", c, a, b); }
Sym pow(const Sym& x, const Sym& e);
// clang-format on

Tensor abs(const Tensor& x);
Tensor exp(const Tensor& x);
Tensor log(const Tensor& x);
Tensor sqrt(const Tensor& x);
Tensor sin(const Tensor& x);
Tensor cos(const Tensor& x);
Tensor tanh(const Tensor& x);
Tensor trunc(const Tensor& x);
Tensor floor_divide(const Tensor& a, const Tensor& b);  // a constant: its slope is 0
Tensor maximum(const Tensor& a, const Tensor& b);
Tensor minimum(const Tensor& a, const Tensor& b);
Tensor pow(const Tensor& x, double e);
Tensor pow(const Tensor& x, const Tensor& e);
Tensor where(const Tensor& c, const Tensor& a, const Tensor& b);
Tensor where(const Tensor& c, const Tensor& a, double b);
Tensor where(const Tensor& c, double a, const Tensor& b);
Tensor where(const Tensor& c, double a, double b);

}  // namespace math
}  // namespace ops
}  // namespace tapescope
