#include "core/inspect/still_boxes.h"

#include <gtest/gtest.h>

#include <set>

#include "core/ops/math.h"
#include "tests/core/support.h"

using namespace tapescope;
using namespace tapescope::inspect;
using namespace tapescope::testing;

namespace {

GraphView view_of(const Tensor& y) {
  return view_of_roots({Ref<Node>(y.grad_fn())}, {});
}

// Every edge leads on, and no group is lost.
void check(const std::vector<StillBox>& boxes, size_t nodes) {
  EXPECT_LE(boxes.size(), kMostStillBoxes);
  size_t total = 0;
  for (size_t b = 0; b < boxes.size(); ++b) {
    total += boxes[b].nodes;
    for (const size_t to : boxes[b].below) {
      EXPECT_LT(b, to);
      EXPECT_LT(to, boxes.size());
    }
  }
  EXPECT_LE(total, nodes);
}

// A layer as module `id` of the view.
Tensor layer(const Tensor& x, uint32_t id, std::vector<std::pair<const Node*, uint32_t>>& made) {
  const Tensor w = leaf({1, 2}), h = x * w, y = ops::apply("tanh", h);
  made.emplace_back(h.grad_fn(), id);
  made.emplace_back(y.grad_fn(), id);
  return y;
}

GraphView network(int layers) {
  std::vector<std::pair<const Node*, uint32_t>> made;
  Tensor x = leaf({1, 2});
  for (int i = 0; i < layers; ++i) x = layer(x, static_cast<uint32_t>(i + 1), made);
  const Tensor y = ops::sum(x);
  GraphView g = view_of(y);
  for (NodeView& n : g.nodes)
    for (const auto& [node, id] : made)
      if (node->id() == n.id) n.module = id;
  for (int i = 0; i < layers; ++i)
    g.modules[static_cast<uint32_t>(i + 1)] = {fmt::format("model.blocks.{}", i), "Block"};
  return g;
}

TEST(StillBoxes, AFewNodesAreABoxEach) {
  const auto boxes = still_boxes_of_nodes(network(2));
  EXPECT_EQ(boxes.size(), 8u);  // a sum, two layers of two nodes, their weights and the input
  EXPECT_TRUE(std::all_of(boxes.begin(), boxes.end(), [](auto& b) { return b.nodes == 1; }));
}

TEST(StillBoxes, ModulesThatRepeatAreFolded) {
  const GraphView g = network(100);
  const auto boxes = still_boxes_of_nodes(g);
  check(boxes, g.nodes.size());
  ASSERT_LE(boxes.size(), 12u);
  EXPECT_EQ(boxes[0].label, "SumBackward0");
  const auto between = std::find_if(boxes.begin(), boxes.end(), [](auto& b) { return b.nodes > 100; });
  ASSERT_NE(between, boxes.end());
  EXPECT_TRUE(holds(between->label, "× 98"));
}

TEST(StillBoxes, ModulesAreGroupsWhereTheirNodesAreTooMany) {
  // Layers that all differ: no repetition to fold.
  std::vector<std::pair<const Node*, uint32_t>> made;
  Tensor x = leaf({1, 2});
  for (uint32_t i = 1; i <= 12; ++i)
    for (uint32_t k = 0; k < 3 + i; ++k) {
      x = ops::apply(k * i % 3 ? "tanh" : k * i % 2 ? "exp" : "sin", x);
      made.emplace_back(x.grad_fn(), i);
    }
  GraphView g = view_of(ops::sum(x));
  for (NodeView& n : g.nodes)
    for (const auto& [node, id] : made)
      if (node->id() == n.id) n.module = id;
  for (uint32_t i = 1; i <= 12; ++i) g.modules[i] = {fmt::format("part{}", std::string(i, 'a')), "Part"};
  const auto boxes = still_boxes_of_nodes(g);
  check(boxes, g.nodes.size());
  EXPECT_EQ(boxes.size(), 13u);  // the sum and the parts; the leaf is in the last
  EXPECT_EQ(boxes[1].label, "partaaaaaaaaaaaa Part");
  EXPECT_EQ(boxes[1].second, "15 nodes");
}

TEST(StillBoxes, ALeafBelongsToTheGroupThatReadsItAlone) {
  const auto boxes = still_boxes_of_nodes(network(100));
  for (const StillBox& b : boxes)
    if (b.nodes > 1) {
      EXPECT_EQ(b.nodes % 3, 0u) << b.label;  // with its weights
    }
}

TEST(StillBoxes, ThousandsOfLeavesAreCountedAtTheirReader) {
  std::vector<Tensor> all;
  for (int i = 0; i < 3000; ++i) all.push_back(leaf({1}));
  const GraphView g = view_of(ops::sum(ops::cat(all, 0)));
  const auto boxes = still_boxes_of_nodes(g);
  check(boxes, g.nodes.size());
  EXPECT_EQ(boxes.size(), 2u);
  EXPECT_TRUE(holds(boxes[1].second, "3000 leaves"));
}

TEST(StillBoxes, WhatHasNoStructureIsCutEvenly) {
  std::vector<Tensor> all{leaf({1}), leaf({2}), leaf({3})};
  const char* names[] = {"mul", "add", "sub", "maximum", "minimum"};
  uint32_t random = 1;
  const auto below = [&](size_t n) { return (random = random * 1664525 + 1013904223) / 65536 % n; };
  for (int i = 0; i < 2000; ++i)
    all.push_back(ops::apply(names[below(5)], all[all.size() - 1 - below(3)], all[all.size() - 1 - below(3)]));
  Tensor sum = all.back();
  for (size_t i = all.size() - 20; i < all.size(); ++i) sum = sum + all[i];
  const GraphView g = view_of(sum);
  check(still_boxes_of_nodes(g), g.nodes.size());
}

TEST(StillBoxes, AForgedCycleEndsNothing) {
  GraphView g = network(100);
  for (NodeView& n : g.nodes)
    for (EdgeView& e : n.edges) e.to = g.nodes[0].id;
  check(still_boxes_of_nodes(g), g.nodes.size());
}

}  // namespace
