#include <gtest/gtest.h>

#include "core/autograd/engine.h"
#include "core/ops/math.h"
#include "tests/core/support.h"

using namespace tapescope;
using namespace tapescope::testing;

namespace {

TEST(Backward, Messages) {
  const Tensor x = leaf({1, 1});
  EXPECT_TRUE(holds(message([&] { backward({x * 2.0}, {}, false, false, {}); }),
                    "grad can be implicitly created only for scalar outputs: element 0 has shape (2,)"));
  EXPECT_TRUE(holds(message([&] { backward({vector({1})}, {}, false, false, {}); }),
                    "element 0 of tensors does not require grad and does not have a grad_fn"));
  EXPECT_TRUE(holds(message([&] { grad({ops::sum(x)}, {leaf({1})}, {}, false, false, false); }),
                    "appears to not have been used in the graph"));
  EXPECT_TRUE(holds(message([&] { grad({ops::sum(x)}, {vector({1})}, {}, false, false, false); }),
                    "One of the differentiated Tensors does not require grad"));
  EXPECT_TRUE(
      holds(message([&] { grad({ops::sum(x)}, {}, {}, false, false, false); }), "grad requires non-empty inputs."));
  EXPECT_TRUE(holds(message([&] { backward({x * 2.0}, {vector({1, 1, 1})}, false, false, {}); }), "Mismatch in shape"));
  EXPECT_TRUE(holds(message([&] {
                      backward({x * 2.0}, {vector({1, 1}), vector({1, 1})}, false, false, {});
                    }),
                    "got 1 tensors and 2 gradients"));
}

TEST(Backward, OnlyWhatLeadsToTheInputsRuns) {
  const Tensor x = leaf({1, 1}), w = leaf({5, 5}), y = x * 2.0;
  const auto g = grad({ops::sum(y * w)}, {y}, {}, true, false, false);
  EXPECT_EQ(values(g[0]), (std::vector<double>{5, 5}));
  EXPECT_FALSE(grad_of(x).defined());
  backward({ops::sum(y * w)}, {}, true, false, {w});
  EXPECT_EQ(values(grad_of(w)), (std::vector<double>{2, 2}));
  EXPECT_FALSE(grad_of(x).defined());
}

TEST(Backward, ALeafIsARootLikeAnyOther) {
  const Tensor x = leaf({7});
  backward({x}, {}, false, false, {});
  EXPECT_EQ(values(grad_of(x)), (std::vector<double>{1}));
  EXPECT_EQ(values(grad({x}, {x}, {}, false, false, false)[0]), (std::vector<double>{1}));
}

TEST(Backward, SeveralRootsAddUp) {
  const Tensor x = leaf({3}), a = x * 2.0, b = x * x;
  backward({a, b, a}, {Tensor(), vector({10}), Tensor()}, false, false, {});
  EXPECT_EQ(values(grad_of(x)), (std::vector<double>{2 + 60 + 2}));
}

TEST(Backward, AGivenGradientIsCastToTheOutputsDtypeAndNotChanged) {
  const Tensor x = leaf({1, 2}), g = vector({3, 4}, DType::float64);
  backward({x * 2.0}, {g}, false, false, {});
  EXPECT_EQ(grad_of(x).dtype(), DType::float32);
  EXPECT_EQ(values(grad_of(x)), (std::vector<double>{6, 8}));
  EXPECT_EQ(values(g), (std::vector<double>{3, 4}));
}

TEST(Backward, AGivenGradientIsNeverTakenOver) {
  const Tensor x = leaf({1, 2}), g = vector({3, 4});
  backward({x}, {g}, false, false, {});
  EXPECT_NE(grad_of(x).raw(), g.raw());
}

TEST(Backward, WhatWasNotReachedIsUndefined) {
  const Tensor x = leaf({1}), other = leaf({1});
  const auto g = grad({x * 2.0}, {other, x, x}, {}, false, false, true);
  EXPECT_FALSE(g[0].defined());
  EXPECT_EQ(values(g[1]), (std::vector<double>{2}));
  EXPECT_EQ(values(g[2]), (std::vector<double>{2}));
}

TEST(Backward, AnErrorInANodeLeavesTheEngineReady) {
  const Tensor x = leaf({1}), y = x * x;
  y.grad_fn()->hooks_for_writing().tensor_pre.push_back(
      {0, std::make_shared<OnGrad>([](Tensor&) { throw ValueError("stop"); })});
  EXPECT_EQ(message([&] { backward({y}, {}, true, false, {}); }), "stop");
  EXPECT_EQ(current_graph_task_id(), -1);
  EXPECT_TRUE(grad_enabled());
  EXPECT_EQ(thread_state.evaluating, nullptr);
  y.grad_fn()->hooks_for_writing().tensor_pre.clear();
  backward({y}, {}, false, false, {});
  EXPECT_EQ(values(grad_of(x)), (std::vector<double>{2}));
}

TEST(RetainGrad, FillsANonLeafOnce) {
  const Tensor x = leaf({1, 1}), y = x * 2.0;
  retain_grad(y);
  retain_grad(y);
  backward({ops::sum(y * 3.0)}, {}, false, false, {});
  EXPECT_EQ(values(grad_of(y)), (std::vector<double>{3, 3}));
}

TEST(RetainGrad, OnALeafIsNothingAndWithoutGradAnError) {
  const Tensor x = leaf({1});
  retain_grad(x);
  EXPECT_FALSE(x.impl()->meta && x.impl()->meta->retains_grad);
  EXPECT_TRUE(holds(message([] { retain_grad(vector({1})); }), "requires_grad=False"));
}

TEST(RetainGrad, SeesWhatHooksMadeOfTheGradient) {
  const Tensor x = leaf({1}), y = x * 2.0;
  retain_grad(y);
  y.grad_fn()->hooks_for_writing().tensor_pre.push_back(
      {0, std::make_shared<OnGrad>([](Tensor& g) { g = vector({10}); })});
  backward({y}, {}, false, false, {});
  EXPECT_EQ(values(grad_of(y)), (std::vector<double>{10}));
}

TEST(RetainGrad, ATensorThatIsGoneIsLeftInPeace) {
  const Tensor x = leaf({1});
  Tensor z;
  {
    const Tensor y = x * 2.0;
    retain_grad(y);
    z = y * 3.0;
  }
  const Tensor others[] = {vector({1}), vector({2})};  // one of them may stand where y stood
  backward({z}, {}, false, false, {});
  EXPECT_EQ(values(grad_of(x)), (std::vector<double>{6}));
  for (const Tensor& t : others) EXPECT_EQ(t.impl()->meta, nullptr);
}

TEST(RetainGrad, BackwardWithInputsFillsThem) {
  const Tensor x = leaf({1}), y = x * 2.0;
  backward({y * 3.0}, {}, false, false, {y});
  EXPECT_EQ(values(grad_of(y)), (std::vector<double>{3}));
  EXPECT_FALSE(grad_of(x).defined());
}

}  // namespace
