#include <gtest/gtest.h>

#include <cmath>

#include "core/autograd/engine.h"
#include "core/graph/saved_variable.h"
#include "core/ops/math.h"
#include "tests/core/support.h"

using namespace tapescope;
using namespace tapescope::testing;

namespace {

Tensor grid() {
  Tensor t = ops::clone(ops::reshape(ops::arange(0, 12, 1, DType::float32), {3, 4}));
  t.impl()->requires_grad_flag = true;
  return t;
}
void mul_(const Tensor& t, double by) {
  ops::binary_(ops::pointwise("mul", 2), t, ops::scalar(by, DType::float32));
}

TEST(InPlace, ALeafMayNotBeWritten) {
  const Tensor x = grid();
  EXPECT_TRUE(holds(message([&] { mul_(x, 2); }), "a leaf Variable that requires grad"));
  EXPECT_TRUE(holds(message([&] { ops::fill_(ops::select(x, 0, 0), 1); }), "a view of a leaf Variable"));
  EXPECT_EQ(x.version(), 0u);
  NoGrad off;
  mul_(x, 2);
  EXPECT_EQ(x.version(), 1u);
  EXPECT_TRUE(x.is_leaf());
}

TEST(InPlace, WritesReachTheBaseAndItsHistory) {
  const Tensor x = grid(), y = x * 2.0, row = ops::select(y, 0, 1);
  mul_(row, 10);
  EXPECT_EQ(y.grad_fn()->type().name, "CopySlices");
  backward({ops::sum(y)}, {}, false, false, {});
  EXPECT_EQ(values(grad_of(x)), (std::vector<double>{2, 2, 2, 2, 20, 20, 20, 20, 2, 2, 2, 2}));
}

TEST(InPlace, AStaleViewAsksItsBase) {
  const Tensor x = grid(), y = x * 2.0, row = ops::select(y, 0, 1);
  mul_(y, 3);
  backward({ops::sum(row)}, {}, false, false, {});
  EXPECT_EQ(values(grad_of(x)), (std::vector<double>{0, 0, 0, 0, 6, 6, 6, 6, 0, 0, 0, 0}));
}

TEST(InPlace, AViewOfAViewWritesTheSameBase) {
  const Tensor x = grid(), y = x * 1.0, row = ops::select(y, 0, 2), one = ops::slice(row, 0, 1, 2, 1);
  mul_(one, 5);
  EXPECT_TRUE(row.impl()->meta->base.is_same(y));
  EXPECT_TRUE(one.impl()->meta->base.is_same(y));
  backward({ops::sum(row)}, {}, false, false, {});  // row is stale: it sees the write
  EXPECT_EQ(values(grad_of(x)), (std::vector<double>{0, 0, 0, 0, 0, 0, 0, 0, 1, 5, 1, 1}));
}

TEST(InPlace, WhatAWriteBroughtInGetsItsGradient) {
  const Tensor w = leaf({1, 2, 3, 4}), y = ops::full({3, 4}, 1, DType::float32);
  ops::copy_(ops::select(y, 0, 0), w);
  EXPECT_TRUE(y.requires_grad());
  backward({ops::sum(y * 3.0)}, {}, false, false, {});
  EXPECT_EQ(values(grad_of(w)), (std::vector<double>{3, 3, 3, 3}));
}

TEST(InPlace, WhatAWriteCoveredGetsNone) {
  const Tensor x = grid(), y = x * 1.0;
  ops::fill_(ops::select(y, 1, 0), 0);
  backward({ops::sum(y)}, {}, false, false, {});
  EXPECT_EQ(values(grad_of(x)), (std::vector<double>{0, 1, 1, 1, 0, 1, 1, 1, 0, 1, 1, 1}));
}

TEST(InPlace, OverlappingViewsAreWrittenOneAfterTheOther) {
  const Tensor x = leaf({1, 1, 1}), y = x * 1.0;
  mul_(ops::slice(y, 0, 0, 2, 1), 2);
  mul_(ops::slice(y, 0, 1, 3, 1), 3);
  EXPECT_EQ(values(y), (std::vector<double>{2, 6, 3}));
  backward({ops::sum(y)}, {}, false, false, {});
  EXPECT_EQ(values(grad_of(x)), (std::vector<double>{2, 6, 3}));
}

TEST(InPlace, TheHookThatRetainsGradFollowsTheTensor) {
  const Tensor x = leaf({1}), y = x * 2.0;
  retain_grad(y);
  Node* before = y.grad_fn();
  const Ref<Node> keep(before);
  mul_(y, 3);
  EXPECT_TRUE(before->hooks()->retain_grad.empty());
  backward({y * 5.0}, {}, false, false, {});
  EXPECT_EQ(values(grad_of(y)), (std::vector<double>{5}));  // of what y is now
  EXPECT_EQ(values(grad_of(x)), (std::vector<double>{30}));
}

TEST(InPlace, AWriteUnderAGradientThatIsNeededIsNoticed) {
  const Tensor x = leaf({1}), y = x * 2.0, z = y * y;
  mul_(y, 3);
  const std::string text = message([&] { backward({z}, {}, false, false, {}); });
  EXPECT_TRUE(holds(text, "modified by an inplace operation")) << text;
  EXPECT_TRUE(holds(text, "saved by MulBackward0 as 'other', is at version 1; expected version 0")) << text;
}

TEST(InPlace, ACopySlicesThatWasFreedSaysSo) {
  const Tensor x = grid(), y = x * 2.0;
  mul_(ops::select(y, 0, 1), 10);
  const Tensor s = ops::sum(y);
  backward({s}, {}, false, false, {});
  EXPECT_TRUE(holds(message([&] { backward({s}, {}, false, false, {}); }), "a second time"));
}

TEST(InPlace, GradientsOfGradientsGoThroughWritesToo) {
  const Tensor x = leaf({2, 3}), y = x * 1.0, part = ops::slice(y, 0, 0, 1, 1);
  ops::binary_(ops::pointwise("mul", 2), part, ops::slice(x, 0, 1, 2, 1));  // y = [x0 x1, x1]
  const Tensor first = grad({ops::sum(y * y)}, {x}, {}, true, true, false)[0];
  EXPECT_EQ(values(first), (std::vector<double>{2 * 2 * 9, 2 * 4 * 3 + 2 * 3}));
  Tensor second = grad({ops::select(first, 0, 0)}, {x}, {}, true, false, false)[0];
  EXPECT_EQ(values(second), (std::vector<double>{2 * 9, 4 * 2 * 3}));  // of 2 x0 x1²
  second = grad({ops::select(first, 0, 1)}, {x}, {}, false, false, false)[0];
  EXPECT_EQ(values(second), (std::vector<double>{4 * 2 * 3, 2 * 4 + 2}));  // of 2 x0² x1 + 2 x1
}

TEST(InPlace, TheSecondDerivativeKnowsWhatWasOverwritten) {
  const Tensor x = leaf({3}, DType::float64), y = x * 1.0;
  ops::unary_(ops::pointwise("sin", 1), y);
  const Tensor first = grad({y}, {x}, {}, true, true, false)[0];
  EXPECT_NEAR(ops::item(first), std::cos(3), 1e-12);
  EXPECT_NEAR(ops::item(grad({first}, {x}, {}, false, false, false)[0]), -std::sin(3), 1e-12);
}

TEST(InPlace, ATensorTimesItselfIsASquare) {
  const Tensor x = leaf({3, 4}), y = x * 1.0;
  ops::binary_(ops::pointwise("mul", 2), y, y);
  backward({ops::sum(y)}, {}, false, false, {});
  EXPECT_EQ(values(grad_of(x)), (std::vector<double>{6, 8}));
  const Tensor z = x * 1.0;
  ops::binary_(ops::pointwise("mul", 2), z, ops::select(z, 0, 1));  // and none of it is held in a circle
  EXPECT_EQ(values(z), (std::vector<double>{12, 16}));
  EXPECT_EQ(values(grad({ops::sum(z)}, {x}, {}, false, false, false)[0]), (std::vector<double>{4, 3 + 8}));
}

TEST(InPlace, AViewThatWasAnOperandSeesTheWriteAfterwards) {
  const Tensor x = leaf({3, 4}), y = x * 1.0, v = ops::select(y, 0, 0);
  ops::binary_(ops::pointwise("mul", 2), y, v);  // y = [x0², x0 x1]
  EXPECT_EQ(ops::item(v), 9);
  EXPECT_EQ(values(grad({v}, {x}, {}, false, false, false)[0]), (std::vector<double>{6, 0}));
}

// That nothing is left behind is checked after every test (main.cpp).
TEST(InPlace, ATensorThatWasSavedBelowItsOwnWriteIsFreed) {
  const Tensor x = leaf({1, 2});
  {
    const Tensor h = x * 1.0, y = h * h;
    ops::binary_(ops::pointwise("add", 2), h, y);
    const std::string text = message([&] { backward({ops::sum(h)}, {}, false, false, {}); });
    EXPECT_TRUE(holds(text, "modified by an inplace operation")) << text;
  }
  {
    // Write after write: what was saved before the first one comes in with the second.
    const Tensor h = x * 1.0, early = h * h;
    ops::binary_(ops::pointwise("add", 2), h, h * h);
    ops::binary_(ops::pointwise("add", 2), h, x);
    ops::binary_(ops::pointwise("add", 2), h, early);
    const Tensor row = ops::slice(h, 0, 0, 1, 1);
    ops::copy_(row, ops::slice(h * h, 0, 0, 1, 1));
  }
  {
    const Tensor h = x * 1.0, row = ops::slice(h, 0, 0, 1, 1);
    ops::copy_(h, row * row);  // the product holds a view, the view its base
  }
  {
    const Tensor h = x * 1.0, row = ops::slice(h, 0, 0, 1, 1);
    ops::copy_(row, ops::sum(h * h));
  }
  {
    const Tensor h = vector({1, 2});
    ops::copy_(h, x * h);  // a constant until now
    EXPECT_TRUE(holds(message([&] { backward({ops::sum(h)}, {}, false, false, {}); }), "inplace operation"));
  }
}

TEST(InPlace, WhatWasSavedElsewhereIsStillThere) {
  const Tensor x = leaf({3}), h = x * 1.0, y = h * h;
  mul_(h, 2);
  EXPECT_TRUE(y.grad_fn()->slots()[0].variable->data().is_same(h));
}

TEST(InPlace, TheCopyOfWhatWasOverwrittenIsNoOpOfTheCell) {
  const Tensor x = leaf({3}), y = x * 1.0;
  struct Count : OpObserver {
    int ops = 0;
    void op(const OpCall&) noexcept override { ++ops; }
    void write(const OpSchema&, const Tensor&) noexcept override {}
    void pass_begin(const PassStart&) noexcept override {}
    void node_done(uint32_t, const Node&, std::span<const Tensor>) noexcept override {}
    void pass_end(uint32_t, bool) noexcept override {}
  } count;
  op_observer = &count;
  mul_(y, 2);
  op_observer = nullptr;
  EXPECT_EQ(count.ops, 1);
}

}  // namespace
