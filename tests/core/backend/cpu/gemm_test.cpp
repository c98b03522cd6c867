#include <gtest/gtest.h>
#include <tbb/task_arena.h>

#include <array>
#include <cmath>
#include <vector>

#include "core/backend/kernels.h"
#include "core/tensor/dtype.h"

using namespace tapescope;

namespace {

// Small whole numbers: every product is exact, in any order.
template <class T>
std::vector<T> numbers(int64_t n, int64_t seed) {
  std::vector<T> v(static_cast<size_t>(n));
  for (int64_t i = 0; i < n; ++i) v[static_cast<size_t>(i)] = static_cast<T>((i * 7 + seed) % 11 - 5);
  return v;
}

template <class T>
void check(int64_t m, int64_t n, int64_t k, bool ta, bool tb, double alpha, double beta) {
  // Rows are longer than what they hold, so that a leading dimension that is not heeded shows.
  const int64_t lda = (ta ? m : k) + 3, ldb = (tb ? k : n) + 2, ldc = n + 1;
  const auto a = numbers<T>((ta ? k : m) * lda, 1), b = numbers<T>((tb ? n : k) * ldb, 4);
  const auto before = numbers<T>(m * ldc, 2);
  auto c = before;
  cpu::gemm(dtype_of<T>, {m, n, k, a.data(), b.data(), c.data(), lda, ldb, ldc, ta, tb, alpha, beta});
  for (int64_t i = 0; i < m; ++i)
    for (int64_t j = 0; j < ldc; ++j) {
      const auto at = static_cast<size_t>(i * ldc + j);
      double expected = before[at];
      if (j < n) {
        expected *= beta;
        for (int64_t l = 0; l < k; ++l)
          expected += alpha * a[static_cast<size_t>(ta ? l * lda + i : i * lda + l)] *
                      b[static_cast<size_t>(tb ? j * ldb + l : l * ldb + j)];
      }
      EXPECT_EQ(c[at], expected) << m << 'x' << n << 'x' << k << " at " << i << ',' << j << (ta ? " ta" : "")
                                 << (tb ? " tb" : "");
    }
}

TEST(Gemm, AgreesWithTheDefinition) {
  for (bool ta : {false, true})
    for (bool tb : {false, true})
      for (auto [m, n, k] : {std::array{1, 1, 1}, {3, 4, 5}, {17, 1, 9}, {1, 33, 2}}) {
        check<float>(m, n, k, ta, tb, 1, 0);
        check<double>(m, n, k, ta, tb, 1, 0);
        check<float>(m, n, k, ta, tb, 2, 3);
      }
}

TEST(Gemm, TilesMeetWhereTheyShould) {
  for (bool ta : {false, true})
    for (bool tb : {false, true}) {
      check<float>(600, 70, 60, ta, tb, 1, 1);
      check<double>(70, 600, 60, ta, tb, 1, 0);
    }
}

TEST(Gemm, AnEmptyInnerSizeGivesZeros) {
  check<float>(2, 3, 0, false, false, 1, 0);
  check<double>(2, 3, 0, false, true, 1, 1);
}

TEST(Gemm, WhatWasInTheResultDoesNotMatterWithoutBeta) {
  const float a[] = {1, 2}, b[] = {3, 4};
  float c[] = {NAN};
  cpu::gemm(DType::float32, {1, 1, 2, a, b, c, 2, 1, 1, false, false, 1, 0});
  EXPECT_EQ(c[0], 11);
}

TEST(Gemm, SameBitsOnAnyNumberOfThreads) {
  tbb::task_arena single(1);
  for (auto [m, n, k] : {std::array<int64_t, 3>{601, 257, 333}, {257, 1000, 40}, {4096, 3, 1000}}) {
    std::vector<float> a(static_cast<size_t>(m * k)), b(static_cast<size_t>(k * n));
    for (size_t i = 0; i < a.size(); ++i) a[i] = static_cast<float>(static_cast<int>(i * 31 % 1009)) / 997.0f;
    for (size_t i = 0; i < b.size(); ++i) b[i] = static_cast<float>(static_cast<int>(i * 17 % 2003)) / -1999.0f;
    const auto product = [&] {
      std::vector<float> c(static_cast<size_t>(m * n));
      cpu::gemm(DType::float32, {m, n, k, a.data(), b.data(), c.data(), k, n, n, false, false, 1, 0});
      return c;
    };
    EXPECT_EQ(single.execute(product), product()) << m << 'x' << n << 'x' << k;
  }
}

}  // namespace
