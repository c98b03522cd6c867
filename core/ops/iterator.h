// The one place that knows strides, broadcasting and casts: walks an output and its operands in step and hands
// contiguous strips to a kernel.
#pragma once

#include <span>

#include "core/backend/kernels.h"
#include "core/tensor/tensor.h"

namespace tapescope::ops {

// Runs `kernel` over `out`. Operands are broadcast to its shape and cast to `compute`, strip by strip; the result is
// cast to out's dtype. At most three operands. `out` may be an operand, but must not overlap one otherwise.
void run(PointwiseKernel kernel, DType compute, const Tensor& out, std::span<const Tensor* const> in,
         const double* args = nullptr);

// dst[i] = src[i], with src broadcast and cast.
void copy_elements(const Tensor& dst, const Tensor& src);

// x itself if it is contiguous, else a contiguous copy. No history.
Tensor contiguous_data(const Tensor& x);
// The same in another dtype.
Tensor cast_data(const Tensor& x, DType dtype);

// Calls f(pointer) with the address of each element in row-major order. For what needs no speed.
template <class T, class F>
void for_each_element(const Tensor& x, F&& f) {
  Dims at(x.dim(), 0);
  T* base = x.data<T>();
  for (int64_t i = 0; i < x.numel(); ++i) {
    int64_t offset = 0;
    for (int d = 0; d < x.dim(); ++d) offset += at[d] * x.strides()[d];
    f(base + offset);
    for (int d = x.dim() - 1; d >= 0; --d) {
      if (++at[d] < x.size(d)) break;
      at[d] = 0;
    }
  }
}

}  // namespace tapescope::ops
