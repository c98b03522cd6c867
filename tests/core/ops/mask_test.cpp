#include <gtest/gtest.h>

#include <cmath>

#include "core/autograd/engine.h"
#include "core/ops/math.h"
#include "tests/core/offers.h"
#include "tests/core/support.h"

using namespace tapescope;
using namespace tapescope::testing;

namespace {

ops::Operand number(double v) {
  return {ops::scalar(v, DType::float32)};
}
Tensor leaf() {
  Tensor t = ops::clone(ops::arange(0, 4, 1, DType::float32));
  t.impl()->requires_grad_flag = true;
  return t;
}
Tensor odd() {
  return ops::compare(ops::Comparison::gt, ops::arange(0, 4, 1, DType::float32), ops::scalar(1.5, DType::float32));
}

TEST(Mask, FillsWhereTheMaskSays) {
  const Tensor x = leaf();
  const Tensor y = call("masked_fill", {x, odd(), number(9)});
  EXPECT_EQ(values(y), (std::vector<double>{0, 1, 9, 9}));
  backward({ops::sum(y * y)}, {}, false, false, {});
  EXPECT_EQ(values(grad_of(x)), (std::vector<double>{0, 2, 0, 0}));
}

TEST(Mask, TheValueGetsTheGradientOfWhatItFilled) {
  const Tensor x = leaf();
  Tensor v = ops::clone(ops::scalar(5, DType::float32));
  v.impl()->requires_grad_flag = true;
  const Tensor y = x * 1.0;
  call("masked_fill_", {y, odd(), ops::Operand{v}});
  EXPECT_EQ(y.grad_fn()->type().name, "MaskedFillBackward0");
  backward({ops::sum(y * 3.0)}, {}, false, false, {});
  EXPECT_EQ(values(grad_of(v)), (std::vector<double>{6}));
  EXPECT_EQ(values(grad_of(x)), (std::vector<double>{3, 3, 0, 0}));
}

TEST(Mask, ABroadcastInputGetsTheSum) {
  const Tensor x = leaf();
  const Tensor mask =
      ops::compare(ops::Comparison::eq, ops::full({2, 4}, 1, DType::float32), ops::scalar(0, DType::float32));
  backward({ops::sum(call("masked_fill", {x, mask, number(0)}))}, {}, false, false, {});
  EXPECT_EQ(values(grad_of(x)), (std::vector<double>{2, 2, 2, 2}));
}

TEST(Mask, SelectsInOrder) {
  const Tensor x = leaf(), y = call("masked_select", {x, odd()});
  EXPECT_EQ(values(y), (std::vector<double>{2, 3}));
  backward({ops::sum(y)}, {}, false, false, {});
  EXPECT_EQ(values(grad_of(x)), (std::vector<double>{0, 0, 1, 1}));
}

TEST(Mask, WhatDoesNotFitIsSaid) {
  const Tensor x = ops::arange(0, 4, 1, DType::float32);
  EXPECT_TRUE(holds(message([&] { call("masked_fill", {x, x, number(1)}); }), "expects a bool mask, but got float32"));
  EXPECT_THROW(call("masked_fill", {x, odd(), ops::Operand{x}}), ShapeError);
  EXPECT_THROW(call("masked_fill", {ops::arange(0, 4, 1, DType::int64), odd(), number(NAN)}), ValueError);
  EXPECT_EQ(values(call("masked_fill", {ops::arange(0, 4, 1, DType::int64), odd(), number(9.5)})),
            (std::vector<double>{0, 1, 9, 9}));
  EXPECT_THROW(call("masked_fill_", {ops::full({1}, 0, DType::float32), odd(), number(1)}), ShapeError);
}

}  // namespace
