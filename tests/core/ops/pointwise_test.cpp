#include <gtest/gtest.h>

#include <cmath>

#include "core/autograd/engine.h"
#include "core/graph/autograd_meta.h"
#include "core/ops/iterator.h"
#include "core/ops/math.h"
#include "core/ops/ops.h"

using namespace tapescope;

namespace {

double at(const Tensor& t, int64_t i) {
  const Tensor c = ops::contiguous_data(t);
  return visit(c.dtype(), [&]<class T>(T) { return cast<double>(c.data<T>()[i]); });
}

// Every op of the registry, on every length around a vector's, in both dtypes: slope against central differences.
TEST(Pointwise, SlopesAgreeWithDifferences) {
  for (const ops::PointwiseInfo* op : ops::all_pointwise()) {
    if (!op->differentiable) continue;
    for (int64_t n : {1, 3, 8, 17}) {
      // Between the points lie the whole numbers, where some ops jump, and the bounds of clamp, where it has kinks.
      Tensor a = ops::linspace(0.31, 1.72, n, DType::float64), b = ops::linspace(1.9, 0.4, n, DType::float64);
      const double args[2] = {op->name == "pow" ? 2.5 : 0.55, 1.45};
      const auto f = [&](const Tensor& x, const Tensor& y) {
        return op->arity == 1 ? ops::unary(*op, x, args) : ops::binary(*op, x, y);
      };
      for (int k = 0; k < op->arity; ++k) {
        Tensor x = (k ? b : a).alias();
        x.impl()->requires_grad_flag = true;
        const Tensor y = k ? f(a, x) : f(x, b);
        const Tensor g = grad({y}, {x}, {ops::full({n}, 1, DType::float64)}, false, false, false)[0];
        for (int64_t i = 0; i < n; ++i) {
          const double h = 1e-6;
          NoGrad off;
          const Tensor up = ops::clone(k ? b : a), down = ops::clone(up);
          up.data<double>()[i] += h;
          down.data<double>()[i] -= h;
          const double slope = (at(k ? f(a, up) : f(up, b), i) - at(k ? f(a, down) : f(down, b), i)) / (2 * h);
          EXPECT_NEAR(at(g, i), slope, 1e-5) << op->name << " operand " << k << " element " << i << " of " << n;
        }
      }
    }
  }
}

// An element's bits do not depend on where it stands.
TEST(Pointwise, TailsHaveTheBitsOfTheMiddle) {
  for (const char* name : {"tanh", "exp", "sigmoid", "sin", "log"}) {
    const Tensor whole = ops::apply(name, ops::full({1000}, 0.7371, DType::float32));
    for (int64_t n : {1, 5, 13}) {
      const Tensor part = ops::apply(name, ops::full({n}, 0.7371, DType::float32));
      for (int64_t i = 0; i < n; ++i) EXPECT_EQ(part.data<float>()[i], whole.data<float>()[500]) << name;
    }
  }
}

TEST(Pointwise, SpecialValues) {
  const double inf = INFINITY;
  const auto one = [](const char* op, double v) { return at(ops::apply(op, ops::full({1}, v, DType::float32)), 0); };
  EXPECT_TRUE(std::isnan(one("exp", NAN)));
  EXPECT_EQ(one("exp", inf), inf);
  EXPECT_EQ(one("exp", -inf), 0);
  EXPECT_EQ(one("log", 0), -inf);
  EXPECT_TRUE(std::isnan(one("log", -1)));
  EXPECT_EQ(one("log", inf), inf);
  EXPECT_TRUE(std::isnan(one("tanh", NAN)));
  EXPECT_EQ(one("tanh", inf), 1);
  EXPECT_EQ(one("tanh", -inf), -1);
  EXPECT_TRUE(std::isnan(one("relu", NAN)));
  EXPECT_NEAR(one("sin", 1e6), std::sin(1e6f), 1e-6);
  EXPECT_TRUE(std::isnan(one("sin", inf)));
}

TEST(Pointwise, BroadcastsStridesAndCasts) {
  const Tensor a = ops::reshape(ops::arange(0, 12, 1, DType::float32), {3, 4}), b = ops::arange(0, 3, 1, DType::int64);
  const Tensor sum = ops::t(a) + b;
  EXPECT_EQ(sum.shape(), (Dims{4, 3}));
  EXPECT_EQ(sum.dtype(), DType::float32);
  EXPECT_EQ(at(sum, 5), 11);  // a[2, 1] + b[2]
}

TEST(Pointwise, PromotionIsPyTorchs) {
  const Tensor f32 = ops::full({2}, 1, DType::float32), f64 = ops::full({2}, 1, DType::float64),
               zero_dim = ops::scalar(1.0, DType::float64);
  EXPECT_EQ((f32 + f64).dtype(), DType::float64);
  EXPECT_EQ((f32 + zero_dim).dtype(), DType::float32);
  EXPECT_EQ((ops::full({2}, 1, DType::int64) + ops::scalar(1.0, DType::float32)).dtype(), DType::float32);
  EXPECT_EQ((ops::full({2}, 1, DType::int64) / ops::full({2}, 2, DType::int64)).dtype(), DType::float32);
}

TEST(Pointwise, InPlaceReadsAnOverlappingOperandFirst) {
  const Tensor a = ops::reshape(ops::arange(0, 4, 1, DType::float32), {2, 2});
  NoGrad off;
  ops::binary_(ops::pointwise("add", 2), a, ops::t(a));
  EXPECT_EQ(at(a, 1), 3);
  EXPECT_EQ(at(a, 2), 3);
}

TEST(Pointwise, LargeTensorsGiveTheSameBitsAsSmallOnes) {
  const int64_t n = 300'000;
  const Tensor x = ops::linspace(-3, 3, n, DType::float32), y = ops::apply("tanh", x);
  for (int64_t i : {int64_t{0}, int64_t{32767}, int64_t{32768}, int64_t{99'991}, n - 1}) {
    const Tensor one = ops::full({1}, x.data<float>()[i], DType::float32);
    EXPECT_EQ(ops::apply("tanh", one).data<float>()[0], y.data<float>()[i]);
  }
}

}  // namespace
