#include "core/autograd/custom_function.h"

#include <gtest/gtest.h>

#include "core/autograd/engine.h"
#include "core/graph/autograd_meta.h"
#include "core/ops/math.h"
#include "core/ops/ops.h"
#include "tests/core/support.h"

using namespace tapescope;

namespace {

Tensor leaf(double value = 2) {
  Tensor t = ops::full({2}, value, DType::float64);
  t.impl()->requires_grad_flag = true;
  return t;
}
double first(const Tensor& t) {
  return t.data<double>()[0];
}

struct Cube : Function<Cube> {
  static Tensor forward(AutogradContext& ctx, const Tensor& x, double scale) {
    ctx.save_for_backward({x});
    ctx.saved_data["scale"] = scale;
    return x * x * x * scale;
  }
  static std::vector<Tensor> backward(AutogradContext& ctx, std::vector<Tensor> grads) {
    const Tensor x = ctx.get_saved_variables()[0];
    return {grads[0] * x * x * (3 * std::any_cast<double>(ctx.saved_data["scale"])), {}};
  }
};

struct Both : Function<Both> {
  static std::vector<Tensor> forward(AutogradContext&, const Tensor& a, const Tensor& b) { return {a + b, a * b}; }
  static std::vector<Tensor> backward(AutogradContext&, std::vector<Tensor> grads) {
    seen = grads;
    return {grads[0], grads[1]};
  }
  static inline std::vector<Tensor> seen;
};

struct Twice : Function<Twice> {
  static Tensor forward(AutogradContext& ctx, const Tensor& x) {
    ops::binary_(ops::pointwise("add", 2), x, Tensor(x));
    ctx.mark_dirty({x});
    return x;
  }
  static std::vector<Tensor> backward(AutogradContext&, std::vector<Tensor> grads) { return {grads[0] * 2.0}; }
};

struct Same : Function<Same> {
  static Tensor forward(AutogradContext&, const Tensor& x) { return x; }
  static std::vector<Tensor> backward(AutogradContext&, std::vector<Tensor> grads) { return grads; }
};

struct TooMany : Function<TooMany> {
  static Tensor forward(AutogradContext&, const Tensor& x) { return x * 1.0; }
  static std::vector<Tensor> backward(AutogradContext&, std::vector<Tensor> grads) { return {grads[0], grads[0]}; }
};

std::vector<Tensor> gradients(const Tensor& y, const std::vector<GradientPoint>& inputs, bool create_graph = false) {
  return grad({y}, inputs, {ops::full(y.shape(), 1, y.dtype())}, create_graph, create_graph, true);
}

}  // namespace

TEST(CustomFunction, ComputesValueAndGradient) {
  const Tensor x = leaf();
  const Tensor y = Cube::apply(x, 0.5);
  EXPECT_EQ(first(y), 4);
  ASSERT_TRUE(y.grad_fn());
  EXPECT_EQ(y.grad_fn()->type().name, "CubeBackward");
  EXPECT_EQ(y.grad_fn()->slots()[0].name, "saved_tensors[0]");
  EXPECT_EQ(first(gradients(y, {x})[0]), 6);
}

TEST(CustomFunction, ItsBackwardIsDifferentiable) {
  const Tensor x = leaf();
  const Tensor once = gradients(Cube::apply(x, 1.0), {x}, true)[0];
  EXPECT_EQ(first(gradients(once, {x})[0]), 12);
}

TEST(CustomFunction, MaterializesGradientsOfUnusedResults) {
  const Tensor a = leaf(), b = leaf(3);
  const std::vector<Tensor> both = Both::apply(a, b);
  gradients(both[1], {a, b});
  ASSERT_EQ(Both::seen.size(), 2u);
  EXPECT_EQ(first(Both::seen[0]), 0);
  EXPECT_EQ(first(Both::seen[1]), 1);
  Both::seen.clear();
}

TEST(CustomFunction, RecordsNothingWithoutGrad) {
  const NoGrad no_grad;
  EXPECT_FALSE(Cube::apply(leaf(), 1.0).grad_fn());
}

TEST(CustomFunction, AWrittenInputGetsItsHistory) {
  const Tensor x = leaf(), h = x * 1.0;
  const uint32_t before = h.version();
  const Tensor y = Twice::apply(h);
  EXPECT_TRUE(y.is_same(h));
  EXPECT_EQ(h.version(), before + 2);
  EXPECT_EQ(h.grad_fn()->type().name, "TwiceBackward");
  EXPECT_EQ(first(gradients(h, {x})[0]), 2);
  EXPECT_THROW(Twice::apply(leaf()), AutogradError);
}

TEST(CustomFunction, AWrittenViewReachesItsBase) {
  const Tensor x = leaf(), h = x * 1.0;
  Twice::apply(ops::select(h, 0, 0));
  EXPECT_EQ(h.grad_fn()->type().name, "CopySlices");
  const Tensor g = gradients(h, {x})[0];
  EXPECT_EQ(g.data<double>()[0], 2);
  EXPECT_EQ(g.data<double>()[1], 1);
}

TEST(CustomFunction, AnInputReturnedAsItIsBecomesAView) {
  const Tensor x = leaf(), h = x * 1.0;
  const Tensor y = Same::apply(h);
  EXPECT_FALSE(y.is_same(h));
  EXPECT_EQ(h.grad_fn()->type().name, "MulBackward0");
  EXPECT_EQ(y.impl()->meta->creation, Creation::custom_function);
}

TEST(CustomFunction, TellsAWrongNumberOfGradients) {
  const Tensor x = leaf();
  const Tensor y = TooMany::apply(x);
  EXPECT_THROW(gradients(y, {x}), AutogradError);
}

TEST(CustomFunction, SavedVariablesGoWithTheGraph) {
  const Tensor x = leaf();
  const Tensor y = Cube::apply(x, 1.0);
  gradients(y, {x});
  EXPECT_THROW(gradients(y, {x}), AutogradError);
}
