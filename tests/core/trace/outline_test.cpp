#include <gtest/gtest.h>

#include "tests/core/trace/support.h"

namespace tapescope::jit {
namespace {

std::shared_ptr<Object> module() {
  const auto inner = std::make_shared<Object>(Object{Type::module("__module__.L"), {{"w", testing::vector({2, 3})}}});
  return std::make_shared<Object>(Object{Type::module("__module__.M"), {{"l", inner}}});
}

const char* const kFlat =
    "graph(%self.1 : __module__.M,\n"
    "      %x : Float(2)):\n"
    "  %l : __module__.L = prim::GetAttr[name=\"l\"](%self.1)\n"
    "  %w : Tensor = prim::GetAttr[name=\"w\"](%l)\n"
    "  %4 : Float(2) = aten::mul(%x, %w), scope: __module.l\n"
    "  %5 : Float(2) = aten::exp(%4), scope: __module.l\n"
    "  %6 : Float(2) = aten::neg(%5)\n"
    "  return (%6)\n";

TEST(Outline, ASubmodulesCallIsAMethod) {
  const auto m = module();
  const auto flat = testing::parsed(kFlat);
  // Scopes of text are new objects a node; a trace's are one a call.
  flat->nodes()[3]->set_scope(flat->nodes()[2]->scope());
  const Outlined o = outline_calls(*flat, m.get());
  lint(*o.graph);
  ASSERT_EQ(o.methods.size(), 1u);
  EXPECT_EQ(o.methods[0].path, "l");
  EXPECT_EQ(o.methods[0].name, "forward");
  lint(*o.methods[0].graph);
  EXPECT_EQ(testing::count_of(*o.graph, "prim::CallMethod"), 1u);
  EXPECT_EQ(testing::count_of(*o.methods[0].graph, "prim::GetAttr"), 1u);
  const std::vector<IValue> in{m, testing::vector({0, 1})};
  const auto whole = testing::values(testing::run(*o.graph, in));
  EXPECT_EQ(whole, testing::values(testing::run(*flat, in)));
  inline_calls(*o.graph);
  lint(*o.graph);
  EXPECT_EQ(testing::values(testing::run(*o.graph, in)), whole);
}

TEST(Outline, TheSecondCallIsAnotherMethod) {
  const auto m = module();
  const Outlined o = outline_calls(*testing::parsed(kFlat), m.get());  // two scopes: two calls
  ASSERT_EQ(o.methods.size(), 2u);
  EXPECT_EQ(o.methods[1].name, "forward1");
}

TEST(Outline, SeveralResultsAreATuple) {
  const auto m = module();
  const auto flat = testing::parsed(
      "graph(%self.1 : __module__.M, %x : Float(2)):\n"
      "  %4 : Float(2) = aten::exp(%x), scope: __module.l\n"
      "  %5 : Float(2) = aten::sin(%x), scope: __module.l\n"
      "  %6 : Float(2) = aten::add(%4, %5)\n"
      "  return (%6)\n");
  flat->nodes()[1]->set_scope(flat->nodes()[0]->scope());
  const Outlined o = outline_calls(*flat, m.get());
  lint(*o.graph);
  EXPECT_EQ(testing::count_of(*o.graph, "prim::TupleUnpack"), 1u);
  const std::vector<IValue> in{m, testing::vector({0, 1})};
  EXPECT_EQ(testing::values(testing::run(*o.graph, in)), testing::values(testing::run(*flat, in)));
}

TEST(Outline, AFunctionHasNoCalls) {
  const Outlined o = outline_calls(*testing::parsed(testing::kText), nullptr);
  EXPECT_EQ(testing::count_of(*o.graph, "aten::mul"), 2u);
}

}  // namespace
}  // namespace tapescope::jit
