#include "core/inspect/graph_view.h"

#include <gtest/gtest.h>

#include <set>

#include "core/autograd/engine.h"
#include "core/ops/math.h"
#include "tests/core/support.h"

using namespace tapescope;
using namespace tapescope::inspect;
using namespace tapescope::testing;

namespace {

GraphView view_of(const Tensor& y, const Names& names = {}) {
  return view_of_roots({Ref<Node>(y.grad_fn())}, names);
}
GraphView recorded(const std::function<void()>& f, const Names& names = {}) {
  start_recording(Recorder::Mode::full, 1);
  f();
  return view_of_recording(*stop_recording(), names, {});
}
const NodeView* find(const GraphView& g, std::string_view type) {
  for (const NodeView& n : g.nodes)
    if (n.type->name == type) return &n;
  return nullptr;
}

TEST(GraphView, ReadsTheLiveGraphAndKeepsNothing) {
  const Tensor x = leaf({1, 1});
  Tensor y = ops::sum(x * x);
  const auto count = x.use_count();
  const GraphView g = view_of_roots({Ref<Node>(y.grad_fn())}, {});
  EXPECT_EQ(x.use_count(), count);
  ASSERT_EQ(g.nodes.size(), 3u);
  EXPECT_EQ(g.nodes[0].type->name, "SumBackward0");
  EXPECT_EQ(g.nodes[1].saved.size(), 2u);
  EXPECT_EQ(g.nodes[1].saved[0].tensor, x.id());
}

TEST(GraphView, AGraphThatDiedInItsCellIsStillThere) {
  const Tensor x = leaf({1, 1});
  start_recording(Recorder::Mode::automatic, 1);
  backward({ops::sum(x * x)}, {}, false, false, {});
  const auto r = stop_recording();
  const GraphView g = view_of_recording(*r, {}, {});
  ASSERT_EQ(g.nodes.size(), 3u);
  for (const NodeView& n : g.nodes) EXPECT_EQ(n.state, NodeState::gone) << n.type->name;
  EXPECT_EQ(g.passes.size(), 1u);
}

TEST(GraphView, FindsLiveObjectsById) {
  const Tensor x = leaf({1, 1});
  uint64_t node = 0;
  {
    const Tensor y = x * x;
    node = y.grad_fn()->id();
    EXPECT_EQ(find_node(node), y.grad_fn());
  }
  EXPECT_EQ(find_node(node), nullptr);
  EXPECT_EQ(find_tensor(x.id()), x.impl());
}

TEST(GraphView, SaysWhatWasSavedAndWhatWasFreed) {
  const Tensor x = leaf({1, 1}), y = ops::apply("tanh", x), z = ops::sum(y * y);
  const GraphView before = view_of(z);
  const NodeView* tanh = find(before, "TanhBackward0");
  ASSERT_NE(tanh, nullptr);
  EXPECT_EQ(tanh->saved[0].name, "result");
  EXPECT_EQ(tanh->saved[0].tensor, y.id());
  EXPECT_FALSE(tanh->saved[0].freed);
  EXPECT_EQ(before.tensors.at(y.id()).grad_fn, tanh->id);
  backward({z}, {}, false, false, {});
  const GraphView after = view_of(z);
  tanh = find(after, "TanhBackward0");
  EXPECT_EQ(tanh->state, NodeState::released);
  EXPECT_NE(tanh->released_by, 0u);
  EXPECT_TRUE(tanh->saved[0].freed);
  EXPECT_EQ(tanh->saved[0].tensor, y.id());
  EXPECT_EQ(find(after, "AccumulateGrad")->state, NodeState::alive);
}

TEST(GraphView, HooksStandInTheirFiringOrder) {
  const Tensor x = leaf({1}), y = x * 2.0;
  retain_grad(y);
  NodeHooks& h = y.grad_fn()->hooks_for_writing();
  h.tensor_pre.push_back({0, std::make_shared<OnGrad>([](Tensor&) {})});
  autograd_meta(x).leaf_hook = std::make_shared<OnGrad>([](Tensor&) {});
  const GraphView g = view_of(y);
  const auto& hooks = find(g, "MulBackward0")->hooks;
  ASSERT_EQ(hooks.size(), 2u);
  EXPECT_STREQ(hooks[0].kind, "tensor_pre");
  EXPECT_STREQ(hooks[1].kind, "retain_grad");
  EXPECT_EQ(hooks[1].order, 1u);
  const NodeView* leaf = find(g, "AccumulateGrad");
  ASSERT_EQ(leaf->hooks.size(), 1u);
  EXPECT_EQ(leaf->hooks[0].tensor, x.id());
}

TEST(GraphView, NamesComeFromTheUser) {
  const Tensor x = leaf({1}), y = x * 2.0;
  Names names;
  names.tensors = {{x.id(), "x"}, {y.id(), "y"}};
  const GraphView g = view_of(y, names);
  EXPECT_EQ(g.tensors.at(x.id()).name, "x");
  EXPECT_EQ(g.tensors.at(y.id()).name, "y");  // nothing saved it, but it is the result of a node that is shown
  EXPECT_FALSE(view_of(y).tensors.contains(y.id()));
}

TEST(GraphView, StridesAndStorageAreThoseOfTheView) {
  const Tensor x = leaf({1, 2, 3, 4}), column = ops::select(ops::reshape(x, {2, 2}), 1, 0), y = column * column;
  const GraphView g = view_of(y);
  const TensorView& t = g.tensors.at(column.id());
  EXPECT_EQ(t.strides, (std::vector<int64_t>{2}));
  EXPECT_EQ(t.storage, g.tensors.at(x.id()).storage);
  EXPECT_EQ(t.storage_bytes, 16);
  EXPECT_TRUE(g.tensors.at(x.id()).strides.empty());
}

TEST(GraphView, EveryEdgeLeadsToANodeThatIsThere) {
  const Tensor x = leaf({1}), shared = x * 2.0;
  const GraphView g = recorded([&] {
    for (int i = 0; i < 700; ++i) ops::sum(shared * shared + x);
    backward({shared}, {}, true, false, {});
  });
  std::set<uint64_t> ids;
  for (const NodeView& n : g.nodes) EXPECT_TRUE(ids.insert(n.id).second);
  for (const NodeView& n : g.nodes)
    for (const EdgeView& e : n.edges) EXPECT_TRUE(ids.contains(e.to));
}

TEST(GraphView, AGraphTooLargeKeepsItsEndAndSaysHowMuchIsMissing) {
  Tensor y = leaf({1});
  for (size_t i = 0; i < kMostNodes + 5; ++i) y = -y;
  const GraphView g = view_of(y);
  EXPECT_EQ(g.nodes.size(), kMostNodes);
  EXPECT_EQ(g.nodes[0].id, y.grad_fn()->id());
  ASSERT_EQ(g.left_out.size(), 1u);
  EXPECT_EQ(g.left_out[0].count, 6u);
  EXPECT_EQ(view_of_roots({Ref<Node>(y.grad_fn())}, {}, kMostNodes + 6).nodes.size(), kMostNodes + 6);
  EXPECT_EQ(view_of_roots({Ref<Node>(y.grad_fn())}, {}, 3).nodes.size(), 3u);
}

TEST(GraphView, NormsBelongToTheNodesThatRan) {
  const Tensor x = leaf({3, 4});
  const GraphView g = recorded([&] { backward({ops::sum(x * x)}, {}, false, false, {}); });
  ASSERT_EQ(g.grad_norms.size(), 3u);
  EXPECT_EQ(g.grad_norms[0].second, 1);
  EXPECT_EQ(g.grad_norms[2].second, 10);  // what the leaf was given: (6, 8)
}

TEST(GraphView, AFailureStandsInThePicture) {
  const Tensor x = leaf({1});
  start_recording(Recorder::Mode::automatic, 1);
  const Tensor y = x * 2.0;
  const GraphView g = view_of_recording(*stop_recording(), {}, FailureView{"ValueError", "no", "f.py", 3});
  EXPECT_EQ(g.failure->message, "no");
  EXPECT_NE(find(g, "MulBackward0"), nullptr);
}

}  // namespace
