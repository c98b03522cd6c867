#include "core/trace/ivalue.h"

#include <gtest/gtest.h>

#include "tests/core/support.h"

namespace tapescope::jit {
namespace {

TEST(IValue, ItsTypeIsWhatItHolds) {
  const Tensor t = testing::vector({1, 2});
  EXPECT_EQ(type_of(IValue())->str(), "NoneType");
  EXPECT_EQ(type_of(t)->str(), "Float(2)");
  EXPECT_EQ(type_of(true)->str(), "bool");
  EXPECT_EQ(type_of(int64_t{1})->str(), "int");
  EXPECT_EQ(type_of(1.5)->str(), "float");
  EXPECT_EQ(type_of(std::string("a"))->str(), "str");
  EXPECT_EQ(type_of(std::make_shared<List>(List{nullptr, {t, t}}))->str(), "Tensor[]");
  EXPECT_EQ(type_of(std::make_shared<List>(List{Type::integer(), {}}))->str(), "int[]");
  EXPECT_EQ(type_of(std::make_shared<Tuple>(Tuple{{t, int64_t{1}}}))->str(), "(Float(2), int)");
  EXPECT_EQ(type_of(std::make_shared<Dict>(Dict{{{std::string("k"), t}}}))->str(), "Dict(str, Tensor)");
}

TEST(IValue, TensorsAreTheSameByIdentity) {
  const Tensor t = testing::vector({1}), other = testing::vector({1});
  const auto tuple = [](const Tensor& x) { return std::make_shared<Tuple>(Tuple{{x, 2.0}}); };
  EXPECT_TRUE(same(tuple(t), tuple(t)));
  EXPECT_FALSE(same(tuple(t), tuple(other)));
  EXPECT_FALSE(same(int64_t{1}, 1.0));
  EXPECT_TRUE(same(std::string("a"), std::string("a")));
}

TEST(IValue, AModuleFindsItsAttributes) {
  const Object o{Type::module("__module__.M"), {{"weight", testing::vector({1})}}};
  EXPECT_NE(o.find("weight"), nullptr);
  EXPECT_EQ(o.find("bias"), nullptr);
}

}  // namespace
}  // namespace tapescope::jit
