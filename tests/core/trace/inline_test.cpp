#include <gtest/gtest.h>

#include "tests/core/trace/support.h"

namespace tapescope::jit {
namespace {

std::shared_ptr<Graph> calling(const std::shared_ptr<Graph>& callee) {
  auto g = testing::parsed(
      "graph(%self : __module__.M, %x : Float(2)):\n"
      "  %2 : Float(2) = prim::CallMethod[name=\"forward\"](%self, %x)\n"
      "  %3 : Float(2) = aten::tanh(%2)\n"
      "  return (%3)\n");
  g->nodes()[0]->callee = callee;
  return g;
}

TEST(Inline, ACallIsReplacedByWhatItDoes) {
  const auto inner =
      testing::parsed("graph(%self : __module__.M, %x : Float(2)):\n  %2 : Float(2) = aten::exp(%x)\n  return (%2)\n");
  const auto middle = calling(inner), outer = calling(middle);
  inline_calls(*outer);
  lint(*outer);
  EXPECT_EQ(testing::count_of(*outer, "prim::CallMethod"), 0u);
  EXPECT_EQ(testing::count_of(*outer, "aten::tanh"), 2u);
  EXPECT_EQ(testing::count_of(*outer, "aten::exp"), 1u);
}

TEST(Inline, AMethodThatReturnsItsArgumentVanishes) {
  const auto outer = calling(testing::parsed("graph(%self : __module__.M, %x : Float(2)):\n  return (%x)\n"));
  inline_calls(*outer);
  lint(*outer);
  EXPECT_EQ(outer->nodes().size(), 1u);
}

TEST(Inline, AnUnknownMethodIsRefused) {
  const auto g = calling(nullptr);
  EXPECT_TRUE(testing::holds(testing::message([&] { inline_calls(*g); }), "method 'forward' is not known"));
}

}  // namespace
}  // namespace tapescope::jit
