#include <gtest/gtest.h>
#include <tbb/task_arena.h>

#include <cmath>

#include "core/backend/kernels.h"
#include "tests/core/support.h"

using namespace tapescope;
using namespace tapescope::testing;

namespace {

constexpr int64_t kLengths[] = {1, 2, 3, 4, 5, 8, 9, 17, 1000};

struct State {
  std::vector<double> param, grad, first, second;
  explicit State(int64_t n) {
    for (int64_t i = 0; i < n; ++i) {
      param.push_back(static_cast<double>(i % 7) - 3);
      grad.push_back(static_cast<double>(i % 5) / 4 - 0.5);
    }
    first = second = std::vector<double>(param.size(), 0.0);
  }
};

// One element, as the papers write it.
void sgd_by_hand(double& p, double g, double& buffer, const cpu::SgdStep& s) {
  if (s.maximize) g = -g;
  g += s.weight_decay * p;
  if (s.momentum != 0) {
    buffer = s.first ? g : s.momentum * buffer + (1 - s.dampening) * g;
    g = s.nesterov ? g + s.momentum * buffer : buffer;
  }
  p -= s.lr * g;
}
void adam_by_hand(double& p, double g, double& m, double& v, const cpu::AdamStep& s) {
  if (s.maximize) g = -g;
  if (s.decoupled)
    p -= s.lr * s.weight_decay * p;
  else
    g += s.weight_decay * p;
  m = s.beta1 * m + (1 - s.beta1) * g;
  v = s.beta2 * v + (1 - s.beta2) * g * g;
  const double t = static_cast<double>(s.step);
  p -= s.lr * (m / (1 - std::pow(s.beta1, t))) / (std::sqrt(v / (1 - std::pow(s.beta2, t))) + s.eps);
}

void expect_near(const std::vector<double>& got, const std::vector<double>& expected, int64_t n) {
  for (size_t i = 0; i < expected.size(); ++i) EXPECT_NEAR(got[i], expected[i], 1e-12) << i << " of " << n;
}

TEST(Sgd, AgreesWithTheFormula) {
  for (int64_t n : kLengths)
    for (bool nesterov : {false, true})
      for (bool maximize : {false, true}) {
        State x(n), y(n);
        for (int step = 0; step < 3; ++step) {
          const cpu::SgdStep s{0.1, 0.9, nesterov ? 0.0 : 0.25, 0.01, nesterov, maximize, step == 0};
          cpu::sgd_step(DType::float64, x.param.data(), x.grad.data(), x.first.data(), n, s);
          for (size_t i = 0; i < y.param.size(); ++i) sgd_by_hand(y.param[i], y.grad[i], y.first[i], s);
        }
        expect_near(x.param, y.param, n);
        expect_near(x.first, y.first, n);
        EXPECT_EQ(x.grad, y.grad);
      }
}

TEST(Sgd, WithoutMomentumThereIsNoBuffer) {
  for (int64_t n : kLengths) {
    State x(n), y(n);
    const cpu::SgdStep s{0.5, 0, 0, 0, false, false, true};
    cpu::sgd_step(DType::float64, x.param.data(), x.grad.data(), nullptr, n, s);
    for (size_t i = 0; i < y.param.size(); ++i) sgd_by_hand(y.param[i], y.grad[i], y.first[i], s);
    EXPECT_EQ(x.param, y.param);
  }
}

TEST(Adam, AgreesWithTheFormula) {
  for (int64_t n : kLengths)
    for (bool decoupled : {false, true})
      for (bool maximize : {false, true}) {
        State x(n), y(n);
        for (int64_t step = 1; step <= 3; ++step) {
          const cpu::AdamStep s{0.1, 0.9, 0.999, 1e-8, 0.01, decoupled, maximize, step};
          cpu::adam_step(DType::float64, x.param.data(), x.grad.data(), x.first.data(), x.second.data(), n, s);
          for (size_t i = 0; i < y.param.size(); ++i) adam_by_hand(y.param[i], y.grad[i], y.first[i], y.second[i], s);
        }
        expect_near(x.param, y.param, n);
        expect_near(x.first, y.first, n);
        expect_near(x.second, y.second, n);
        EXPECT_EQ(x.grad, y.grad);
      }
}

TEST(Adam, InFloat32) {
  float p[] = {1}, g[] = {0.5}, m[] = {0}, v[] = {0};
  cpu::adam_step(DType::float32, p, g, m, v, 1, {0.1, 0.9, 0.999, 1e-8, 0, false, false, 1});
  EXPECT_NEAR(p[0], 0.9, 1e-6);  // the first step has the size of the learning rate
  EXPECT_FLOAT_EQ(m[0], 0.05f);
  EXPECT_FLOAT_EQ(v[0], 0.00025f);
}

TEST(Optimizer, SameBitsOnAnyNumberOfThreads) {
  const int64_t n = 200'003;
  const Tensor g = ops::randn({n}, DType::float32);
  const auto run = [&] {
    const Tensor p = ops::full({n}, 0.5, DType::float32), m = ops::full({n}, 0, DType::float32), v = ops::clone(m),
                 q = ops::clone(p), b = ops::clone(m);
    for (int64_t step = 1; step <= 2; ++step) {
      cpu::adam_step(DType::float32, p.raw(), g.raw(), m.raw(), v.raw(), n,
                     {0.1, 0.9, 0.999, 1e-8, 0.01, true, false, step});
      cpu::sgd_step(DType::float32, q.raw(), g.raw(), b.raw(), n, {0.1, 0.9, 0, 0.01, true, false, step == 1});
    }
    return std::vector{values(p), values(m), values(v), values(q), values(b)};
  };
  tbb::task_arena one(1);
  EXPECT_EQ(one.execute(run), run());
}

}  // namespace
