#include <gtest/gtest.h>

#include <cmath>

#include "tests/core/trace/support.h"

namespace tapescope::jit {
namespace {

std::string constant(const IValue& v) {
  Graph g;
  g.register_output(g.insert_constant(v));
  const std::string text = g.str();
  EXPECT_EQ(parse_ir(text)->str(), text);
  return text.substr(text.find("%0"), text.find("\n  return") - text.find("%0"));
}

TEST(Print, NumbersAsPyTorchWritesThem) {
  EXPECT_EQ(constant(int64_t{-1}), "%0 : int = prim::Constant[value=-1]()");
  EXPECT_EQ(constant(2.0), "%0 : float = prim::Constant[value=2.]()");
  EXPECT_EQ(constant(0.1), "%0 : float = prim::Constant[value=0.1]()");
  EXPECT_EQ(constant(1e300), "%0 : float = prim::Constant[value=1e+300]()");
  EXPECT_EQ(constant(-HUGE_VAL), "%0 : float = prim::Constant[value=-inf]()");
  EXPECT_EQ(constant(true), "%0 : bool = prim::Constant[value=1]()");
  EXPECT_EQ(constant(IValue()), "%0 : NoneType = prim::Constant()");
}

TEST(Print, TextIsEscaped) {
  EXPECT_EQ(constant(std::string("a\"\\\n\x01\xc3\xa9")),
            "%0 : str = prim::Constant[value=\"a\\\"\\\\\\012\\001\xc3\xa9\"]()");
}

TEST(Print, SmallTensorsAreWrittenOut) {
  EXPECT_EQ(constant(testing::vector({2, 0.5})), "%0 : Float(2) = prim::Constant[value={2, 0.5}]()");
  EXPECT_EQ(constant(ops::full({}, 1, DType::boolean)), "%0 : Bool() = prim::Constant[value={1}]()");
  EXPECT_EQ(constant(ops::full({17}, 1, DType::float32)), "%0 : Float(17) = prim::Constant[value=<Tensor>]()");
}

TEST(Print, LargeOnesGoToATable) {
  Graph g;
  const Tensor large = ops::full({17}, 1, DType::float32);
  g.register_output(g.insert_constant(large));
  std::vector<Tensor> constants;
  const std::string text = g.str(true, &constants);
  ASSERT_EQ(constants.size(), 1u);
  const auto back = parse_ir(text, constants);
  EXPECT_TRUE(std::get<Tensor>(Graph::constant_value(*back->nodes()[0])).is_same(large));
}

TEST(Print, TheWholeOfAGraph) {
  EXPECT_EQ(testing::parsed(testing::kText)->str(), testing::kText);
  const std::string plain = testing::parsed(testing::kText)->str(false);
  EXPECT_EQ(plain.find('#'), std::string::npos);
}

}  // namespace
}  // namespace tapescope::jit
