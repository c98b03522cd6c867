#include "core/graph/node.h"

#include <gtest/gtest.h>

#include "core/graph/autograd_meta.h"
#include "core/ops/math.h"
#include "core/ops/ops.h"

using namespace tapescope;

namespace {

size_t live_nodes() {
  size_t n = 0;
  Node::walk([&](Node*) { ++n; });
  return n;
}

Tensor leaf() {
  Tensor t = ops::full({2}, 1, DType::float32);
  t.impl()->requires_grad_flag = true;
  return t;
}

}  // namespace

TEST(Node, SizeIsGuarded) {
  EXPECT_LE(sizeof(Node), 112u);
}

TEST(Node, AMillionLinksAreFreedWithoutRecursion) {
  const size_t before = live_nodes();
  {
    Tensor y = leaf();
    for (int i = 0; i < 1'000'000; ++i) y = -y;
    EXPECT_GE(live_nodes(), before + 1'000'000);
  }
  EXPECT_EQ(live_nodes(), before);
}

TEST(Node, AChainThroughSavedTensorsIsFreedWithoutRecursion) {
  const size_t before = live_nodes();
  {
    Tensor y = leaf();
    for (int i = 0; i < 300'000; ++i) y = y * y;
  }
  EXPECT_EQ(live_nodes(), before);
}

TEST(Node, TopologicalNumbersGrowTowardsTheOutput) {
  const Tensor x = leaf(), y = x * x, z = y + x;
  EXPECT_EQ(z.grad_fn()->topological_nr(), 2u);
  EXPECT_EQ(y.grad_fn()->topological_nr(), 1u);
}

TEST(Node, NothingIsRecordedWithoutGradMode) {
  const Tensor x = leaf();
  const size_t before = live_nodes();
  NoGrad off;
  EXPECT_TRUE((x * x).is_leaf());
  EXPECT_EQ(live_nodes(), before);
}

TEST(Node, ALeafHasOneAccumulator) {
  const Tensor x = leaf();
  const Edge a = gradient_edge(x), b = gradient_edge(x);
  EXPECT_EQ(a.node.get(), b.node.get());
  EXPECT_EQ(a.node->sequence_nr(), Node::kLast);
}
