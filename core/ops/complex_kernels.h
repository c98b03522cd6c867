// The loops of pointwise ops over complex numbers: scalar code, compiled once for all targets.
#pragma once

#include "core/backend/kernels.h"
#include "core/ops/complex_number.h"
#include "core/ops/op_struct.h"

namespace tapescope::ops {

template <class T, int N, class F>
void complex_loop(void* out, const void* const* in, unsigned scalars, int64_t n, F f) {
  auto* o = static_cast<std::complex<T>*>(out);
  const std::complex<T>* p[N];
  int64_t step[N];
  for (int k = 0; k < N; ++k) {
    p[k] = static_cast<const std::complex<T>*>(in[k]);
    step[k] = scalars >> k & 1 ? 0 : 1;
  }
  for (int64_t i = 0; i < n; ++i) {
    const auto at = [&](int k) { return ComplexNumber<T>(p[k][i * step[k]]); };
    if constexpr (N == 1) o[i] = ComplexNumber<T>(f(at(0))).v;
    if constexpr (N == 2) o[i] = ComplexNumber<T>(f(at(0), at(1))).v;
    if constexpr (N == 3) o[i] = ComplexNumber<T>(f(at(0), at(1), at(2))).v;
  }
}

template <class Op, class T>
void complex_forward(void* out, const void* const* in, unsigned scalars, int64_t n, const double* args) {
  const Op op = make_op<Op>(args);
  complex_loop<T, arity<Op>>(out, in, scalars, n, [&](auto... x) { return op.f(x...); });
}

template <class Op, int K, class T>
void complex_backward(void* out, const void* const* in, unsigned scalars, int64_t n, const double* args) {
  const Op op = make_op<Op>(args);
  complex_loop<T, 1 + arity<Op>>(out, in, scalars, n, [&](auto g, auto... kept) {
    return math::conj(ComplexNumber<T>(pull<K>(op, math::conj(g), kept...)));
  });
}

template <class Op>
void add_complex_kernels(PointwiseKernels& k) {
  if constexpr (has_complex<Op>()) {
    constexpr int c64 = static_cast<int>(DType::complex64), c128 = static_cast<int>(DType::complex128);
    k.forward[c64] = complex_forward<Op, float>;
    k.forward[c128] = complex_forward<Op, double>;
    k.backward[0][c64] = complex_backward<Op, 0, float>;
    k.backward[0][c128] = complex_backward<Op, 0, double>;
    if constexpr (arity<Op> == 2) {
      k.backward[1][c64] = complex_backward<Op, 1, float>;
      k.backward[1][c128] = complex_backward<Op, 1, double>;
    }
  }
}

}  // namespace tapescope::ops
