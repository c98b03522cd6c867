#include <gtest/gtest.h>

#include "core/autograd/engine.h"
#include "core/ops/math.h"
#include "core/ops/registry.h"
#include "tests/core/support.h"

using namespace tapescope;
using namespace tapescope::testing;

namespace {

std::vector<Tensor> call(const char* name, std::vector<ops::Value> args) {
  for (const ops::Offer* o : ops::all_offers())
    if (o->name == name && o->params.size() == args.size() &&
        (o->params[1].kind == ops::Kind::dims) == std::holds_alternative<Dims>(args[1]))
      return std::get<std::vector<Tensor>>(o->call(args));
  throw InternalError("no offer {}", name);
}

Tensor grid() {
  Tensor t = ops::clone(ops::reshape(ops::arange(0, 12, 1, DType::float32), {3, 4}));
  t.impl()->requires_grad_flag = true;
  return t;
}

TEST(Split, PartsShareTheMemory) {
  const Tensor x = grid();
  const auto rows = call("unbind", {x, int64_t{0}});
  ASSERT_EQ(rows.size(), 3u);
  EXPECT_EQ(rows[1].shape(), (Dims{4}));
  EXPECT_EQ(rows[2].raw(), x.raw() + 8 * 4);
  const auto pieces = call("split", {x, int64_t{3}, int64_t{1}});
  ASSERT_EQ(pieces.size(), 2u);
  EXPECT_EQ(pieces[1].shape(), (Dims{3, 1}));
  EXPECT_EQ(call("split", {x, Dims{1, 0, 2}, int64_t{0}})[2].shape(), (Dims{2, 4}));
  EXPECT_EQ(call("chunk", {x, int64_t{2}, int64_t{-1}})[1].shape(), (Dims{3, 2}));
  EXPECT_EQ(call("chunk", {ops::full({0}, 0, DType::float32), int64_t{3}, int64_t{0}}).size(), 1u);
}

TEST(Split, PartsWithoutAGradientCountAsZeros) {
  const Tensor x = grid();
  const auto parts = call("split", {x * 2.0, int64_t{2}, int64_t{0}});
  EXPECT_EQ(parts[0].grad_fn(), parts[1].grad_fn());
  EXPECT_EQ(parts[1].impl()->output_nr, 1u);
  backward({ops::sum(parts[1] * 3.0)}, {}, false, false, {});
  EXPECT_EQ(values(grad_of(x)), (std::vector<double>{0, 0, 0, 0, 0, 0, 0, 0, 6, 6, 6, 6}));
}

TEST(Split, PartsMayNotBeWritten) {
  const Tensor y = grid() * 1.0;
  const auto parts = call("unbind", {y, int64_t{0}});
  const std::string text = message([&] { ops::fill_(parts[0], 0); });
  EXPECT_TRUE(holds(text, "Output 0 of UnbindBackward0 is a view and is being modified inplace")) << text;
  EXPECT_TRUE(holds(message([&] { ops::fill_(ops::select(parts[0], 0, 0), 0); }), "returns multiple views"));
  ops::fill_(y, 1);  // the base may; the parts are of no use then
  EXPECT_TRUE(holds(message([&] { parts[1] * 2.0; }), "its base or another view of its base has been modified"));
}

TEST(Split, WhatDoesNotFitIsSaid) {
  const Tensor x = grid();
  EXPECT_THROW(call("unbind", {x, int64_t{2}}), IndexError);
  EXPECT_THROW(call("split", {x, int64_t{0}, int64_t{0}}), ValueError);
  EXPECT_THROW(call("split", {x, Dims{1, 1}, int64_t{0}}), ShapeError);
  EXPECT_THROW(call("split", {x, Dims{4, -1}, int64_t{0}}), ValueError);
  EXPECT_THROW(call("chunk", {x, int64_t{0}, int64_t{0}}), ValueError);
}

}  // namespace
