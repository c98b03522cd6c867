// Matrix products: tiles by OpenBLAS, each on one thread. OpenBLAS' own threads cut a product by their number, and
// other cuts give other bits; ours are cut by the product's sizes alone.
#include <cblas.h>

#include <algorithm>

#include "core/backend/kernels.h"
#include "core/backend/parallel.h"
#include "core/tensor/dtype.h"

extern "C" void openblas_set_num_threads(int);

namespace tapescope::cpu {
namespace {

constexpr int64_t kTile = 256;               // rows or columns: what a tile packs anew costs little beside its product
constexpr int64_t kWork = int64_t{1} << 21;  // multiplications that pay for a thread

void one(DType t, const Gemm& g) {
  const auto ta = g.transpose_a ? CblasTrans : CblasNoTrans, tb = g.transpose_b ? CblasTrans : CblasNoTrans;
  const auto i = [](int64_t v) { return static_cast<blasint>(v); };
  if (t == DType::float32)
    cblas_sgemm(CblasRowMajor, ta, tb, i(g.m), i(g.n), i(g.k), static_cast<float>(g.alpha),
                static_cast<const float*>(g.a), i(g.lda), static_cast<const float*>(g.b), i(g.ldb),
                static_cast<float>(g.beta), static_cast<float*>(g.c), i(g.ldc));
  else if (t == DType::complex64 || t == DType::complex128) {
    const std::complex<float> alpha(static_cast<float>(g.alpha)), beta(static_cast<float>(g.beta));
    const std::complex<double> wide_alpha(g.alpha), wide_beta(g.beta);
    if (t == DType::complex64)
      cblas_cgemm(CblasRowMajor, ta, tb, i(g.m), i(g.n), i(g.k), &alpha, g.a, i(g.lda), g.b, i(g.ldb), &beta, g.c,
                  i(g.ldc));
    else
      cblas_zgemm(CblasRowMajor, ta, tb, i(g.m), i(g.n), i(g.k), &wide_alpha, g.a, i(g.lda), g.b, i(g.ldb), &wide_beta,
                  g.c, i(g.ldc));
  } else
    cblas_dgemm(CblasRowMajor, ta, tb, i(g.m), i(g.n), i(g.k), g.alpha, static_cast<const double*>(g.a), i(g.lda),
                static_cast<const double*>(g.b), i(g.ldb), g.beta, static_cast<double*>(g.c), i(g.ldc));
}

}  // namespace

void gemm(DType t, const Gemm& g) {
  static const bool single = (openblas_set_num_threads(1), true);
  (void)single;
  const bool rows = g.m >= g.n;
  const int64_t length = rows ? g.m : g.n;
  if (length <= kTile || g.m * g.n * g.k <= kWork) return one(t, g);
  const int64_t item = itemsize(t);
  const auto at = [&](const void* p, int64_t elements) { return static_cast<const char*>(p) + elements * item; };
  parallel_for(length, kTile, [&](int64_t begin, int64_t end) {
    Gemm tile = g;
    (rows ? tile.m : tile.n) = end - begin;
    if (rows)
      tile.a = at(g.a, g.transpose_a ? begin : begin * g.lda);
    else
      tile.b = at(g.b, g.transpose_b ? begin * g.ldb : begin);
    tile.c = static_cast<char*>(g.c) + (rows ? begin * g.ldc : begin) * item;
    one(t, tile);
  });
}

}  // namespace tapescope::cpu
