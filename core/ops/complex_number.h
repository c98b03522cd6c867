// A complex element as the texts of ops compute with it: like std::complex, and a plain number of the text takes its
// type. Gradients are those of functions with a complex derivative: grad · conj(slope). Texts say grad · slope, so they
// are run on conj(grad), and what comes out is conjugated.
#pragma once

#include <complex>

#include "core/ops/math.h"

namespace tapescope::ops {

template <class T>
struct ComplexNumber {
  std::complex<T> v;

  constexpr ComplexNumber(std::complex<T> x) : v(x) {}
  constexpr ComplexNumber(double x) : v(static_cast<T>(x)) {}
  constexpr ComplexNumber(One) : v(T(1)) {}

  friend ComplexNumber operator+(ComplexNumber a, ComplexNumber b) { return a.v + b.v; }
  friend ComplexNumber operator-(ComplexNumber a, ComplexNumber b) { return a.v - b.v; }
  // The plain formula: the language's own looks for infinities in every product.
  friend ComplexNumber operator*(ComplexNumber a, ComplexNumber b) {
    const T x = a.v.real(), y = a.v.imag(), s = b.v.real(), t = b.v.imag();
    return std::complex<T>(x * s - y * t, x * t + y * s);
  }
  friend ComplexNumber operator/(ComplexNumber a, ComplexNumber b) { return a.v / b.v; }
  friend ComplexNumber operator-(ComplexNumber a) { return -a.v; }
  friend bool operator==(ComplexNumber a, ComplexNumber b) { return a.v == b.v; }
};

namespace math {

// clang-format off
template <class T> ComplexNumber<T> exp(ComplexNumber<T> x) { return std::exp(x.v); }
template <class T> ComplexNumber<T> log(ComplexNumber<T> x) { return std::log(x.v); }
template <class T> ComplexNumber<T> sqrt(ComplexNumber<T> x) { return std::sqrt(x.v); }
template <class T> ComplexNumber<T> sin(ComplexNumber<T> x) { return std::sin(x.v); }
template <class T> ComplexNumber<T> cos(ComplexNumber<T> x) { return std::cos(x.v); }
template <class T> ComplexNumber<T> tanh(ComplexNumber<T> x) { return std::tanh(x.v); }
template <class T> ComplexNumber<T> conj(ComplexNumber<T> x) { return std::conj(x.v); }
template <class T> ComplexNumber<T> where(bool c, ComplexNumber<T> a, ComplexNumber<T> b) { return c ? a : b; }
// clang-format on
template <class T>
ComplexNumber<T> pow(ComplexNumber<T> x, ComplexNumber<T> e) {
  // log 0 is infinite: what the standard library makes of it differs from one to the next.
  if (e.v == std::complex<T>(0)) return 1.0;
  if (x.v == std::complex<T>(0)) return e.v.real() > 0 ? std::complex<T>(0) : std::pow(x.v, e.v);
  return std::pow(x.v, e.v);
}
template <class T>
ComplexNumber<T> pow(ComplexNumber<T> x, double e) {
  if (e == 2) return x * x;
  if (e == 1) return x;
  if (e == 3) return x * x * x;
  if (e == 0.5) return sqrt(x);
  if (e == -1) return ComplexNumber<T>(1.0) / x;
  return pow(x, ComplexNumber<T>(e));
}

}  // namespace math
}  // namespace tapescope::ops
