// Loops over op structs on the GPU: a thread an element.
#pragma once

#include <algorithm>

#include "core/backend/cuda/check.cuh"
#include "core/backend/cuda/element-inl.h"
#include "core/backend/cuda/plugin.h"
#include "core/backend/cuda/registry.cuh"
#include "core/backend/cuda/staging.cuh"
#include "core/backend/kernels.h"

namespace tapescope::ops::HWY_NAMESPACE {

template <class T, class F>
__global__ void each(T* out, Inputs<T, F::inputs> in, int64_t n, F f) {
  const int64_t step = static_cast<int64_t>(gridDim.x) * blockDim.x;
  for (int64_t i = static_cast<int64_t>(blockIdx.x) * blockDim.x + threadIdx.x; i < n; i += step)
    out[i] = element<T>(f, in, i);
}

template <class T, class F>
void launch(T* out, const Inputs<T, F::inputs>& in, int64_t n, F f) {
  if (n == 0) return;
  constexpr int64_t threads = 256, most = 1 << 16;
  each<T><<<static_cast<unsigned>(std::min((n + threads - 1) / threads, most)), threads>>>(out, in, n, f);
  cuda::check(cudaGetLastError(), "the launch of a pointwise op");
}

template <class T, class F>
void on_device(void* out, const void* const* in, unsigned scalars, int64_t n, const double* args) {
  Inputs<T, F::inputs> inputs{{}, scalars};
  for (int k = 0; k < F::inputs; ++k) inputs.at[k] = static_cast<const T*>(in[k]);
  launch(static_cast<T*>(out), inputs, n, F{make_op<decltype(F::op)>(args)});
}

template <class T, class F>
void staged(void* out, const void* const* in, unsigned scalars, int64_t n, const double* args) {
  if (n == 0) return;
  cuda::Staging staging;
  Inputs<T, F::inputs> inputs{{}, scalars};
  for (int k = 0; k < F::inputs; ++k) {
    const int64_t count = scalars >> k & 1 ? 1 : n;
    inputs.at[k] = static_cast<const T*>(staging.upload(in[k], count * sizeof(T)));
  }
  void* result = staging.reserve(n * sizeof(T));
  launch(static_cast<T*>(result), inputs, n, F{make_op<decltype(F::op)>(args)});
  staging.download(out, result, n * sizeof(T));
}

template <class Op, class T>
void offer(cuda::OpKernels& k, DType type) {
  const int t = static_cast<int>(type);
  k.device.forward[t] = on_device<T, Forward<Op>>;
  k.staged.forward[t] = staged<T, Forward<Op>>;
  if constexpr (is_differentiable_op<Op>() && !std::is_same_v<T, int64_t>) {
    k.device.backward[0][t] = on_device<T, Backward<Op, 0>>;
    k.staged.backward[0][t] = staged<T, Backward<Op, 0>>;
    if constexpr (arity<Op> == 2) {
      k.device.backward[1][t] = on_device<T, Backward<Op, 1>>;
      k.staged.backward[1][t] = staged<T, Backward<Op, 1>>;
    }
  }
}

template <class Op>
cuda::OpKernels kernels_of() {
  cuda::OpKernels k{Op::name.data(), arity<Op>, {}, {}};
  if constexpr (has_floats<Op>()) {
    offer<Op, float>(k, DType::float32);
    offer<Op, double>(k, DType::float64);
  }
  if constexpr (Op::integers) offer<Op, int64_t>(k, DType::int64);
  if constexpr (has_complex<Op>()) {
    offer<Op, Complex<float>>(k, DType::complex64);
    offer<Op, Complex<double>>(k, DType::complex128);
  }
  return k;
}

// At namespace scope: makes the ops of a family known to the plugin.
template <class... Ops>
bool add_family(OpList<Ops...>) {
  (cuda::add_op(kernels_of<Ops>()), ...);
  return true;
}

}  // namespace tapescope::ops::HWY_NAMESPACE
