#include "core/trace/schema.h"

#include <gtest/gtest.h>

#include "tests/core/trace/support.h"

namespace tapescope::jit {
namespace {

TEST(Schema, AnOverloadIsFoundByTypes) {
  const auto g = parse_ir(
      "graph(%x : Tensor, %y : Tensor, %e : float):\n"
      "  %a : Tensor = aten::pow(%x, %y)\n"
      "  %b : Tensor = aten::pow(%x, %e)\n"
      "  %c : Tensor = aten::nothing(%x)\n"
      "  return (%a)\n");
  const std::vector<Node*> nodes = g->nodes();
  EXPECT_EQ(offer_of(*nodes[0])->pointwise->arity, 2);
  EXPECT_EQ(offer_of(*nodes[1])->pointwise->arity, 1);
  EXPECT_EQ(offer_of(*nodes[2]), nullptr);
}

TEST(Schema, ArgumentsGoThereAndBack) {
  const auto dims = std::make_shared<List>(List{Type::integer(), {int64_t{2}, int64_t{-1}}});
  const ops::Param sizes{"size", ops::Kind::dims, false};
  const ops::Value boxed = to_argument(sizes, dims, "view");
  EXPECT_TRUE(same(from_argument(boxed), dims));
  const ops::Param dtype{"dtype", ops::Kind::dtype, true};
  EXPECT_EQ(std::get<DType>(to_argument(dtype, int64_t{7}, "to")), DType::float64);
  EXPECT_TRUE(same(from_argument(ops::Value(DType::float64)), int64_t{7}));
  EXPECT_EQ(to_argument(dtype, IValue(), "to").index(), 0u);
}

TEST(Schema, WhatDoesNotFitIsRefused) {
  const ops::Param sizes{"size", ops::Kind::dims, false};
  const auto mixed = std::make_shared<List>(List{Type::integer(), {int64_t{2}, 1.5}});
  EXPECT_EQ(testing::message([&] { to_argument(sizes, mixed, "view"); }),
            "view: argument 'size' does not take a value of type int[]");
  EXPECT_THROW(to_argument({"x", ops::Kind::tensor, false}, IValue(), "tanh"), TypeError);
  EXPECT_THROW(to_argument({"t", ops::Kind::dtype, false}, int64_t{99}, "to"), TypeError);
}

}  // namespace
}  // namespace tapescope::jit
