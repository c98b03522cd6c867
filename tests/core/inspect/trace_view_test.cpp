#include "core/inspect/trace_view.h"

#include <gtest/gtest.h>

#include "core/inspect/document.h"
#include "core/trace/parser.h"
#include "core/trace/tracer.h"
#include "tests/core/support.h"

namespace tapescope::inspect {
namespace {

jit::Traced traced(const Tensor& x) {
  return jit::trace(
      [](std::span<const jit::IValue> in) -> jit::IValue {
        const Tensor& t = std::get<Tensor>(in[0]);
        const Tensor y = ops::call_unary(ops::pointwise("tanh", 1), t);
        return ops::call_binary(ops::pointwise("mul", 2), y, t);
      },
      {x}, {});
}

TEST(TraceView, OpsAndTheirBackwardGraphAreLinked) {
  const Tensor x = testing::leaf({1, 2});
  const jit::Traced t = traced(x);
  const GraphView g = view_of_trace(*t.graph, {});
  ASSERT_EQ(g.ops.size(), 2u);
  EXPECT_STREQ(g.ops[0].schema->name, "tanh");
  EXPECT_EQ(g.ops[0].inputs[0], x.id());
  std::vector<std::string> names;
  for (const NodeView& n : g.nodes) {
    names.push_back(n.type->name);
    if (n.op) {
      EXPECT_EQ(n.id, g.ops[n.op - 1].node);
      EXPECT_EQ(n.state, NodeState::alive);
    }
  }
  EXPECT_EQ(names, (std::vector<std::string>{"MulBackward0", "TanhBackward0", "AccumulateGrad"}));
}

TEST(TraceView, NodesThatWentKeepTheirPlace) {
  const Tensor x = testing::leaf({1, 2});
  jit::Traced t = traced(x);
  const uint64_t number = std::get<Tensor>(t.result).grad_fn()->sequence_nr();
  t.result = {};
  const GraphView g = view_of_trace(*t.graph, {});
  ASSERT_GE(g.nodes.size(), 2u);
  bool found = false;
  for (const NodeView& n : g.nodes)
    if (n.type->name == "MulBackward0") {
      EXPECT_EQ(n.state, NodeState::gone);
      EXPECT_EQ(n.sequence_nr, number);
      EXPECT_EQ(n.edges.size(), 2u);
      found = true;
    }
  EXPECT_TRUE(found);
}

TEST(TraceView, AGraphOfTextHasTensorsThatAreGone) {
  const auto graph = jit::parse_ir(
      "graph(%x : Float(2)):\n"
      "  %k : int = prim::Constant[value=1]()\n"
      "  %0 : int = prim::Constant[value=0]()\n"
      "  %p : Tensor[] = aten::split(%x, %k, %0)\n"
      "  %a : Float(1), %b : Float(1) = prim::ListUnpack(%p)\n"
      "  %s : Float(1) = aten::add(%a, %b), scope: __module.l\n"
      "  return (%s)\n");
  const GraphView g = view_of_trace(*graph, {});
  ASSERT_EQ(g.ops.size(), 3u);  // split has two results
  EXPECT_TRUE(g.nodes.empty());
  EXPECT_EQ(g.ops[2].input_count, 2);
  EXPECT_EQ(g.tensors.at(g.ops[2].inputs[0]).name, "a");
  EXPECT_EQ(g.modules.at(g.ops[2].module).path, "l");
  EXPECT_NE(make_bundle(g).document.find("\"split\""), std::string::npos);
}

}  // namespace
}  // namespace tapescope::inspect
