// Thread<T>: the one element of a CUDA thread, so that the text of an op runs there. Like Lane<T>, it takes up the
// plain numbers of a text: a float stays a float.
//
// Compiled by nvcc; with TAPESCOPE_THREADS_ON_CPU also by the host's compiler, for the tests.
#pragma once

#include <cmath>
#include <type_traits>

#include "core/backend/targets.h"
#include "core/ops/complex_number.h"
#include "core/ops/division.h"
#include "core/ops/op_struct.h"
#include "core/ops/pull-inl.h"
#include "core/ops/whole.h"

namespace tapescope::ops::HWY_NAMESPACE {

template <class T>
struct ThreadMask {
  bool m;
  friend constexpr ThreadMask operator&(ThreadMask a, ThreadMask b) { return {a.m && b.m}; }
};

template <class T>
struct Thread {
  T v;

  template <class N>
  requires std::is_arithmetic_v<N>
  constexpr Thread(N x) : v(static_cast<T>(x)) {}
  constexpr Thread(One) : v(1) {}

  friend constexpr Thread operator+(Thread a, Thread b) { return a.v + b.v; }
  friend constexpr Thread operator-(Thread a, Thread b) { return a.v - b.v; }
  friend constexpr Thread operator*(Thread a, Thread b) { return a.v * b.v; }
  friend constexpr Thread operator/(Thread a, Thread b) { return a.v / b.v; }
  friend constexpr Thread operator-(Thread a) { return -a.v; }
  friend constexpr ThreadMask<T> operator>(Thread a, Thread b) { return {a.v > b.v}; }
  friend constexpr ThreadMask<T> operator<(Thread a, Thread b) { return {a.v < b.v}; }
  friend constexpr ThreadMask<T> operator>=(Thread a, Thread b) { return {a.v >= b.v}; }
  friend constexpr ThreadMask<T> operator<=(Thread a, Thread b) { return {a.v <= b.v}; }
  friend constexpr ThreadMask<T> operator==(Thread a, Thread b) { return {a.v == b.v}; }
  friend constexpr ThreadMask<T> operator!=(Thread a, Thread b) { return {a.v != b.v}; }
};

namespace math {

using ops::math::abs, ops::math::ceil, ops::math::cos, ops::math::exp, ops::math::floor, ops::math::floor_divide,
    ops::math::fmod, ops::math::log, ops::math::maximum, ops::math::minimum, ops::math::pow, ops::math::remainder,
    ops::math::sin, ops::math::sqrt, ops::math::tanh, ops::math::trunc, ops::math::where;

// clang-format off
template <class T> TAPESCOPE_ANYWHERE Thread<T> abs(Thread<T> x) { return std::fabs(x.v); }
template <class T> TAPESCOPE_ANYWHERE Thread<T> sqrt(Thread<T> x) { return std::sqrt(x.v); }
template <class T> TAPESCOPE_ANYWHERE Thread<T> exp(Thread<T> x) { return std::exp(x.v); }
template <class T> TAPESCOPE_ANYWHERE Thread<T> log(Thread<T> x) { return std::log(x.v); }
template <class T> TAPESCOPE_ANYWHERE Thread<T> sin(Thread<T> x) { return std::sin(x.v); }
template <class T> TAPESCOPE_ANYWHERE Thread<T> cos(Thread<T> x) { return std::cos(x.v); }
template <class T> TAPESCOPE_ANYWHERE Thread<T> tanh(Thread<T> x) { return std::tanh(x.v); }
template <class T> TAPESCOPE_ANYWHERE Thread<T> floor(Thread<T> x) { return std::floor(x.v); }
template <class T> TAPESCOPE_ANYWHERE Thread<T> ceil(Thread<T> x) { return std::ceil(x.v); }
template <class T> TAPESCOPE_ANYWHERE Thread<T> trunc(Thread<T> x) { return std::trunc(x.v); }
template <class T> TAPESCOPE_ANYWHERE Thread<T> fmod(Thread<T> a, Thread<T> b) { return std::fmod(a.v, b.v); }
template <class T> TAPESCOPE_ANYWHERE Thread<T> remainder(Thread<T> a, Thread<T> b) { return ops::math::remainder(a.v, b.v); }
template <class T> TAPESCOPE_ANYWHERE Thread<T> floor_divide(Thread<T> a, Thread<T> b) { return ops::math::floor_divide(a.v, b.v); }
// clang-format on
template <class T>
constexpr Thread<T> where(ThreadMask<T> c, std::type_identity_t<Thread<T>> a, std::type_identity_t<Thread<T>> b) {
  return c.m ? a : b;
}
template <class T>
constexpr Thread<T> maximum(Thread<T> a, std::type_identity_t<Thread<T>> b) {
  return where(a == a, where(b == b, where(a > b, a, b), b), a);
}
template <class T>
constexpr Thread<T> minimum(Thread<T> a, std::type_identity_t<Thread<T>> b) {
  return where(a == a, where(b == b, where(a < b, a, b), b), a);
}
template <class T>
TAPESCOPE_ANYWHERE Thread<T> pow(Thread<T> x, Thread<T> e) {
  return std::pow(x.v, e.v);
}
template <class T>
TAPESCOPE_ANYWHERE Thread<T> pow(Thread<T> x, double e) {
  if (e == 2) return x * x;
  if (e == 1) return x;
  if (e == 0) return 1;
  if (e == 3) return x * x * x;
  if (e == 0.5) return sqrt(x);
  if (e == -1) return 1 / x;
  return std::pow(static_cast<double>(x.v), e);
}

}  // namespace math
}  // namespace tapescope::ops::HWY_NAMESPACE
