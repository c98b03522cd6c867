#include <gtest/gtest.h>
#include <tbb/task_arena.h>

#include <cmath>
#include <limits>

#include "core/backend/kernels.h"
#include "tests/core/support.h"

using namespace tapescope;
using namespace tapescope::testing;

namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();

template <class T>
std::vector<T> ramp(int64_t n) {
  std::vector<T> v(static_cast<size_t>(n));
  for (int64_t i = 0; i < n; ++i) v[static_cast<size_t>(i)] = static_cast<T>(i % 13 - 6);
  return v;
}

// Lengths around those of vectors and of the unrolled loop.
constexpr int64_t kLengths[] = {0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33, 64, 65, 127, 1000};

template <class T>
void check_sums() {
  const auto& k = cpu::row_kernels(dtype_of<T>);
  for (int64_t n : kLengths) {
    const auto x = ramp<T>(n);
    double total = 0;
    for (T v : x) total += v;
    EXPECT_EQ(k.sum(x.data(), n), total) << n;
    auto acc = ramp<T>(n);
    k.add_into(acc.data(), x.data(), n);
    for (size_t i = 0; i < x.size(); ++i) EXPECT_EQ(acc[i], 2 * x[i]) << n;
  }
}

TEST(Rows, SumsOfAnyLength) {
  check_sums<float>();
  check_sums<double>();
}

template <class T>
void check_softmax(double tolerance) {
  const auto& k = cpu::row_kernels(dtype_of<T>);
  for (int64_t n : kLengths) {
    if (n == 0) continue;
    const auto x = ramp<T>(n);
    std::vector<T> y(x.size()), log_y(x.size()), g(x.size()), dx(x.size());
    k.softmax(y.data(), x.data(), n, false, false);
    k.softmax(log_y.data(), x.data(), n, true, false);
    double total = 0;
    for (T v : x) total += std::exp(static_cast<double>(v) - 6);
    double dot = 0, plain = 0;
    for (size_t i = 0; i < x.size(); ++i) {
      const double expected = std::exp(static_cast<double>(x[i]) - 6) / total;
      EXPECT_NEAR(y[i], expected, tolerance) << n;
      EXPECT_NEAR(log_y[i], std::log(expected), 20 * tolerance) << n;
      g[i] = static_cast<T>(static_cast<int>(i % 5) - 2);
      dot += g[i] * expected;
      plain += g[i];
    }
    k.softmax_backward(dx.data(), g.data(), y.data(), n, false, false);
    for (size_t i = 0; i < x.size(); ++i) EXPECT_NEAR(dx[i], y[i] * (g[i] - dot), 10 * tolerance) << n;
    k.softmax_backward(dx.data(), g.data(), log_y.data(), n, true, false);
    for (size_t i = 0; i < x.size(); ++i) EXPECT_NEAR(dx[i], g[i] - y[i] * plain, 100 * tolerance) << n;
  }
}

TEST(Rows, SoftmaxAndItsSlopeOfAnyLength) {
  check_softmax<float>(1e-6);
  check_softmax<double>(1e-14);
}

TEST(Rows, SoftmaxOfExtremes) {
  const auto row = [](std::initializer_list<double> v, bool log = false) {
    const Tensor x = vector(v), y = Tensor::empty(x.shape(), x.dtype());
    cpu::row_kernels(x.dtype()).softmax(y.raw(), x.raw(), x.numel(), log, false);
    return values(y);
  };
  EXPECT_EQ(row({1e30, -1e30}), (std::vector<double>{1, 0}));
  EXPECT_EQ(row({-kInf, 3, -kInf}), (std::vector<double>{0, 1, 0}));
  EXPECT_EQ(row({-kInf, 3}, true), (std::vector<double>{-kInf, 0}));
  for (double v : row({-kInf, -kInf})) EXPECT_TRUE(std::isnan(v));  // no element has a share
  for (double v : row({kInf, 1})) EXPECT_TRUE(std::isnan(v));
  for (double v : row({NAN, 1, 2})) EXPECT_TRUE(std::isnan(v));
  for (double v : row({0, 1, 2, 3, NAN})) EXPECT_TRUE(std::isnan(v));  // in the tail
}

TEST(Rows, MemoryBesideTheRowIsLeftAlone) {
  for (int64_t n : {1, 3, 5, 9}) {
    std::vector<float> y(static_cast<size_t>(n) + 1, 42.0f), x(static_cast<size_t>(n), 1.0f);
    cpu::row_kernels(DType::float32).softmax(y.data(), x.data(), n, false, false);
    EXPECT_EQ(y.back(), 42.0f);
    cpu::row_kernels(DType::float32).add_into(y.data(), x.data(), n);
    EXPECT_EQ(y.back(), 42.0f);
  }
}

TEST(Rows, WhatIsStreamedHasTheSameBits) {
  const auto& k = cpu::row_kernels(DType::float32);
  for (int64_t n : {8, 1024, 1027, 5000}) {
    const Tensor x = ops::randn({n}, DType::float32), g = ops::randn({n}, DType::float32);
    for (const bool log : {false, true}) {
      const Tensor y = Tensor::empty({n}, DType::float32), past = Tensor::empty({n}, DType::float32);
      const Tensor dx = Tensor::empty({n}, DType::float32), dx_past = Tensor::empty({n}, DType::float32);
      k.softmax(y.raw(), x.raw(), n, log, false);
      k.softmax(past.raw(), x.raw(), n, log, true);
      k.softmax_backward(dx.raw(), g.raw(), y.raw(), n, log, false);
      k.softmax_backward(dx_past.raw(), g.raw(), y.raw(), n, log, true);
      cpu::end_of_stream();
      EXPECT_EQ(values(y), values(past)) << n;
      EXPECT_EQ(values(dx), values(dx_past)) << n;
    }
  }
}

TEST(Rows, SameBitsOnAnyNumberOfThreads) {
  const Tensor x = ops::randn({300, 1001}, DType::float32);
  tbb::task_arena one(1);
  const auto bits = [&] {
    return std::vector{values(ops::sum(x)), values(ops::sum(x, Dims{1})), values(ops::sum(x, Dims{0})),
                       values(ops::softmax(x, 1)), values(ops::log_softmax(x, 0))};
  };
  EXPECT_EQ(one.execute(bits), bits());
}

}  // namespace
