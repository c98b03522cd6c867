#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

#include "core/autograd/engine.h"
#include "core/ops/math.h"
#include "core/tensor/random.h"
#include "tests/core/offers.h"
#include "tests/core/support.h"

using namespace tapescope;
using namespace tapescope::testing;

namespace {

Tensor fill(const char* name, const Tensor& x, std::vector<ops::Value> more) {
  more.insert(more.begin(), x);
  return call(name, std::move(more));
}
std::vector<double> drawn(const char* name, std::vector<ops::Value> args, DType t = DType::float64) {
  Generator::global().seed(3);
  return values(fill(name, ops::full({20000}, 0, t), std::move(args)));
}
double mean(const std::vector<double>& v) {
  return std::accumulate(v.begin(), v.end(), 0.0) / static_cast<double>(v.size());
}

TEST(RandomFill, DistributionsHaveTheirMeansAndRanges) {
  const auto uniform = drawn("uniform_", {2.0, 4.0});
  EXPECT_NEAR(mean(uniform), 3, 0.02);
  EXPECT_TRUE(std::ranges::all_of(uniform, [](double v) { return v >= 2 && v < 4; }));
  EXPECT_NEAR(mean(drawn("normal_", {1.0, 2.0})), 1, 0.06);
  EXPECT_NEAR(mean(drawn("exponential_", {4.0})), 0.25, 0.01);
  EXPECT_NEAR(mean(drawn("bernoulli_", {0.3})), 0.3, 0.02);
  const auto integers = drawn("random_", {int64_t{-2}, int64_t{2}}, DType::int64);
  EXPECT_EQ(*std::ranges::min_element(integers), -2);
  EXPECT_EQ(*std::ranges::max_element(integers), 1);
}

TEST(RandomFill, SameSeedSameNumbers) {
  EXPECT_EQ(drawn("normal_", {0.0, 1.0}), drawn("normal_", {0.0, 1.0}));
}

TEST(RandomFill, WhatWasThereGetsNoGradient) {
  Tensor x = ops::clone(ops::full({3}, 1, DType::float32));
  x.impl()->requires_grad_flag = true;
  EXPECT_TRUE(holds(message([&] { fill("uniform_", x, {0.0, 1.0}); }), "a leaf Variable that requires grad"));
  const Tensor y = x * 2.0;
  fill("uniform_", y, {0.0, 1.0});
  EXPECT_EQ(y.version(), 1u);
  backward({ops::sum(y)}, {}, false, false, {});
  EXPECT_EQ(values(grad_of(x)), (std::vector<double>{0, 0, 0}));
}

TEST(RandomFill, WhatDoesNotFitIsSaid) {
  const Tensor x = ops::full({3}, 1, DType::float32), i = ops::full({3}, 1, DType::int64);
  EXPECT_THROW(fill("uniform_", x, {1.0, 0.0}), ValueError);
  EXPECT_THROW(fill("normal_", x, {0.0, -1.0}), ValueError);
  EXPECT_THROW(fill("normal_", i, {0.0, 1.0}), DTypeError);
  EXPECT_THROW(fill("bernoulli_", x, {1.5}), ValueError);
  EXPECT_THROW(fill("exponential_", x, {0.0}), ValueError);
  EXPECT_THROW(fill("random_", i, {int64_t{2}, int64_t{2}}), ValueError);
}

}  // namespace
