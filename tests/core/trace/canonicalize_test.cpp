#include <gtest/gtest.h>

#include "tests/core/trace/support.h"

namespace tapescope::jit {
namespace {

TEST(Canonicalize, NamesShapesAndElementsDoNotCount) {
  const auto a = parse_ir(
      "graph(%x : Float(2)):\n  %1 : Float() = prim::Constant[value={1}]()\n  %c : Float(2) = aten::mul(%x, %1)\n  "
      "return (%c)\n");
  const auto b = parse_ir(
      "graph(%y : Float(3)):\n  %8 : Float() = prim::Constant[value={2}]()\n  %9 : Float(3) = aten::mul(%y, %8)\n  "
      "return (%9)\n");
  EXPECT_EQ(canonicalize(*a)->str(false), canonicalize(*b)->str(false));
}

TEST(Canonicalize, OpsDo) {
  const auto a = parse_ir("graph(%x : Float(2)):\n  %1 : Float(2) = aten::exp(%x)\n  return (%1)\n");
  const auto b = parse_ir("graph(%x : Float(2)):\n  %1 : Float(2) = aten::sin(%x)\n  return (%1)\n");
  EXPECT_NE(canonicalize(*a)->str(false), canonicalize(*b)->str(false));
}

}  // namespace
}  // namespace tapescope::jit
