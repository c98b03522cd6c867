// What ops ask of a backend: loops over contiguous memory, by compute dtype. Strides, broadcasting and casts are the
// iterator's (core/ops/pointwise.h).
#pragma once

#include <cstdint>

#include "core/tensor/dtype_enum.h"

namespace tapescope {

// out[i] = f(in[0][i], in[1][i], …) for i < n. Bit k of `scalars`: in[k] holds one element for all i.
using PointwiseKernel = void (*)(void* out, const void* const* in, unsigned scalars, int64_t n, const double* args);

// One op's loops by compute dtype; null: the dtype is not offered.
struct PointwiseKernels {
  PointwiseKernel forward[kDTypes] = {};
  // Gradient of operand k. Inputs: grad, then for unary ops what was kept, for binary ops both operands.
  PointwiseKernel backward[2][kDTypes] = {};
};

namespace cpu {

// Results of this many bytes and more are streamed: stored past the caches, which they would fill, and without being
// read first. Whoever asks a kernel for it calls end_of_stream() afterwards, on the same thread.
inline constexpr int64_t kStreamed = int64_t{8} << 20;
void end_of_stream();

// Row reductions and fused rows, float32 and float64.
struct RowKernels {
  double (*sum)(const void* x, int64_t n);
  void (*add_into)(void* acc, const void* x, int64_t n);                          // acc += x
  void (*softmax)(void* out, const void* x, int64_t n, bool log, bool streamed);  // one row
  void (*softmax_backward)(void* out, const void* grad, const void* y, int64_t n, bool log, bool streamed);
};
const RowKernels& row_kernels(DType t);

// n copies of an element of `size` bytes: 1, 2, 4, 8 or 16.
void fill(void* to, const void* element, int64_t n, int size, bool streamed);

// Row-major C (m, n) = alpha · op(A) op(B) + beta · C; a and b are transposed by flag; leading dimensions in elements.
struct Gemm {
  int64_t m, n, k;
  const void *a, *b;
  void* c;
  int64_t lda, ldb, ldc;
  bool transpose_a, transpose_b;
  double alpha = 1, beta = 0;
};
void gemm(DType t, const Gemm& g);

// One step of an optimiser over n contiguous elements.
struct SgdStep {
  double lr, momentum, dampening, weight_decay;
  bool nesterov, maximize, first;
};
struct AdamStep {
  double lr, beta1, beta2, eps, weight_decay;
  bool decoupled, maximize;
  int64_t step;
};
void sgd_step(DType t, void* param, const void* grad, void* momentum, int64_t n, const SgdStep& s);
void adam_step(DType t, void* param, const void* grad, void* m, void* v, int64_t n, const AdamStep& s);

}  // namespace cpu
}  // namespace tapescope
