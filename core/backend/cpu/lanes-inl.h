// Lane<T>: a SIMD vector of the current target that reads like a number, so that the text of an op runs on it.
// Included once a target (see Highway's foreach_target.h).
#if defined(TAPESCOPE_LANES_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef TAPESCOPE_LANES_INL
#undef TAPESCOPE_LANES_INL
#else
#define TAPESCOPE_LANES_INL
#endif

#include <hwy/contrib/math/math-inl.h>
#include <hwy/highway.h>

#include <cmath>
#include <limits>

#include "core/ops/complex_number.h"
#include "core/ops/math.h"
#include "core/ops/op_struct.h"
#include "core/ops/pull-inl.h"

HWY_BEFORE_NAMESPACE();
namespace tapescope::ops::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

template <class T>
using Tag = hn::ScalableTag<T>;
template <class T>
using Vec = hn::Vec<Tag<T>>;

template <class T>
struct MaskLane {
  hn::Mask<Tag<T>> m;
};

template <class T>
struct Lane {
  Vec<T> v;
  HWY_INLINE Lane(Vec<T> x) : v(x) {}
  HWY_INLINE Lane(double x) : v(hn::Set(Tag<T>(), static_cast<T>(x))) {}
  HWY_INLINE Lane(ops::One) : Lane(1.0) {}

  friend HWY_INLINE Lane operator+(Lane a, Lane b) { return hn::Add(a.v, b.v); }
  friend HWY_INLINE Lane operator-(Lane a, Lane b) { return hn::Sub(a.v, b.v); }
  friend HWY_INLINE Lane operator*(Lane a, Lane b) { return hn::Mul(a.v, b.v); }
  friend HWY_INLINE Lane operator/(Lane a, Lane b) { return hn::Div(a.v, b.v); }
  friend HWY_INLINE Lane operator-(Lane a) { return hn::Neg(a.v); }
  friend HWY_INLINE MaskLane<T> operator>(Lane a, Lane b) { return {hn::Gt(a.v, b.v)}; }
  friend HWY_INLINE MaskLane<T> operator<(Lane a, Lane b) { return {hn::Lt(a.v, b.v)}; }
  friend HWY_INLINE MaskLane<T> operator>=(Lane a, Lane b) { return {hn::Ge(a.v, b.v)}; }
  friend HWY_INLINE MaskLane<T> operator<=(Lane a, Lane b) { return {hn::Le(a.v, b.v)}; }
  friend HWY_INLINE MaskLane<T> operator==(Lane a, Lane b) { return {hn::Eq(a.v, b.v)}; }
  friend HWY_INLINE MaskLane<T> operator!=(Lane a, Lane b) { return {hn::Ne(a.v, b.v)}; }
};
template <class T>
HWY_INLINE MaskLane<T> operator&(MaskLane<T> a, MaskLane<T> b) {
  return {hn::And(a.m, b.m)};
}

namespace math {

using ops::math::abs, ops::math::ceil, ops::math::cos, ops::math::exp, ops::math::floor, ops::math::floor_divide,
    ops::math::fmod, ops::math::log, ops::math::maximum, ops::math::minimum, ops::math::pow, ops::math::remainder,
    ops::math::sin, ops::math::sqrt, ops::math::tanh, ops::math::trunc, ops::math::where;

template <class T>
HWY_INLINE Lane<T> where(MaskLane<T> c, std::type_identity_t<Lane<T>> a, std::type_identity_t<Lane<T>> b) {
  return hn::IfThenElse(c.m, a.v, b.v);
}

// Lane by lane through a scalar function: where no vector form is right.
template <class T, class F>
HWY_INLINE Lane<T> each(Lane<T> x, F f) {
  const Tag<T> d;
  HWY_ALIGN T lanes[hn::MaxLanes(d)];
  hn::Store(x.v, d, lanes);
  for (size_t i = 0; i < hn::Lanes(d); ++i) lanes[i] = f(lanes[i]);
  return hn::Load(d, lanes);
}
template <class T, class F>
HWY_INLINE Lane<T> each(Lane<T> x, Lane<T> y, F f) {
  const Tag<T> d;
  HWY_ALIGN T a[hn::MaxLanes(d)];
  HWY_ALIGN T b[hn::MaxLanes(d)];
  hn::Store(x.v, d, a);
  hn::Store(y.v, d, b);
  for (size_t i = 0; i < hn::Lanes(d); ++i) a[i] = f(a[i], b[i]);
  return hn::Load(d, a);
}

template <class T>
HWY_INLINE Lane<T> abs(Lane<T> x) {
  return hn::Abs(x.v);
}
template <class T>
HWY_INLINE Lane<T> sqrt(Lane<T> x) {
  return hn::Sqrt(x.v);
}
// Highway's approximations hold for ordinary arguments; what lies outside is set by hand, so that NaN, infinities and
// zeros come out as IEEE 754 says.
template <class T>
HWY_INLINE Lane<T> exp(Lane<T> x) {
  const Tag<T> d;
  const Lane<T> top = sizeof(T) == 4 ? 88.72283 : 709.782712893384;
  Lane<T> y = hn::Exp(d, hn::Min(x.v, top.v));
  y = where(x > top, std::numeric_limits<double>::infinity(), y);
  return where(x == x, y, x);
}
template <class T>
HWY_INLINE Lane<T> log(Lane<T> x) {
  const Tag<T> d;
  constexpr double inf = std::numeric_limits<double>::infinity();
  Lane<T> y = hn::Log(d, x.v);
  y = where(x == Lane<T>(0.0), -inf, y);
  y = where(x < Lane<T>(0.0), std::numeric_limits<double>::quiet_NaN(), y);
  return where((x < Lane<T>(inf)) & (x == x), y, x);
}
template <class T>
HWY_INLINE Lane<T> tanh(Lane<T> x) {
  const Tag<T> d;
  const Lane<T> clipped = hn::Clamp(x.v, hn::Set(d, T(-30)), hn::Set(d, T(30)));
  return where(x == x, hn::Tanh(d, clipped.v), x);
}
template <class T>
HWY_INLINE Lane<T> sin(Lane<T> x) {
  const Tag<T> d;
  if (HWY_LIKELY(hn::AllTrue(d, hn::Lt(hn::Abs(x.v), hn::Set(d, T(39000)))))) return hn::Sin(d, x.v);
  return each(x, [](T v) { return std::sin(v); });
}
template <class T>
HWY_INLINE Lane<T> cos(Lane<T> x) {
  const Tag<T> d;
  if (HWY_LIKELY(hn::AllTrue(d, hn::Lt(hn::Abs(x.v), hn::Set(d, T(39000)))))) return hn::Cos(d, x.v);
  return each(x, [](T v) { return std::cos(v); });
}
template <class T>
HWY_INLINE Lane<T> maximum(Lane<T> a, std::type_identity_t<Lane<T>> b) {
  const Lane<T> larger = where(a > b, a, b);
  return where(a == a, where(b == b, larger, b), a);
}
template <class T>
HWY_INLINE Lane<T> minimum(Lane<T> a, std::type_identity_t<Lane<T>> b) {
  const Lane<T> smaller = where(a < b, a, b);
  return where(a == a, where(b == b, smaller, b), a);
}
template <class T>
HWY_INLINE Lane<T> pow(Lane<T> x, double e) {
  if (e == 2) return x * x;
  if (e == 1) return x;
  if (e == 0) return 1.0;
  if (e == 3) return x * x * x;
  if (e == 0.5) return sqrt(x);
  if (e == -1) return Lane<T>(1.0) / x;
  return each(x, [e](T v) { return static_cast<T>(std::pow(static_cast<double>(v), e)); });
}
template <class T>
HWY_INLINE Lane<T> pow(Lane<T> x, Lane<T> e) {
  return each(x, e, [](T a, T b) { return std::pow(a, b); });
}
template <class T>
HWY_INLINE Lane<T> floor(Lane<T> x) {
  return hn::Floor(x.v);
}
template <class T>
HWY_INLINE Lane<T> ceil(Lane<T> x) {
  return hn::Ceil(x.v);
}
template <class T>
HWY_INLINE Lane<T> trunc(Lane<T> x) {
  return hn::Trunc(x.v);
}
template <class T>
HWY_INLINE Lane<T> fmod(Lane<T> x, Lane<T> y) {
  return each(x, y, [](T a, T b) { return std::fmod(a, b); });
}
template <class T>
HWY_INLINE Lane<T> remainder(Lane<T> x, Lane<T> y) {
  return each(x, y, [](T a, T b) { return ops::math::remainder(a, b); });
}
template <class T>
HWY_INLINE Lane<T> floor_divide(Lane<T> x, Lane<T> y) {
  return each(x, y, [](T a, T b) { return ops::math::floor_divide(a, b); });
}

}  // namespace math

}  // namespace tapescope::ops::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif
