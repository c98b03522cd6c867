#include "core/ops/step.h"

#include <gtest/gtest.h>

#include "core/ops/ops.h"
#include "tests/core/support.h"

namespace tapescope::ops {
namespace {

using tapescope::testing::values;

const cpu::SgdStep kSgd{
    .lr = 0.5, .momentum = 0, .dampening = 0, .weight_decay = 0, .nesterov = false, .maximize = false, .first = false};

Tensor filled(double v, DType t = DType::float64) {
  return clone(full({3}, v, t));
}

TEST(Step, WritesNothingBeforeItRunsAndThenAll) {
  const Tensor a = filled(1), b = filled(2);
  Step step;
  step.sgd(a, filled(2), Tensor(), kSgd);
  step.sgd(b, filled(4), Tensor(), kSgd);
  EXPECT_EQ(values(a), (std::vector<double>{1, 1, 1}));
  step.run();
  EXPECT_EQ(values(a), (std::vector<double>{0, 0, 0}));
  EXPECT_EQ(values(b), (std::vector<double>{0, 0, 0}));
  EXPECT_EQ(a.version(), 1u);
  step.run();
  EXPECT_EQ(a.version(), 1u);
}

TEST(Step, WhatDoesNotFitIsRefusedBeforeAnythingIsWritten) {
  const Tensor a = filled(1);
  Step step;
  step.sgd(a, filled(2), Tensor(), kSgd);
  EXPECT_THROW(step.sgd(filled(1), clone(full({2}, 1, DType::float64)), Tensor(), kSgd), ShapeError);
  EXPECT_THROW(step.sgd(filled(1), filled(1, DType::float32), Tensor(), kSgd), ShapeError);
  EXPECT_THROW(step.sgd(filled(1), filled(1), filled(1, DType::float32), kSgd), ShapeError);
  EXPECT_THROW(step.sgd(clone(full({3}, 1, DType::int64)), filled(1), Tensor(), kSgd), ValueError);
  EXPECT_EQ(a.version(), 0u);
}

TEST(Step, SixteenBitFloatsAreRoundedOnce) {
  const Tensor p = filled(1, DType::float16);
  Step step;
  step.sgd(p, filled(0.001, DType::float16), Tensor(), kSgd);
  step.run();
  EXPECT_EQ(values(to(p, DType::float64))[0], 0.99951171875);
}

}  // namespace
}  // namespace tapescope::ops
