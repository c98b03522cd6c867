// The engine in a hundred lines, in the order in which one meets it.
#include <gtest/gtest.h>

#include "core/autograd/engine.h"
#include "core/graph/autograd_meta.h"
#include "core/graph/saved_variable.h"
#include "core/inspect/document.h"
#include "core/ops/math.h"
#include "core/ops/ops.h"

using namespace tapescope;

namespace {

Tensor leaf(std::initializer_list<double> values) {
  Tensor t = Tensor::empty({static_cast<int64_t>(values.size())}, DType::float32);
  std::copy(values.begin(), values.end(), t.data<float>());
  t.impl()->requires_grad_flag = true;
  return t;
}

float at(const Tensor& t, int64_t i) {
  return t.data<float>()[i];
}

TEST(Tour, OpsMakeNodes) {
  const Tensor x = leaf({1, 2, 3});
  EXPECT_TRUE(x.is_leaf());
  const Tensor y = ops::sum(x * x);
  EXPECT_EQ(ops::item(y), 14);
  ASSERT_NE(y.grad_fn(), nullptr);
  EXPECT_EQ(y.grad_fn()->type().name, "SumBackward0");

  // Edges lead from outputs to leaves, whose gradients an AccumulateGrad collects.
  const Node& mul = *y.grad_fn()->edge(0).node;
  EXPECT_EQ(mul.type().name, "MulBackward0");
  EXPECT_EQ(mul.edge(0).node->leaf().id(), x.id());
  EXPECT_GT(y.grad_fn()->sequence_nr(), mul.sequence_nr());
  EXPECT_GT(y.grad_fn()->topological_nr(), mul.topological_nr());
}

TEST(Tour, NodesKeepWhatTheirSlopeNeeds) {
  const Tensor x = leaf({0.5});
  const Tensor y = ops::apply("tanh", x);
  const auto slots = y.grad_fn()->slots();
  ASSERT_EQ(slots.size(), 1u);
  EXPECT_EQ(slots[0].name, "result");
  EXPECT_EQ(y.grad_fn()->type().derivatives[0], "grad * (1 - result * result)");
}

TEST(Tour, BackwardFillsLeaves) {
  const Tensor x = leaf({1, 2, 3});
  backward({ops::sum(x * x)}, {}, false, false, {});
  const Tensor& g = x.impl()->meta->grad;
  EXPECT_EQ(at(g, 0), 2);
  EXPECT_EQ(at(g, 2), 6);
}

TEST(Tour, GraphsAreFreedByBackward) {
  const Tensor x = leaf({1});
  const Tensor y = ops::sum(x * x);
  backward({y}, {}, false, false, {});
  EXPECT_THROW(backward({y}, {}, false, false, {}), AutogradError);
}

TEST(Tour, WritesAreNoticed) {
  const Tensor x = leaf({1});
  const Tensor z = ops::apply("exp", x);
  const Tensor s = ops::sum(z);
  {
    NoGrad off;
    ops::fill_(z, 0);
  }
  EXPECT_THROW(backward({s}, {}, false, false, {}), AutogradError);
}

TEST(Tour, GradientsOfGradients) {
  const Tensor x = leaf({3});
  const Tensor cube = x * x * x;
  const Tensor first = grad({cube}, {x}, {ops::full({1}, 1, DType::float32)}, true, true, false)[0];
  const Tensor second = grad({first}, {x}, {ops::full({1}, 1, DType::float32)}, false, false, false)[0];
  EXPECT_EQ(at(first, 0), 27);
  EXPECT_EQ(at(second, 0), 18);
}

TEST(Tour, TheGraphTellsItsStory) {
  const Tensor x = leaf({1, 2});
  const Tensor y = ops::sum(x * x);
  const auto view = inspect::view_of_roots({Ref<Node>(y.grad_fn())}, {});
  EXPECT_EQ(view.nodes.size(), 3u);
  const auto bundle = inspect::make_bundle(view);
  EXPECT_NE(bundle.document.find("\"MulBackward0\""), std::string::npos);
  EXPECT_NE(bundle.svg.find("<svg"), std::string::npos);
  EXPECT_NE(bundle.text.find("AccumulateGrad"), std::string::npos);
}

}  // namespace
