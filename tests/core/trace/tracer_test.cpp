#include "core/trace/tracer.h"

#include <gtest/gtest.h>

#include "tests/core/trace/support.h"

namespace tapescope::jit {
namespace {

using testing::binary;
using testing::tensor_at;
using testing::traced;
using testing::unary;
using testing::vector;

TEST(Tracer, WritesDownWhatOpsDo) {
  const Traced t = traced([](auto in) { return unary("tanh", binary("add", tensor_at(in, 0), tensor_at(in, 1))); },
                          {vector({1, 2}), vector({3, 4})});
  EXPECT_EQ(t.graph->str(),
            "graph(%0 : Float(2),\n"
            "      %1 : Float(2)):\n"
            "  %2 : Float(2) = aten::add(%0, %1)\n"
            "  %3 : Float(2) = aten::tanh(%2)\n"
            "  return (%3)\n");
}

TEST(Tracer, AnOpInPlaceIsAValueOfItsOwn) {
  const Traced t = traced(
      [](auto in) {
        const Tensor x = ops::called<&ops::clone>(tensor_at(in, 0));
        ops::call_unary_(ops::pointwise("tanh", 1), x);
        return binary("mul", x, x);
      },
      {vector({1, 2})});
  EXPECT_EQ(testing::count_of(*t.graph, "aten::tanh_"), 1u);
  EXPECT_EQ(t.graph->nodes().back()->input()->node()->kind(), "aten::tanh_");
}

TEST(Tracer, ForceOutplaceRecordsTheOtherOp) {
  std::vector<std::string> warnings;
  TraceOptions options;
  options.force_outplace = true;
  options.warn = [&](const std::string& w) { warnings.push_back(w); };
  const Traced t = traced(
      [](auto in) {
        const Tensor x = ops::called<&ops::clone>(tensor_at(in, 0)), view = ops::called<&ops::t>(x);
        return IValue(ops::call_unary_(ops::pointwise("tanh", 1), x));
      },
      {vector({1, 2})}, options);
  EXPECT_EQ(testing::count_of(*t.graph, "aten::tanh"), 1u);
  EXPECT_EQ(testing::count_of(*t.graph, "aten::tanh_"), 0u);
  ASSERT_EQ(warnings.size(), 1u);
  EXPECT_TRUE(testing::holds(warnings[0], "There are 2 live references"));
}

TEST(Tracer, ATensorGivenTwiceIsTwoInputs) {
  const Tensor x = vector({1});
  const Traced t = traced([](auto in) { return binary("mul", tensor_at(in, 0), tensor_at(in, 1)); }, {x, x});
  EXPECT_NE(t.graph->nodes()[0]->input(0), t.graph->nodes()[0]->input(1));
}

TEST(Tracer, StructuresAreTakenApart) {
  const auto pair = std::make_shared<Tuple>(Tuple{{vector({1}), vector({2})}});
  const auto dict = std::make_shared<Dict>(Dict{{{std::string("k"), vector({3})}}});
  const Traced t = traced(
      [](auto in) {
        const auto& p = std::get<std::shared_ptr<Tuple>>(in[0])->items;
        const auto& d = std::get<std::shared_ptr<Dict>>(in[1])->items;
        return binary("mul", std::get<Tensor>(p[0]), std::get<Tensor>(d[0].second));
      },
      {pair, dict});
  EXPECT_EQ(testing::count_of(*t.graph, "prim::TupleUnpack"), 1u);
  EXPECT_EQ(testing::count_of(*t.graph, "aten::__getitem__"), 1u);
}

TEST(Tracer, RefusesWhatItCannotFollow) {
  const Tensor outside = testing::leaf({1});
  const auto with = [&](auto in) { return binary("mul", tensor_at(in, 0), outside); };
  EXPECT_TRUE(testing::holds(testing::message([&] { traced(with, {vector({1})}); }),
                             "Cannot insert a Tensor that requires grad"));
  EXPECT_FALSE(is_tracing());
  const auto constant = [&](auto) { return vector({1}); };
  EXPECT_TRUE(testing::holds(testing::message([&] { traced(constant, {vector({1})}); }),
                             "did not have observable data dependence"));
  EXPECT_TRUE(testing::holds(testing::message([&] { traced([](auto) { return IValue(); }, {vector({1})}); }),
                             "didn't return any values"));
  EXPECT_TRUE(testing::holds(testing::message([&] { traced([](auto) { return IValue(1.0); }, {vector({1})}); }),
                             "Only tensors"));
  EXPECT_THROW(traced([](auto in) { return in[0]; }, {IValue(1.0)}), AutogradError);
}

TEST(Tracer, IsNotNestedAndAlwaysCloses) {
  const auto nested = [](auto in) {
    traced([](auto inner) { return inner[0]; }, {in[0]});
    return in[0];
  };
  EXPECT_TRUE(testing::holds(testing::message([&] { traced(nested, {vector({1})}); }), "Tracing can't be nested"));
  EXPECT_FALSE(is_tracing());
  EXPECT_FALSE(ops::calls_observed());
}

TEST(Tracer, APauseIsNotTraced) {
  const Traced t = traced(
      [](auto in) {
        const auto resume = pauseTracing();
        unary("exp", tensor_at(in, 0));
        resume();
        {
          const PauseTracing pause;
          unary("exp", tensor_at(in, 0));
        }
        return unary("tanh", tensor_at(in, 0));
      },
      {vector({1})});
  EXPECT_EQ(t.graph->nodes().size(), 1u);
}

TEST(Tracer, AValueIsNamedWhenItIsConsumed) {
  std::vector<uint64_t> asked;
  TraceOptions options;
  options.lookup_var_name = [&](const Tensor& t) {
    asked.push_back(t.id());
    return std::string("name");
  };
  uint64_t first = 0;
  const Traced t = traced(
      [&](auto in) {
        const Tensor x = unary("exp", tensor_at(in, 0));
        first = x.id();
        return unary("tanh", x);
      },
      {vector({1})}, options);
  ASSERT_EQ(asked.size(), 2u);
  EXPECT_EQ(asked[1], first);
  EXPECT_EQ(t.graph->inputs()[0]->debug_name(), "name.1");
  EXPECT_EQ(t.graph->nodes()[0]->output()->debug_name(), "name");
  EXPECT_FALSE(t.graph->outputs()[0]->has_debug_name());
}

TEST(Tracer, ASizeStaysData) {
  const Traced t = traced(
      [](auto in) {
        const auto& state = tracing_state();
        const Tensor x = tensor_at(in, 0), size = ops::scalar(x.size(0));
        Value* const parts[] = {state->value_of(x), state->value_of(IValue(int64_t{0}))};
        Value* const n[] = {state->add("aten::size", parts)->output()->set_type(Type::integer())};
        state->set_value(size, state->add("prim::NumToTensor", n)->output()->set_type(Type::tensor(DType::int64, {})));
        state->stash.push_back({1, 0, size});
        return ops::called<&ops::view>(x, Dims{x.size(0), 1});
      },
      {vector({1, 2})});
  EXPECT_EQ(testing::count_of(*t.graph, "aten::Int"), 1u);
  const Tensor out = testing::run(*t.graph, {vector({1, 2, 3})});
  EXPECT_EQ(out.shape(), (Dims{3, 1}));
}

TEST(Tracer, AnOpThatThrowsLeavesNoNode) {
  const Traced t = traced(
      [](auto in) {
        EXPECT_THROW(binary("add", tensor_at(in, 0), vector({1, 2, 3})), ShapeError);
        return unary("tanh", tensor_at(in, 0));
      },
      {vector({1, 2})});
  EXPECT_EQ(testing::count_of(*t.graph, "aten::add"), 0u);
}

TEST(Tracer, NodesKnowTheSequenceNumberOfTheirHistory) {
  uint64_t number = 0;
  const Traced t = traced(
      [&](auto in) {
        const Tensor y = unary("tanh", tensor_at(in, 0));
        number = y.grad_fn()->sequence_nr();
        return y;
      },
      {testing::leaf({1})});
  EXPECT_EQ(t.graph->nodes()[0]->sequence_nr, static_cast<int64_t>(number));
}

}  // namespace
}  // namespace tapescope::jit
