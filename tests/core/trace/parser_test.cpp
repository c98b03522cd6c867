#include "core/trace/parser.h"

#include <gtest/gtest.h>

#include "tests/core/trace/support.h"

namespace tapescope::jit {
namespace {

using testing::kText;

std::string refused(const std::string& text) {
  return testing::message([&] { parse_ir(text); });
}

TEST(Parser, ReadsWhatIsPrinted) {
  const auto g = parse_ir(kText);
  EXPECT_EQ(g->str(), kText);
  const std::vector<Node*> nodes = g->nodes();
  EXPECT_EQ(nodes[0]->source_range().line(), 3);
  EXPECT_EQ(nodes[3]->source_range().file(), "b c.py");
  EXPECT_EQ(nodes[3]->scope_name(), "__module.l/__module.l.0");
  EXPECT_EQ(nodes[3]->output()->debug_name(), "z.1");
}

TEST(Parser, GroupsAndPythonOpsComeBack) {
  const std::string text =
      "graph(%0 : Float(2)):\n"
      "  %1 : Float(2) = prim::FusionGroup_0(%0)\n"
      "  %2 : Float(2) = ^Mine[inplace=0, module=\"__main__\", Subgraph=<Graph>](2, 'a)')(%1)\n"
      "  return (%2)\n"
      "with prim::FusionGroup_0 = graph(%0 : Float(2)):\n"
      "  %1 : Float(2) = aten::tanh(%0)\n"
      "  return (%1)\n";
  const auto g = parse_ir(text);
  EXPECT_EQ(g->str(), text);
  EXPECT_THROW(testing::run(*g, {testing::vector({1, 2})}), NotImplementedError);
}

TEST(Parser, SaysWhereAndWhatIsWrong) {
  EXPECT_EQ(refused("grph()"), "parse_ir: line 1, column 1: expected 'graph', but found 'grph()'");
  EXPECT_TRUE(testing::holds(refused("graph(%x : Float(2)):\n  %y : Flot(2) = aten::tanh(%x)\n  return (%y)\n"),
                             "line 2, column 8: expected a type"));
  EXPECT_TRUE(testing::holds(refused("graph(%x : Tensor):\n  return (%y)\n"), "a value that was made before, not %y"));
  EXPECT_TRUE(testing::holds(refused("graph(%x : Tensor, %x : Tensor):\n  return (%x)\n"), "a name that is free"));
  EXPECT_TRUE(testing::holds(refused("graph(%x : Tensor):\n  return (%x)\nmore"), "expected 'with'"));
}

TEST(Parser, EveryPrefixIsRefusedInWords) {
  for (size_t n = 0; n + 2 < kText.size(); ++n) {
    const std::string why = refused(kText.substr(0, n));
    EXPECT_TRUE(why.starts_with("parse_ir: line ")) << n << ": " << why;
  }
}

TEST(Parser, NestingHasAnEnd) {
  const std::string deep(100000, '(');
  EXPECT_TRUE(testing::holds(refused("graph(%x : " + deep), "fewer types"));
  std::string lists = "graph(%x : int";
  for (int i = 0; i < 100000; ++i) lists += "[]";
  EXPECT_TRUE(testing::holds(refused(lists + "):\n  return (%x)\n"), "fewer types"));
}

TEST(Parser, ElementsNeedAKnownType) {
  EXPECT_TRUE(testing::holds(refused("graph():\n  %0 : Tensor = prim::Constant[value={1}]()\n  return (%0)\n"),
                             "elements only where"));
  EXPECT_TRUE(testing::holds(refused("graph():\n  %0 : Float(99999999999, 9999999999) = prim::Constant[value={1}]()\n"),
                             "at most 4096 elements"));
}

}  // namespace
}  // namespace tapescope::jit
