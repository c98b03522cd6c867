#include "core/trace/lint.h"

#include <gtest/gtest.h>

#include "tests/core/trace/support.h"

namespace tapescope::jit {
namespace {

std::string refused(const std::string& text) {
  return testing::message([&] { lint(*parse_ir(text)); });
}

TEST(Lint, AGoodGraphIsSilent) {
  lint(*parse_ir(testing::kText));
}

TEST(Lint, NamesTheNodeAndItsPlace) {
  EXPECT_EQ(refused("graph(%x : int):\n  %1 : Tensor = aten::tanh(%x) # a.py:3:0\n  return (%1)\n"),
            "lint: aten::tanh at a.py:3:0: no op of that name takes (int)");
}

TEST(Lint, ConstantsAgreeWithTheirTypes) {
  EXPECT_TRUE(testing::holds(refused("graph():\n  %0 : str = prim::Constant[value=1]()\n  return (%0)\n"),
                             "another type than str"));
  EXPECT_TRUE(testing::holds(refused("graph():\n  %0 : int = prim::Constant()\n  return (%0)\n"), "another type"));
}

TEST(Lint, TuplesAgreeWithTheirMembers) {
  EXPECT_TRUE(testing::holds(
      refused("graph(%x : Tensor):\n  %1 : (Tensor, int) = prim::TupleConstruct(%x)\n  return (%1)\n"), "makes no"));
  EXPECT_TRUE(testing::holds(
      refused("graph(%x : (Tensor, Tensor)):\n  %1 : Tensor = prim::TupleUnpack(%x)\n  return (%1)\n"), "1 values"));
  EXPECT_TRUE(testing::holds(refused("graph(%x : Tensor):\n  %1 : Tensor = prim::ListUnpack(%x)\n  return (%1)\n"),
                             "cannot unpack"));
}

TEST(Lint, AttributesBelongToModules) {
  EXPECT_TRUE(testing::holds(
      refused("graph(%x : Tensor):\n  %1 : Tensor = prim::GetAttr[name=\"w\"](%x)\n  return (%1)\n"), "is a module"));
}

TEST(Lint, AUseComesAfterItsDefinition) {
  const auto g = parse_ir(testing::kText);
  g->nodes().back()->move_before(g->nodes()[0]);
  EXPECT_TRUE(testing::holds(testing::message([&] { lint(*g); }), "is used before it is made"));
}

}  // namespace
}  // namespace tapescope::jit
