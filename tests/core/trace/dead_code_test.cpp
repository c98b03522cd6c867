#include <gtest/gtest.h>

#include "tests/core/trace/support.h"

namespace tapescope::jit {
namespace {

TEST(DeadCode, GoesWithAllThatItAloneReads) {
  const auto g = testing::parsed(
      "graph(%x : Float(2)):\n"
      "  %1 : Float(2) = aten::exp(%x)\n"
      "  %2 : Float(2) = aten::tanh(%1)\n"
      "  %3 : Float(2) = aten::sin(%x)\n"
      "  return (%3)\n");
  eliminate_dead_code(*g);
  EXPECT_EQ(g->nodes().size(), 1u);
  lint(*g);
}

TEST(DeadCode, WhatWritesStays) {
  const auto g = testing::parsed(
      "graph(%x : Float(2)):\n"
      "  %1 : Float(2) = aten::tanh_(%x)\n"
      "  %2 : Float(2) = aten::sin(%x)\n"
      "  return (%2)\n");
  eliminate_dead_code(*g);
  EXPECT_EQ(g->nodes().size(), 2u);
}

}  // namespace
}  // namespace tapescope::jit
