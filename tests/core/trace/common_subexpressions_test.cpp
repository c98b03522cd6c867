#include <gtest/gtest.h>

#include "tests/core/trace/support.h"

namespace tapescope::jit {
namespace {

TEST(CommonSubexpressions, AreComputedOnce) {
  const auto g = testing::parsed(testing::kText);
  const Tensor before = testing::run(*g, {testing::vector({1, 2}), testing::vector({3, 4})});
  eliminate_common_subexpressions(*g);
  EXPECT_EQ(testing::count_of(*g, "aten::mul"), 1u);
  lint(*g);
  EXPECT_EQ(testing::values(testing::run(*g, {testing::vector({1, 2}), testing::vector({3, 4})})),
            testing::values(before));
}

TEST(CommonSubexpressions, RandomNumbersAreDrawnEachTime) {
  const auto g = testing::parsed(
      "graph(%x : Float(2)):\n"
      "  %1 : NoneType = prim::Constant()\n"
      "  %2 : NoneType = prim::Constant()\n"
      "  %3 : Float(2) = aten::rand_like(%x, %1)\n"
      "  %4 : Float(2) = aten::rand_like(%x, %2)\n"
      "  %5 : Float(2) = aten::sub(%3, %4)\n"
      "  return (%5)\n");
  eliminate_common_subexpressions(*g);
  EXPECT_EQ(testing::count_of(*g, "aten::rand_like"), 2u);
  EXPECT_EQ(testing::count_of(*g, "prim::Constant"), 1u);
}

TEST(CommonSubexpressions, WhatMayBeWrittenIsNotMerged) {
  const auto g = testing::parsed(
      "graph(%x : Float(2)):\n"
      "  %1 : Float(2) = aten::exp(%x)\n"
      "  %2 : Float(2) = aten::exp(%x)\n"
      "  %3 : Float(2) = aten::neg_(%1)\n"
      "  %4 : Float(2) = aten::add(%3, %2)\n"
      "  return (%4)\n");
  eliminate_common_subexpressions(*g);
  EXPECT_EQ(testing::values(testing::run(*g, {testing::vector({1, 2})})), (std::vector<double>{0, 0}));
}

}  // namespace
}  // namespace tapescope::jit
