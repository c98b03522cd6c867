#include "core/autograd/accumulate_grad.h"

#include <gtest/gtest.h>

#include "core/autograd/engine.h"
#include "core/ops/math.h"
#include "tests/core/support.h"

using namespace tapescope;
using namespace tapescope::testing;

namespace {

// Hands `g` to the leaf's accumulator, as the engine does.
void accumulate(const Tensor& leaf, Tensor g) {
  const Edge e = gradient_edge(leaf);
  std::vector<Tensor> grads{std::move(g)}, out;
  e.node->apply(grads, out);
}

struct Count : PostAccumulateGradHook {
  int& calls;
  explicit Count(int& c) : calls(c) {}
  void operator()(const Tensor&) override { ++calls; }
  std::vector<HookInfo> describe() const override { return {}; }
};

TEST(AccumulateGrad, AGradientNobodyHoldsIsTakenOver) {
  const Tensor x = leaf({1, 2});
  Tensor g = vector({3, 4});
  const void* memory = g.raw();
  NoGrad off;
  accumulate(x, std::move(g));
  EXPECT_EQ(grad_of(x).raw(), memory);
}

// With and without a graph of its own: nothing is copied, and the pass keeps no count of it.
TEST(AccumulateGrad, ItIsMovedInEitherMode) {
  for (const bool mode : {false, true}) {
    const Tensor x = leaf({1, 2});
    const GradMode grads(mode);
    std::vector<Tensor> given{vector({3, 4})}, out;
    const TensorImpl* impl = given[0].impl();
    gradient_edge(x).node->apply(given, out);
    EXPECT_FALSE(given[0].defined());
    EXPECT_EQ(grad_of(x).impl(), impl);
    EXPECT_EQ(impl->count.load(), 1u);
  }
}

TEST(AccumulateGrad, OneThatSomebodyHoldsIsCopied) {
  const Tensor x = leaf({1, 2}), g = vector({3, 4});
  NoGrad off;
  accumulate(x, g);
  EXPECT_NE(grad_of(x).raw(), g.raw());
  ops::fill_(g, 0);
  EXPECT_EQ(values(grad_of(x)), (std::vector<double>{3, 4}));
}

TEST(AccumulateGrad, OneWhoseMemorySomebodyHoldsIsCopied) {
  const Tensor x = leaf({1, 2}), owner = vector({3, 4});
  NoGrad off;
  accumulate(x, owner.alias());
  EXPECT_NE(grad_of(x).raw(), owner.raw());
}

TEST(AccumulateGrad, AnExpandedGradientGetsMemoryOfItsOwn) {
  const Tensor x = leaf({1, 2, 3});
  backward({ops::sum(x)}, {}, false, false, {});  // its gradient is one number seen three times
  EXPECT_TRUE(grad_of(x).is_contiguous());
  EXPECT_EQ(values(grad_of(x)), (std::vector<double>{1, 1, 1}));
}

TEST(AccumulateGrad, AddsWhereThereIsOneAndKeepsTheTensor) {
  const Tensor x = leaf({1, 2});
  backward({ops::sum(x * 2.0)}, {}, false, false, {});
  const Tensor first = grad_of(x);
  backward({ops::sum(x * 3.0)}, {}, false, false, {});
  EXPECT_TRUE(grad_of(x).is_same(first));
  EXPECT_EQ(values(first), (std::vector<double>{5, 5}));
}

TEST(AccumulateGrad, WithCreateGraphItAddsOutOfPlaceAndKeepsTheHistory) {
  const Tensor x = leaf({3});
  backward({x * x}, {}, true, true, {});
  const Tensor first = grad_of(x);
  EXPECT_NE(first.grad_fn(), nullptr);
  backward({x * x}, {}, true, true, {});
  EXPECT_FALSE(grad_of(x).is_same(first));
  EXPECT_EQ(values(first), (std::vector<double>{6}));
  EXPECT_EQ(values(grad_of(x)), (std::vector<double>{12}));
  x.impl()->meta->grad.reset();  // its history holds the leaf, and the leaf holds it
}

TEST(AccumulateGrad, AllPathsToALeafMeetInOneAccumulator) {
  const Tensor x = leaf({2});
  const Tensor y = x * x + x * 3.0;
  int calls = 0;
  autograd_meta(x).post_accumulate_hook = std::make_shared<Count>(calls);
  backward({y}, {}, false, false, {});
  EXPECT_EQ(values(grad_of(x)), (std::vector<double>{7}));
  EXPECT_EQ(calls, 1);
}

TEST(AccumulateGrad, AnUndefinedGradientChangesNothingAndTheHookRuns) {
  const Tensor x = leaf({1});
  int calls = 0;
  autograd_meta(x).post_accumulate_hook = std::make_shared<Count>(calls);
  accumulate(x, {});
  EXPECT_FALSE(grad_of(x).defined());
  EXPECT_EQ(calls, 1);
  accumulate(x, vector({2}));
  accumulate(x, {});
  EXPECT_EQ(values(grad_of(x)), (std::vector<double>{2}));
  EXPECT_EQ(calls, 3);
}

TEST(AccumulateGrad, AHookThatReplacesItselfRunsToItsEnd) {
  struct Replace : PostAccumulateGradHook {
    int& after;
    explicit Replace(int& a) : after(a) {}
    void operator()(const Tensor& leaf) override {
      autograd_meta(leaf).post_accumulate_hook.reset();
      ++after;  // this hook is still alive
    }
    std::vector<HookInfo> describe() const override { return {}; }
  };
  const Tensor x = leaf({1});
  int after = 0;
  autograd_meta(x).post_accumulate_hook = std::make_shared<Replace>(after);
  accumulate(x, vector({2}));
  accumulate(x, vector({2}));
  EXPECT_EQ(after, 1);
}

TEST(AccumulateGrad, ALeafThatNoLongerRequiresGradGetsNone) {
  const Tensor x = leaf({1}), y = x * 2.0;
  x.impl()->requires_grad_flag = false;
  backward({y}, {}, false, false, {});
  EXPECT_FALSE(grad_of(x).defined());
}

TEST(AccumulateGrad, ALeafThatBecameAResultIsAnError) {
  const Tensor x = leaf({1}), y = x * 2.0;
  {
    const Tensor z = leaf({1}) * 1.0;
    set_history(x, Ref<Node>(z.grad_fn()));
  }
  EXPECT_TRUE(holds(message([&] { backward({y}, {}, false, false, {}); }), "moved into the graph interior"));
}

TEST(AccumulateGrad, LivesAsLongAsAGraphUsesItAndIsThenMadeAnew) {
  const Tensor x = leaf({1});
  uint64_t first = 0;
  {
    const Tensor y = x * 2.0, z = x * 3.0;
    first = y.grad_fn()->edge(0).node->id();
    EXPECT_EQ(z.grad_fn()->edge(0).node->id(), first);
    EXPECT_EQ(x.impl()->meta->accumulator->id(), first);
  }
  EXPECT_EQ(x.impl()->meta->accumulator, nullptr);
  EXPECT_FALSE(existing_gradient_edge(x));
  EXPECT_NE(gradient_edge(x).node->id(), first);
}

TEST(AccumulateGrad, KeepsItsLeafAlive) {
  Tensor y;
  uint64_t id = 0;
  {
    const Tensor x = leaf({1});
    id = x.id();
    y = x * 2.0;
  }
  EXPECT_EQ(y.grad_fn()->edge(0).node->leaf().id(), id);
}

TEST(AccumulateGrad, ATensorWithoutGradHasNoEdge) {
  EXPECT_FALSE(gradient_edge(vector({1})));
}

}  // namespace
