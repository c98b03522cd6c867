#include <gtest/gtest.h>

#include <cmath>

#include "core/autograd/engine.h"
#include "core/ops/math.h"
#include "core/record/recorder.h"
#include "tests/core/support.h"

using namespace tapescope;
using namespace tapescope::testing;

namespace {

using ops::Reduction;

Tensor logits() {
  Tensor x = ops::clone(ops::reshape(vector({1, 2, 3, 0, 0, 0}), {2, 3}));
  x.impl()->requires_grad_flag = true;
  return x;
}

TEST(Mse, ReducesAsTold) {
  const Tensor x = leaf({1, 2, 3}), y = vector({1, 0, 0});
  EXPECT_EQ(values(ops::mse_loss(x, y, Reduction::none)), (std::vector<double>{0, 4, 9}));
  EXPECT_EQ(ops::item(ops::mse_loss(x, y, Reduction::sum)), 13);
  EXPECT_NEAR(ops::item(ops::mse_loss(x, y, Reduction::mean)), 13.0 / 3, 1e-6);
  backward({ops::mse_loss(x, y, Reduction::sum)}, {}, false, false, {});
  EXPECT_EQ(values(grad_of(x)), (std::vector<double>{0, 4, 6}));
}

TEST(Mse, BothSidesMayBeDifferentiatedAndBroadcast) {
  const Tensor x = leaf({1, 2}), y = leaf({3});
  backward({ops::mse_loss(x, y, Reduction::mean)}, {}, false, false, {});
  EXPECT_EQ(values(grad_of(x)), (std::vector<double>{-2, -1}));
  EXPECT_EQ(values(grad_of(y)), (std::vector<double>{3}));
  EXPECT_THROW(ops::mse_loss(vector({1}, DType::int64), y, Reduction::mean), DTypeError);
}

TEST(Mse, AnErrorInsideLeavesTheObserverInPlace) {
  start_recording(Recorder::Mode::automatic, 1);
  EXPECT_THROW(ops::mse_loss(vector({1, 2}), vector({1, 2, 3}), Reduction::mean), ShapeError);
  ops::mse_loss(vector({1, 2}), vector({1, 2}), Reduction::mean);
  const auto r = stop_recording();
  ASSERT_EQ(r->ops_seen(), 1u);
  EXPECT_STREQ(r->ops()[0].schema->name, "mse_loss");
}

TEST(Nll, PicksTheTargets) {
  const Tensor x = logits(), target = vector({2, 0}, DType::int64);
  EXPECT_EQ(values(ops::nll_loss(x, target, Reduction::none)), (std::vector<double>{-3, 0}));
  backward({ops::nll_loss(x, target, Reduction::mean)}, {}, false, false, {});
  EXPECT_EQ(values(grad_of(x)), (std::vector<double>{0, 0, -0.5, -0.5, 0, 0}));
}

TEST(Nll, SaysWhatDoesNotFit) {
  const Tensor x = logits();
  EXPECT_TRUE(holds(message([&] {
                      ops::nll_loss(x, vector({3, 0}, DType::int64), Reduction::sum);
                    }),
                    "Target 3 is out of bounds: there are 3 classes"));
  EXPECT_THROW(ops::nll_loss(x, vector({-1, 0}, DType::int64), Reduction::sum), IndexError);
  EXPECT_THROW(ops::nll_loss(x, vector({0}, DType::int64), Reduction::sum), ShapeError);
  EXPECT_THROW(ops::nll_loss(x, vector({0, 1}), Reduction::sum), DTypeError);
  const Tensor whole = ops::full({2, 3}, 1, DType::int64);
  EXPECT_THROW(ops::nll_loss(whole, vector({0, 1}, DType::int64), Reduction::sum), DTypeError);
}

TEST(CrossEntropy, ClassesAndProbabilitiesAgree) {
  const Tensor x = logits(), classes = vector({2, 0}, DType::int64);
  const Tensor probabilities = ops::reshape(vector({0, 0, 1, 1, 0, 0}), {2, 3});
  const double expected = (std::log(1 + std::exp(-1.0) + std::exp(-2.0)) + std::log(3.0)) / 2;
  EXPECT_NEAR(ops::item(ops::cross_entropy(x, classes, Reduction::mean)), expected, 1e-6);
  EXPECT_NEAR(ops::item(ops::cross_entropy(x, probabilities, Reduction::mean)), expected, 1e-6);
  backward({ops::cross_entropy(x, classes, Reduction::sum)}, {}, false, false, {});
  EXPECT_NEAR(values(grad_of(x))[3], 1.0 / 3 - 1, 1e-6);
  EXPECT_THROW(ops::cross_entropy(vector({1}), classes, Reduction::mean), ShapeError);
}

TEST(CrossEntropy, OfNoSamplesIsNaNInTheMeanAndZeroInTheSum) {
  const Tensor x = Tensor::empty({0, 3}, DType::float32), t = Tensor::empty({0}, DType::int64);
  EXPECT_TRUE(std::isnan(ops::item(ops::cross_entropy(x, t, Reduction::mean))));
  EXPECT_EQ(ops::item(ops::cross_entropy(x, t, Reduction::sum)), 0);
}

}  // namespace
