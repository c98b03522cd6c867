#include "core/trace/serialize.h"

#include <gtest/gtest.h>

#include "tests/core/trace/support.h"

namespace tapescope::jit {
namespace {

SavedTrace example() {
  const auto inner = std::make_shared<Object>(Object{
      Type::module("__module__.L"), {{"w", testing::leaf({2, 3})}, {"mean", testing::vector({1, 1})}}, {"mean"}});
  const auto module = std::make_shared<Object>(Object{Type::module("__module__.M"), {{"l", inner}}});
  auto g = testing::parsed(
      "graph(%self.1 : __module__.M,\n"
      "      %x : Float(2)):\n"
      "  %l : __module__.L = prim::GetAttr[name=\"l\"](%self.1)\n"
      "  %w : Tensor = prim::GetAttr[name=\"w\"](%l)\n"
      "  %4 : Float(2) = aten::mul(%x, %w) # a.py:3:0\n"
      "  return (%4)\n");
  return {"M", {{"forward", g, {"x"}}}, module};
}

TEST(Serialize, ComesBackWhole) {
  const SavedTrace saved = example();
  const SavedTrace back = deserialize(serialize(saved));
  EXPECT_EQ(back.name, "M");
  ASSERT_EQ(back.methods.size(), 1u);
  EXPECT_EQ(back.methods[0].graph->str(), saved.methods[0].graph->str());
  EXPECT_EQ(back.methods[0].argument_names, saved.methods[0].argument_names);
  const auto& inner = std::get<std::shared_ptr<Object>>(*back.module->find("l"));
  EXPECT_TRUE(std::get<Tensor>(*inner->find("w")).requires_grad());
  EXPECT_EQ(inner->buffers, (std::vector<std::string>{"mean"}));
  EXPECT_EQ(testing::values(testing::run(*back.methods[0].graph, {back.module, testing::vector({1, 1})})),
            (std::vector<double>{2, 3}));
}

TEST(Serialize, LargeConstantsAreInTheFile) {
  Graph g;
  const Tensor large = ops::randn({5, 7}, DType::float64);
  g.register_output(g.insert_constant(large));
  const SavedTrace back = deserialize(serialize({"f", {{"forward", g.copy(), {}}}, nullptr}));
  EXPECT_EQ(testing::values(testing::run(*back.methods[0].graph, {})), testing::values(large));
}

TEST(Serialize, ATensorInTwoPlacesIsOne) {
  const Tensor w = testing::vector({1, 2});
  const auto o = std::make_shared<Object>(Object{Type::module("__module__.M"), {{"a", w}, {"b", w}}});
  SavedTrace saved = example();
  saved.module = o;
  const SavedTrace back = deserialize(serialize(saved));
  EXPECT_TRUE(same(*back.module->find("a"), *back.module->find("b")));
}

TEST(Serialize, AFileCutAnywhereIsRefusedInWords) {
  const std::string bytes = serialize(example());
  for (size_t n = 0; n < bytes.size(); ++n) {
    const std::string why = testing::message([&] { deserialize(std::string_view(bytes).substr(0, n)); });
    EXPECT_TRUE(why.starts_with("load: ")) << n << ": " << why;
  }
}

TEST(Serialize, AnotherVersionIsNamed) {
  std::string bytes = serialize(example());
  const size_t at = bytes.find("version\\\":1");
  ASSERT_NE(at, std::string::npos);
  bytes[at + 10] = '9';
  EXPECT_TRUE(
      testing::holds(testing::message([&] { deserialize(bytes); }), "has version 9, this Tapescope reads version 1"));
}

TEST(Serialize, PythonIsNotSaved) {
  const auto g = parse_ir("graph(%x : Tensor):\n  %1 : Tensor = ^Mine(2)(%x)\n  return (%1)\n");
  EXPECT_THROW(serialize({"f", {{"forward", g, {}}}, nullptr}), NotImplementedError);
}

}  // namespace
}  // namespace tapescope::jit
