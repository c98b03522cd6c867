#include "core/autograd/engine.h"

#include <gtest/gtest.h>

#include <thread>

#include "core/graph/autograd_meta.h"
#include "core/ops/math.h"
#include "core/ops/ops.h"

using namespace tapescope;

namespace {

Tensor leaf(double v = 1, int64_t n = 2) {
  Tensor t = ops::full({n}, v, DType::float32);
  t.impl()->requires_grad_flag = true;
  return t;
}
const Tensor& grad_of(const Tensor& t) {
  return t.impl()->meta->grad;
}
std::string message(const std::function<void()>& f) {
  try {
    f();
  } catch (const Error& e) {
    return e.what();
  }
  return "";
}

struct Log : TensorPreHook {
  std::vector<std::string>& lines;
  std::string name;
  Log(std::vector<std::string>& l, std::string n) : lines(l), name(std::move(n)) {}
  void operator()(Tensor&) override { lines.push_back(name); }
  std::vector<HookInfo> describe() const override { return {{name, "", 0, 0}}; }
};

TEST(Engine, LaterNodesRunFirst) {
  std::vector<std::string> order;
  const Tensor x = leaf(), a = x * 2.0, b = x * 3.0, c = a + b;
  a.grad_fn()->hooks_for_writing().tensor_pre.push_back({0, std::make_shared<Log>(order, "a")});
  b.grad_fn()->hooks_for_writing().tensor_pre.push_back({0, std::make_shared<Log>(order, "b")});
  backward({ops::sum(c)}, {}, false, false, {});
  EXPECT_EQ(order, (std::vector<std::string>{"b", "a"}));
  EXPECT_EQ(grad_of(x).data<float>()[0], 5);
}

TEST(Engine, AccumulatesAndKeepsTheTensor) {
  const Tensor x = leaf();
  backward({ops::sum(x * 2.0)}, {}, false, false, {});
  const Tensor first = grad_of(x);
  backward({ops::sum(x * 3.0)}, {}, false, false, {});
  EXPECT_TRUE(grad_of(x).is_same(first));
  EXPECT_EQ(first.data<float>()[0], 5);
}

TEST(Engine, AGradientNobodyHoldsIsStolen) {
  const Tensor x = leaf();
  std::vector<Tensor> g{ops::full({2}, 3, DType::float32)};
  const void* memory = g[0].raw();
  const Edge e = gradient_edge(x);
  std::vector<Tensor> out;
  e.node->apply(g, out);
  EXPECT_EQ(grad_of(x).raw(), memory);
}

TEST(Engine, OnlyWhatLeadsToTheInputsRuns) {
  const Tensor x = leaf(), w = leaf(5), y = x * 2.0;
  const auto g = grad({ops::sum(y * w)}, {y}, {}, true, false, false);
  EXPECT_EQ(g[0].data<float>()[0], 5);
  EXPECT_FALSE(x.impl()->meta && grad_of(x).defined());
  backward({ops::sum(y * w)}, {}, true, false, {w});
  EXPECT_EQ(grad_of(w).data<float>()[0], 2);
  EXPECT_FALSE(grad_of(x).defined());
}

TEST(Engine, Messages) {
  const Tensor x = leaf();
  EXPECT_NE(message([&] {
              backward({x * 2.0}, {}, false, false, {});
            }).find("grad can be implicitly created only for scalar outputs"),
            std::string::npos);
  EXPECT_NE(message([&] {
              backward({ops::full({}, 1, DType::float32)}, {}, false, false, {});
            }).find("element 0 of tensors does not require grad and does not have a grad_fn"),
            std::string::npos);
  EXPECT_NE(message([&] {
              grad({ops::sum(x)}, {leaf()}, {}, false, false, false);
            }).find("appears to not have been used in the graph"),
            std::string::npos);
  EXPECT_NE(message([&] { grad({ops::sum(x)}, {}, {}, false, false, false); }).find("grad requires non-empty inputs."),
            std::string::npos);
  EXPECT_NE(message([&] {
              backward({x * 2.0}, {ops::full({3}, 1, DType::float32)}, false, false, {});
            }).find("Mismatch in shape"),
            std::string::npos);
  EXPECT_NE(message([] { queue_callback([] {}); }).find("Final callbacks can only be installed during backward pass."),
            std::string::npos);
}

TEST(Engine, BroadcastDimensionsAreSummedAndDtypesCast) {
  const Tensor x = leaf(2, 1);
  Tensor wide = ops::full({4}, 1, DType::float64);
  backward({ops::sum(ops::to(x, DType::float64) * wide)}, {}, false, false, {});
  EXPECT_EQ(grad_of(x).dtype(), DType::float32);
  EXPECT_EQ(grad_of(x).data<float>()[0], 4);
}

TEST(Engine, RetainGradFillsANonLeaf) {
  const Tensor x = leaf(), y = x * 2.0;
  retain_grad(y);
  retain_grad(y);
  backward({ops::sum(y * 3.0)}, {}, false, false, {});
  EXPECT_EQ(grad_of(y).data<float>()[0], 3);
}

TEST(Engine, TwoThreadsIntoOneLeafOneAfterTheOther) {
  const Tensor x = leaf();
  for (int i = 0; i < 2; ++i) std::thread([&] { backward({ops::sum(x * 2.0)}, {}, false, false, {}); }).join();
  EXPECT_EQ(grad_of(x).data<float>()[0], 4);
}

TEST(Engine, ADeepChainRunsWithoutRecursion) {
  const Tensor x = leaf();
  Tensor y = x;
  for (int i = 0; i < 200'000; ++i) y = -y;
  backward({ops::sum(y)}, {}, false, false, {});
  EXPECT_EQ(grad_of(x).data<float>()[0], 1);
}

TEST(Engine, CallbacksRunAtTheEnd) {
  const Tensor x = leaf();
  int ran = 0;
  struct Callback : TensorPreHook {
    int& ran;
    explicit Callback(int& r) : ran(r) {}
    void operator()(Tensor&) override {
      queue_callback([this] { ++ran; });
      EXPECT_EQ(ran, 0);
      EXPECT_GE(current_graph_task_id(), 0);
    }
    std::vector<HookInfo> describe() const override { return {}; }
  };
  const Tensor y = x * 2.0;
  y.grad_fn()->hooks_for_writing().tensor_pre.push_back({0, std::make_shared<Callback>(ran)});
  backward({ops::sum(y)}, {}, false, false, {});
  EXPECT_EQ(ran, 1);
  EXPECT_EQ(current_graph_task_id(), -1);
}

}  // namespace
