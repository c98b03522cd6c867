#include <gtest/gtest.h>

#include "core/trace/interpreter.h"
#include "tests/core/trace/support.h"

namespace tapescope::jit {
namespace {

TEST(Code, NodesThatCannotRunAreRefused) {
  EXPECT_TRUE(testing::holds(
      testing::message(
          [] { Code(*parse_ir("graph(%x : Tensor):\n  %1 : Tensor = aten::nope(%x) # a.py:2:0\n  return (%1)\n")); }),
      "aten::nope at a.py:2:0: no op of that name takes (Tensor)"));
  EXPECT_TRUE(testing::holds(
      testing::message(
          [] { Code(*parse_ir("graph():\n  %1 : Float(99) = prim::Constant[value=<Tensor>]()\n  return (%1)\n")); }),
      "elements the graph's text does not hold"));
}

TEST(Code, AGroupMayGiveBackWhatItsOpsDoNotMake) {
  // As text has it that no pass wrote: an input, a constant and the same value twice among the results.
  const auto g = testing::parsed(
      "graph(%x : Float(2)):\n"
      "  %a : Float(2), %b : Float(2), %c : Float(2), %d : Float() = prim::FusionGroup_0(%x)\n"
      "  %l : Tensor[] = prim::ListConstruct(%a, %b, %c)\n"
      "  %0 : int = prim::Constant[value=0]()\n"
      "  %e : Tensor = aten::cat(%l, %0)\n"
      "  %f : Tensor = aten::mul(%e, %d)\n"
      "  return (%f)\n"
      "with prim::FusionGroup_0 = graph(%y : Float(2)):\n"
      "  %1 : Float() = prim::Constant[value={2}]()\n"
      "  %2 : Float(2) = aten::mul(%y, %1)\n"
      "  return (%2, %2, %y, %1)\n");
  EXPECT_EQ(testing::values(testing::run(*g, {testing::vector({1, 2})})), (std::vector<double>{4, 8, 4, 8, 2, 4}));
}

TEST(Code, AGroupMayHaveInputsThatNobodyReads) {
  const auto g = testing::parsed(
      "graph(%x : Float(2), %z : Float(2)):\n"
      "  %a : Float(2) = prim::FusionGroup_0(%x, %z)\n"
      "  return (%a)\n"
      "with prim::FusionGroup_0 = graph(%y : Float(2), %w : Float(2)):\n"
      "  %2 : Float(2) = aten::mul(%y, %y)\n"
      "  return (%2)\n");
  for (const Tensor& x : {testing::vector({1, 2}), testing::leaf({1, 2})})
    EXPECT_EQ(testing::values(testing::run(*g, {x, testing::vector({5, 5})})), (std::vector<double>{1, 4}));
}

}  // namespace
}  // namespace tapescope::jit
