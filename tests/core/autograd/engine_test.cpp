#include "core/autograd/engine.h"

#include <gtest/gtest.h>

#include <mutex>
#include <thread>

#include "core/backend/parallel.h"
#include "core/ops/math.h"
#include "tests/core/support.h"

using namespace tapescope;
using tapescope::testing::grad_of, tapescope::testing::holds, tapescope::testing::message;

namespace {

Tensor leaf(double v = 1, int64_t n = 2) {
  Tensor t = ops::full({n}, v, DType::float32);
  t.impl()->requires_grad_flag = true;
  return t;
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

TEST(Engine, ACallbackNeedsAPass) {
  EXPECT_TRUE(
      holds(message([] { queue_callback([] {}); }), "Final callbacks can only be installed during backward pass."));
}

TEST(Engine, BroadcastDimensionsAreSummedAndDtypesCast) {
  const Tensor x = leaf(2, 1);
  Tensor wide = ops::full({4}, 1, DType::float64);
  backward({ops::sum(ops::to(x, DType::float64) * wide)}, {}, false, false, {});
  EXPECT_EQ(grad_of(x).dtype(), DType::float32);
  EXPECT_EQ(grad_of(x).data<float>()[0], 4);
}

TEST(Engine, TwoThreadsIntoOneLeafOneAfterTheOther) {
  const Tensor x = leaf();
  for (int i = 0; i < 2; ++i) std::thread([&] { backward({ops::sum(x * 2.0)}, {}, false, false, {}); }).join();
  EXPECT_EQ(grad_of(x).data<float>()[0], 4);
}

TEST(Engine, GraphsThatShareNothingRunOnSeveralThreadsAtOnce) {
  std::vector<std::thread> threads;
  std::vector<float> results(4);
  for (float& result : results)
    threads.emplace_back([&result] {
      for (int i = 0; i < 20; ++i) {
        const Tensor x = leaf(2, i % 2 ? 3 : 200'000);  // some loops are long enough to be cut
        backward({ops::sum(ops::apply("tanh", x * x) * 3.0)}, {}, false, false, {});
        result += grad_of(x).data<float>()[1];
      }
    });
  for (auto& t : threads) t.join();
  for (float result : results) EXPECT_EQ(result, results[0]);
}

// Python's threads: one at a time holds the lock, and lets it go in the long loops.
struct Gil {
  static inline std::mutex mutex;
  static inline thread_local bool held = false;
  Gil() {
    interpreter_lock = {[]() -> void* {
                          if (!held) return nullptr;
                          held = false;
                          mutex.unlock();
                          return &mutex;
                        },
                        [](void*) {
                          mutex.lock();
                          held = true;
                        }};
  }
  ~Gil() { interpreter_lock = {}; }
  template <class F>
  static void with(F f) {
    interpreter_lock.acquire(nullptr);
    f();
    interpreter_lock.release();
  }
};

TEST(Engine, ThreadsThatTakeTurnsShareALeaf) {
  const Gil gil;
  const int64_t n = 150'000;
  const Tensor x = leaf(1, n), w = ops::full({n}, 2, DType::float32);
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&] {
      for (int i = 0; i < 5; ++i) Gil::with([&] { backward({ops::sum(x * w)}, {}, false, false, {}); });
    });
  for (auto& t : threads) t.join();
  EXPECT_EQ(grad_of(x).data<float>()[0], 40);
  EXPECT_EQ(grad_of(x).data<float>()[n - 1], 40);
}

TEST(Engine, AGraphMayBeRunAndFreedOnAnotherThread) {
  const Tensor x = leaf();
  Tensor y = ops::sum(x * x);
  std::thread([&] {
    backward({y}, {}, false, false, {});
    y.reset();
  }).join();
  EXPECT_EQ(grad_of(x).data<float>()[0], 2);
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
