// Matrix products by OpenBLAS.
#include <cblas.h>

#include "core/backend/kernels.h"

namespace tapescope::cpu {

void gemm(DType t, const Gemm& g) {
  const auto ta = g.transpose_a ? CblasTrans : CblasNoTrans, tb = g.transpose_b ? CblasTrans : CblasNoTrans;
  const auto i = [](int64_t v) { return static_cast<blasint>(v); };
  if (t == DType::float32)
    cblas_sgemm(CblasRowMajor, ta, tb, i(g.m), i(g.n), i(g.k), static_cast<float>(g.alpha),
                static_cast<const float*>(g.a), i(g.lda), static_cast<const float*>(g.b), i(g.ldb),
                static_cast<float>(g.beta), static_cast<float*>(g.c), i(g.ldc));
  else
    cblas_dgemm(CblasRowMajor, ta, tb, i(g.m), i(g.n), i(g.k), g.alpha, static_cast<const double*>(g.a), i(g.lda),
                static_cast<const double*>(g.b), i(g.ldb), g.beta, static_cast<double*>(g.c), i(g.ldc));
}

}  // namespace tapescope::cpu
