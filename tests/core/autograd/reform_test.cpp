#include <gtest/gtest.h>

#include "core/autograd/engine.h"
#include "core/ops/math.h"
#include "tests/core/offers.h"
#include "tests/core/support.h"

using namespace tapescope;
using namespace tapescope::testing;

namespace {

Tensor leaf() {
  Tensor t = ops::clone(ops::arange(0, 4, 1, DType::float32));
  t.impl()->requires_grad_flag = true;
  return t;
}

TEST(Reform, DetachMakesALeaf) {
  const Tensor x = leaf(), y = x * 2.0;
  EXPECT_TRUE(call("detach_", {y}).is_same(y));
  EXPECT_TRUE(y.is_leaf() && !y.requires_grad());
  call("detach_", {x});
  EXPECT_FALSE(x.requires_grad());
  const Tensor z = leaf() * 2.0, view = ops::slice(z, 0, 0, 2, 1);
  EXPECT_TRUE(holds(message([&] { call("detach_", {view}); }), "Can't detach views in-place"));
}

TEST(Reform, ResizeKeepsWhatFits) {
  const Tensor x = ops::clone(ops::arange(0, 40, 1, DType::float32));
  call("resize_", {x, Dims{2, 3}});
  EXPECT_EQ(values(x), (std::vector<double>{0, 1, 2, 3, 4, 5}));
  call("resize_", {x, Dims{40}});
  EXPECT_EQ(values(x)[39], 39);
  const char* before = x.raw();
  call("resize_", {x, Dims{100}});
  EXPECT_NE(x.raw(), before);
  EXPECT_EQ(values(x)[39], 39);
  EXPECT_EQ(before[0], 0);  // an array that shares it reads on
}

TEST(Reform, ResizeOfASavedTensorIsAWrite) {
  const Tensor x = leaf(), w = ops::clone(ops::arange(0, 4, 1, DType::float32)), y = x * w;
  call("resize_", {w, Dims{2}});
  EXPECT_TRUE(
      holds(message([&] { backward({ops::sum(y)}, {}, false, false, {}); }), "modified by an inplace operation"));
}

TEST(Reform, WhatMayNotBeResizedIsSaid) {
  EXPECT_TRUE(holds(message([&] { call("resize_", {leaf(), Dims{2}}); }), "cannot resize variables that require grad"));
  const Tensor x = ops::clone(ops::arange(0, 40, 1, DType::float32)), view = ops::slice(x, 0, 0, 2, 1);
  EXPECT_TRUE(holds(message([&] { call("resize_", {view, Dims{100}}); }), "shares with others"));
  call("resize_", {view, Dims{4}});  // the memory is there
  EXPECT_EQ(values(view), (std::vector<double>{0, 1, 2, 3}));
  EXPECT_THROW(call("resize_", {x, Dims{-1}}), ShapeError);
  EXPECT_FALSE(message([&] { call("resize_", {x, Dims{INT64_MAX}}); }).empty());
}

}  // namespace
