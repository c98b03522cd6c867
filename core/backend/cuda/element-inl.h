// What a CUDA thread does for one element of a pointwise op: the text of the op on the element's number.
#pragma once

#include <cstdint>

#include "core/backend/cuda/thread-inl.h"

namespace tapescope::ops::HWY_NAMESPACE {

template <class T>
struct NumberOf {
  using type = Thread<T>;
};
template <>
struct NumberOf<int64_t> {
  using type = Whole;
};
template <class T>
struct NumberOf<Complex<T>> {
  using type = ComplexNumber<T>;
};
template <class T>
using Number = typename NumberOf<T>::type;

// Bit k of `scalars`: at[k] holds one element for all i.
template <class T, int N>
struct Inputs {
  const T* at[N];
  unsigned scalars;

  TAPESCOPE_ANYWHERE Number<T> operator()(int k, int64_t i) const { return at[k][scalars >> k & 1 ? 0 : i]; }
};

template <class Op>
struct Forward {
  static constexpr int inputs = arity<Op>;
  Op op;

  template <class N>
  TAPESCOPE_ANYWHERE N operator()(N x) const {
    return op.f(x);
  }
  template <class N>
  TAPESCOPE_ANYWHERE N operator()(N a, N b) const {
    return op.f(a, b);
  }
};

template <class X>
constexpr X conjugate(X x) {
  return x;
}
template <class T>
TAPESCOPE_ANYWHERE ComplexNumber<T> conjugate(ComplexNumber<T> x) {
  return ops::math::conj(x);
}

// The gradient of operand K, by grad · conj(slope).
template <class Op, int K>
struct Backward {
  static constexpr int inputs = 1 + arity<Op>;
  Op op;

  template <class N>
  TAPESCOPE_ANYWHERE N operator()(N g, N kept) const {
    return conjugate(N(pull<K>(op, conjugate(g), kept)));
  }
  template <class N>
  TAPESCOPE_ANYWHERE N operator()(N g, N a, N b) const {
    return conjugate(N(pull<K>(op, conjugate(g), a, b)));
  }
};

template <class T, class F>
TAPESCOPE_ANYWHERE T element(const F& f, const Inputs<T, F::inputs>& in, int64_t i) {
  if constexpr (F::inputs == 1) return f(in(0, i)).v;
  if constexpr (F::inputs == 2) return f(in(0, i), in(1, i)).v;
  if constexpr (F::inputs == 3) return f(in(0, i), in(1, i), in(2, i)).v;
}

}  // namespace tapescope::ops::HWY_NAMESPACE
