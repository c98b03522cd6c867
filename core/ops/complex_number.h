// A complex element as the texts of ops compute with it: like std::complex, and a plain number of the text takes its
// type. Gradients are those of functions with a complex derivative: grad · conj(slope). Texts say grad · slope, so they
// are run on conj(grad), and what comes out is conjugated.
#pragma once

#ifdef __CUDACC__
#include <cuda/std/complex>
#else
#include <complex>
#endif

#include "core/ops/op_struct.h"

namespace tapescope::ops {

// Laid out alike; the standard's is not for CUDA threads.
#ifdef __CUDACC__
namespace library = ::cuda::std;
#else
namespace library = std;
#endif
template <class T>
using Complex = library::complex<T>;

template <class T>
struct ComplexNumber {
  Complex<T> v;

  TAPESCOPE_ANYWHERE constexpr ComplexNumber(Complex<T> x) : v(x) {}
  TAPESCOPE_ANYWHERE constexpr ComplexNumber(double x) : v(static_cast<T>(x)) {}
  TAPESCOPE_ANYWHERE constexpr ComplexNumber(One) : v(T(1)) {}

  TAPESCOPE_ANYWHERE friend ComplexNumber operator+(ComplexNumber a, ComplexNumber b) { return a.v + b.v; }
  TAPESCOPE_ANYWHERE friend ComplexNumber operator-(ComplexNumber a, ComplexNumber b) { return a.v - b.v; }
  // The plain formula: the language's own looks for infinities in every product.
  TAPESCOPE_ANYWHERE friend ComplexNumber operator*(ComplexNumber a, ComplexNumber b) {
    const T x = a.v.real(), y = a.v.imag(), s = b.v.real(), t = b.v.imag();
    return Complex<T>(x * s - y * t, x * t + y * s);
  }
  TAPESCOPE_ANYWHERE friend ComplexNumber operator/(ComplexNumber a, ComplexNumber b) { return a.v / b.v; }
  TAPESCOPE_ANYWHERE friend ComplexNumber operator-(ComplexNumber a) { return -a.v; }
  TAPESCOPE_ANYWHERE friend bool operator==(ComplexNumber a, ComplexNumber b) { return a.v == b.v; }
};

namespace math {

// clang-format off
template <class T> TAPESCOPE_ANYWHERE ComplexNumber<T> exp(ComplexNumber<T> x) { return library::exp(x.v); }
template <class T> TAPESCOPE_ANYWHERE ComplexNumber<T> log(ComplexNumber<T> x) { return library::log(x.v); }
template <class T> TAPESCOPE_ANYWHERE ComplexNumber<T> sqrt(ComplexNumber<T> x) { return library::sqrt(x.v); }
template <class T> TAPESCOPE_ANYWHERE ComplexNumber<T> sin(ComplexNumber<T> x) { return library::sin(x.v); }
template <class T> TAPESCOPE_ANYWHERE ComplexNumber<T> cos(ComplexNumber<T> x) { return library::cos(x.v); }
template <class T> TAPESCOPE_ANYWHERE ComplexNumber<T> tanh(ComplexNumber<T> x) { return library::tanh(x.v); }
template <class T> TAPESCOPE_ANYWHERE ComplexNumber<T> conj(ComplexNumber<T> x) { return library::conj(x.v); }
template <class T> TAPESCOPE_ANYWHERE ComplexNumber<T> where(bool c, ComplexNumber<T> a, ComplexNumber<T> b) { return c ? a : b; }
// clang-format on
template <class T>
TAPESCOPE_ANYWHERE ComplexNumber<T> pow(ComplexNumber<T> x, ComplexNumber<T> e) {
  // log 0 is infinite: what the standard library makes of it differs from one to the next.
  if (e.v == Complex<T>(0)) return 1.0;
  if (x.v == Complex<T>(0)) return e.v.real() > 0 ? Complex<T>(0) : library::pow(x.v, e.v);
  return library::pow(x.v, e.v);
}
template <class T>
TAPESCOPE_ANYWHERE ComplexNumber<T> pow(ComplexNumber<T> x, double e) {
  if (e == 2) return x * x;
  if (e == 1) return x;
  if (e == 3) return x * x * x;
  if (e == 0.5) return sqrt(x);
  if (e == -1) return ComplexNumber<T>(1.0) / x;
  return pow(x, ComplexNumber<T>(e));
}

}  // namespace math
}  // namespace tapescope::ops
