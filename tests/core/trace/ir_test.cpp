#include "core/trace/ir.h"

#include <gtest/gtest.h>

#include "tests/core/trace/support.h"

namespace tapescope::jit {
namespace {

TEST(Graph, ValuesKnowTheirUses) {
  Graph g;
  Value* x = g.add_input("x");
  Value* const both[] = {x, x};
  Node* n = g.insert(g.create("aten::mul", both));
  g.register_output(n->output());
  ASSERT_EQ(x->uses().size(), 2u);
  EXPECT_EQ(x->uses()[1].offset, 1u);
  n->remove_input(0);
  ASSERT_EQ(x->uses().size(), 1u);
  EXPECT_EQ(x->uses()[0].offset, 0u);
  n->output()->replace_all_uses_with(x);
  EXPECT_EQ(g.outputs()[0], x);
  n->destroy();
  EXPECT_TRUE(g.nodes().empty());
}

TEST(Graph, ATakenNameRenamesItsOwner) {
  Graph g;
  std::vector<Value*> values;
  for (int i = 0; i < 4; ++i) values.push_back(g.add_input()->set_debug_name("x"));
  // The counter goes on by two.
  EXPECT_EQ(values[0]->debug_name(), "x.1");
  EXPECT_EQ(values[1]->debug_name(), "x.3");
  EXPECT_EQ(values[2]->debug_name(), "x.5");
  EXPECT_EQ(values[3]->debug_name(), "x");
  EXPECT_EQ(g.value_named("x.3"), values[1]);
}

TEST(Graph, ANameWithASuffixCountsOnFromIt) {
  Graph g;
  Value* first = g.add_input()->set_debug_name("x.7");
  g.add_input()->set_debug_name("x.7");
  EXPECT_EQ(first->debug_name(), "x.8");
}

TEST(Graph, DigitsAloneAreNoName) {
  Graph g;
  EXPECT_THROW(g.add_input()->set_debug_name("12"), ValueError);
  EXPECT_EQ(g.inputs()[0]->debug_name(), "0");
  EXPECT_FALSE(Value::is_valid_name(""));
}

TEST(Graph, ACopyIsItsOwn) {
  const auto g = testing::parsed(testing::kText);
  const auto copy = g->copy();
  EXPECT_EQ(copy->nodes().size(), g->nodes().size());
  lint(*copy);
  eliminate_dead_code(*copy);
  EXPECT_EQ(copy->nodes().size() + 1, g->nodes().size());
}

TEST(Graph, NodesMove) {
  const auto g = testing::parsed(testing::kText);
  Node* last = g->nodes().back();
  EXPECT_TRUE(g->nodes()[0]->is_before(last));
  last->move_before(g->nodes()[0]);
  EXPECT_TRUE(last->is_before(g->nodes()[1]));
  EXPECT_THROW(lint(*g), ValueError);
}

TEST(Graph, ANodeThatIsUsedIsNotDestroyed) {
  const auto g = testing::parsed(testing::kText);
  EXPECT_THROW(g->nodes()[0]->destroy(), InternalError);
  EXPECT_THROW(g->nodes()[0]->erase_output(0), InternalError);
}

TEST(Graph, ConstantsOfEveryKindComeBack) {
  Graph g;
  const Tensor t = testing::vector({1, 2});
  for (const IValue& v :
       {IValue(), IValue(t), IValue(true), IValue(int64_t{-3}), IValue(0.5), IValue(std::string("s"))}) {
    const Value* made = g.insert_constant(v);
    EXPECT_TRUE(same(Graph::constant_value(*made->node()), v)) << made->type()->str();
  }
  EXPECT_EQ(g.insert_constant(std::make_shared<Tuple>(Tuple{{t, 1.0}}))->node()->kind(), "prim::TupleConstruct");
  EXPECT_THROW(g.insert_constant(std::make_shared<Object>()), TypeError);
}

TEST(Graph, WhatWritesOrDrawsIsKnown) {
  Graph g;
  EXPECT_TRUE(g.create("aten::add_")->has_side_effects());
  EXPECT_FALSE(g.create("aten::add")->has_side_effects());
  EXPECT_TRUE(g.create("^Mine")->has_side_effects());
  EXPECT_TRUE(g.create("prim::CallMethod")->has_side_effects());
  EXPECT_FALSE(g.create("aten::rand")->is_deterministic());
  EXPECT_TRUE(g.create("aten::tanh")->is_deterministic());
}

}  // namespace
}  // namespace tapescope::jit
