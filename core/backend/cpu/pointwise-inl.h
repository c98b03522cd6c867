// Loops over op structs, for the current target: vectors for float32 and float64, scalars for int64. The tail goes
// through the same vector code, so that an element's bits do not depend on its place.
#if defined(TAPESCOPE_POINTWISE_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef TAPESCOPE_POINTWISE_INL
#undef TAPESCOPE_POINTWISE_INL
#else
#define TAPESCOPE_POINTWISE_INL
#endif

#include <array>
#include <cstring>

#include "core/backend/cpu/lanes-inl.h"
#include "core/backend/kernels.h"
#include "core/ops/op_struct.h"

HWY_BEFORE_NAMESPACE();
namespace tapescope::ops::HWY_NAMESPACE {

template <class T, int N, unsigned Scalars, class F>
HWY_INLINE void vector_loop(T* out, const T* const* in, int64_t n, F f) {
  const Tag<T> d;
  const auto step = static_cast<int64_t>(hn::Lanes(d));
  Vec<T> fixed[N];
  for (int k = 0; k < N; ++k) fixed[k] = Scalars >> k & 1 ? hn::Set(d, *in[k]) : hn::Zero(d);
  const auto load = [&](int k, int64_t i)
                        HWY_ATTR { return Lane<T>(Scalars >> k & 1 ? fixed[k] : hn::LoadU(d, in[k] + i)); };
  int64_t i = 0;
  for (; i + step <= n; i += step) {
    if constexpr (N == 1) hn::StoreU(Lane<T>(f(load(0, i))).v, d, out + i);
    if constexpr (N == 2) hn::StoreU(Lane<T>(f(load(0, i), load(1, i))).v, d, out + i);
    if constexpr (N == 3) hn::StoreU(Lane<T>(f(load(0, i), load(1, i), load(2, i))).v, d, out + i);
  }
  if (i == n) return;
  HWY_ALIGN T buffer[N][hn::MaxLanes(d)] = {};
  HWY_ALIGN T last[hn::MaxLanes(d)];
  const size_t rest = static_cast<size_t>(n - i) * sizeof(T);
  const auto tail = [&](int k) HWY_ATTR {
    if (Scalars >> k & 1) return Lane<T>(fixed[k]);
    std::memcpy(buffer[k], in[k] + i, rest);
    return Lane<T>(hn::Load(d, buffer[k]));
  };
  if constexpr (N == 1) hn::Store(Lane<T>(f(tail(0))).v, d, last);
  if constexpr (N == 2) hn::Store(Lane<T>(f(tail(0), tail(1))).v, d, last);
  if constexpr (N == 3) hn::Store(Lane<T>(f(tail(0), tail(1), tail(2))).v, d, last);
  std::memcpy(out + i, last, rest);
}

template <class T, int N, class F>
HWY_INLINE void loop(void* out, const void* const* in, unsigned scalars, int64_t n, F f) {
  auto* o = static_cast<T*>(out);
  const T* p[N];
  for (int k = 0; k < N; ++k) p[k] = static_cast<const T*>(in[k]);
  if constexpr (std::is_floating_point_v<T>) {
    if constexpr (N == 2) {
      if (scalars == 1) return vector_loop<T, 2, 1>(o, p, n, f);
      if (scalars == 2) return vector_loop<T, 2, 2>(o, p, n, f);
    }
    if constexpr (N == 3) {
      // Gradients of a binary op with one operand that is a single number: grad * other.
      if (scalars == 2) return vector_loop<T, 3, 2>(o, p, n, f);
      if (scalars == 4) return vector_loop<T, 3, 4>(o, p, n, f);
    }
    if (scalars == 0) return vector_loop<T, N, 0>(o, p, n, f);
    vector_loop<T, N, 0>(o, p, 0, f);
  }
  for (int64_t i = 0; i < n; ++i) {
    const auto at = [&](int k) { return p[k][scalars >> k & 1 ? 0 : i]; };
    if constexpr (std::is_floating_point_v<T>) {
      // All operands are single numbers, or a rare mixture: still through the vector code.
      T x[N];
      const T* one[N];
      for (int k = 0; k < N; ++k) x[k] = at(k), one[k] = &x[k];
      vector_loop<T, N, 0>(o + i, one, 1, f);
    } else {
      if constexpr (N == 1) o[i] = Whole(f(Whole(at(0)))).v;
      if constexpr (N == 2) o[i] = Whole(f(Whole(at(0)), Whole(at(1)))).v;
    }
  }
}

template <class Op, class T>
void forward_kernel(void* out, const void* const* in, unsigned scalars, int64_t n, const double* args) {
  const Op op = make_op<Op>(args);
  loop<T, arity<Op>>(out, in, scalars, n, [&](auto... x) HWY_ATTR { return op.f(x...); });
}

template <class Op, int K, class T>
void backward_kernel(void* out, const void* const* in, unsigned scalars, int64_t n, const double* args) {
  const Op op = make_op<Op>(args);
  loop<T, 1 + arity<Op>>(out, in, scalars, n, [&](auto g, auto... kept) HWY_ATTR { return pull<K>(op, g, kept...); });
}

template <class Op>
PointwiseKernels kernels_of() {
  PointwiseKernels k;
  constexpr int f32 = static_cast<int>(DType::float32), f64 = static_cast<int>(DType::float64);
  if constexpr (has_floats<Op>()) {
    k.forward[f32] = forward_kernel<Op, float>;
    k.forward[f64] = forward_kernel<Op, double>;
  }
  if constexpr (Op::integers) k.forward[static_cast<int>(DType::int64)] = forward_kernel<Op, int64_t>;
  if constexpr (is_differentiable_op<Op>()) {
    k.backward[0][f32] = backward_kernel<Op, 0, float>;
    k.backward[0][f64] = backward_kernel<Op, 0, double>;
  }
  if constexpr (is_differentiable_op<Op>() && arity<Op> == 2) {
    k.backward[1][f32] = backward_kernel<Op, 1, float>;
    k.backward[1][f64] = backward_kernel<Op, 1, double>;
  }
  return k;
}

template <class... Ops>
const PointwiseKernels* kernels_of_family(OpList<Ops...>) {
  static const PointwiseKernels table[] = {kernels_of<Ops>()...};
  return table;
}

}  // namespace tapescope::ops::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif
