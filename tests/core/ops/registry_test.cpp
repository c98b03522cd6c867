#include "core/ops/registry.h"

#include <gtest/gtest.h>

#include <set>

#include "tests/core/support.h"

namespace tapescope::ops {
namespace {

Tensor scaled(const Tensor& x, double by, std::optional<int64_t> dim, const Dims& size) {
  return x * (by + static_cast<double>(dim.value_or(0)) + static_cast<double>(size.size()));
}

const Offer& find(std::string_view name) {
  for (const Offer* o : all_offers())
    if (o->name == name) return *o;
  throw InternalError("no offer {}", name);
}

TEST(Registry, ASignatureIsPythons) {
  const Offer o = op<&scaled>("scaled(input, by=1.5, dim=None, *, size=())");
  EXPECT_EQ(o.name, "scaled");
  EXPECT_TRUE(o.is_function && o.is_method);
  ASSERT_EQ(o.params.size(), 4u);
  EXPECT_EQ(std::get<double>(*o.params[1].fallback), 1.5);
  EXPECT_TRUE(o.params[2].may_be_none);
  EXPECT_FALSE(o.params[2].keyword_only);
  EXPECT_TRUE(o.params[3].keyword_only);
  EXPECT_EQ(std::get<Dims>(*o.params[3].fallback).size(), 0);
  EXPECT_STREQ(o.result, "Tensor");
}

TEST(Registry, TheFirstParameterSaysWhereAnOpIsFound) {
  EXPECT_FALSE(op<&t>("t(self)").is_function);
  EXPECT_FALSE(function<&t>("t(input)").is_method);
  EXPECT_FALSE(op<&stack>("stack(tensors, dim=0)").is_method);
}

TEST(Registry, ACallTakesBoxes) {
  const Offer o = op<&scaled>("scaled(input, by, dim=None, *, size=())");
  std::vector<Value> args = {Tensor(full({2}, 1, DType::float32)), 2.0, int64_t{3}, Dims{4, 5}};
  EXPECT_EQ((std::get<Tensor>(o.call(args))).data<float>()[1], 7);
  args[2] = {};
  EXPECT_EQ((std::get<Tensor>(o.call(args))).data<float>()[1], 4);
}

TEST(Registry, ASignatureThatDoesNotFitItsFunctionIsAnError) {
  EXPECT_THROW(op<&t>("t(input, more)"), InternalError);
  EXPECT_THROW(op<&transpose>("transpose(input, dim0)"), InternalError);
  EXPECT_THROW(op<&t>("t"), InternalError);
  EXPECT_THROW(op<&t>("t(*input)"), InternalError);
  EXPECT_THROW(op<&unsqueeze>("unsqueeze(input, dim=nonsense)"), InternalError);
}

TEST(Registry, EveryFamilyIsHere) {
  std::set<std::string> names;
  for (const Offer* o : all_offers()) names.insert(o->name);
  for (const char* name :
       {"sum", "view", "max", "matmul", "softmax", "cross_entropy", "where", "cat", "clone", "index_put_"})
    EXPECT_TRUE(names.contains(name)) << name;
  EXPECT_EQ(find("cross_entropy").params[2].fallback_text, "'mean'");
}

}  // namespace
}  // namespace tapescope::ops
