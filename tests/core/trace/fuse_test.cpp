#include <gtest/gtest.h>

#include "tests/core/trace/support.h"

namespace tapescope::jit {
namespace {

std::string program(const std::string& body) {
  return "graph(%x : Float(2), %y : Float(2)):\n" + body;
}

TEST(Fuse, AChainBecomesAGroup) {
  const auto g =
      testing::parsed(program("  %2 : Float(2) = aten::mul(%x, %y)\n  %3 : Float(2) = aten::tanh(%2)\n"
                              "  %4 : Float(2) = aten::add(%3, %2)\n  return (%4)\n"));
  const std::vector<IValue> in{testing::vector({1, 2}), testing::vector({3, 4})};
  const auto before = testing::values(testing::run(*g, in));
  fuse_pointwise(*g);
  lint(*g);
  EXPECT_EQ(g->nodes().size(), 1u);
  EXPECT_EQ(g->nodes()[0]->kind(), "prim::FusionGroup");
  EXPECT_EQ(testing::values(testing::run(*g, in)), before);
  EXPECT_EQ(parse_ir(g->str())->str(), g->str());
}

TEST(Fuse, NumbersGoInside) {
  const auto g = testing::parsed(
      program("  %2 : float = prim::Constant[value=0.]()\n  %3 : NoneType = prim::Constant()\n"
              "  %4 : Float(2) = aten::clamp(%x, %2, %3)\n  %5 : Float(2) = aten::exp(%4)\n  return (%5)\n"));
  fuse_pointwise(*g);
  EXPECT_EQ(testing::count_of(*g, "prim::FusionGroup"), 1u);
  EXPECT_EQ(testing::values(testing::run(*g, {testing::vector({-1, 0}), testing::vector({0, 0})})),
            (std::vector<double>{1, 1}));
}

TEST(Fuse, StrangersStayApart) {
  const auto g = testing::parsed(program(
      "  %2 : Float(2) = aten::exp(%x)\n  %3 : Float(2) = aten::sin(%y)\n  %4 : Float(2) = aten::tanh(%2)\n"
      "  %5 : Float(2) = aten::cos(%3)\n  %6 : (Float(2), Float(2)) = prim::TupleConstruct(%4, %5)\n  return (%6)\n"));
  fuse_pointwise(*g);
  lint(*g);
  EXPECT_EQ(testing::count_of(*g, "prim::FusionGroup"), 2u);
}

TEST(Fuse, WhatWritesEndsARun) {
  const auto g = testing::parsed(program(
      "  %2 : Float(2) = aten::exp(%x)\n  %3 : Float(2) = aten::tanh_(%y)\n  %4 : Float(2) = aten::mul(%2, %y)\n"
      "  return (%4)\n"));
  fuse_pointwise(*g);
  EXPECT_EQ(testing::count_of(*g, "prim::FusionGroup"), 0u);
}

TEST(Fuse, ALongChainIsSeveralGroups) {
  std::string body = "  %1000 : Float(2) = aten::sin(%x)\n";
  for (int i = 1001; i < 1040; ++i) body += fmt::format("  %{} : Float(2) = aten::cos(%{})\n", i, i - 1);
  const auto g = testing::parsed(program(body + "  return (%1039)\n"));
  const std::vector<IValue> in{testing::vector({1, 2}), testing::vector({3, 4})};
  const auto before = testing::values(testing::run(*g, in));
  fuse_pointwise(*g);
  lint(*g);
  EXPECT_EQ(testing::count_of(*g, "prim::FusionGroup"), 3u);
  EXPECT_EQ(testing::values(testing::run(*g, in)), before);
}

TEST(Fuse, ResultsInTheMiddleAreOutputs) {
  const auto g =
      testing::parsed(program("  %2 : Float(2) = aten::exp(%x)\n  %3 : Float(2) = aten::sin(%2)\n"
                              "  %4 : (Float(2), Float(2)) = prim::TupleConstruct(%2, %3)\n  return (%4)\n"));
  fuse_pointwise(*g);
  lint(*g);
  EXPECT_EQ(g->nodes()[0]->outputs().size(), 2u);
}

}  // namespace
}  // namespace tapescope::jit
