#include "core/graph/hooks.h"

#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <mutex>
#include <thread>

#include "core/autograd/engine.h"
#include "core/graph/autograd_meta.h"
#include "core/ops/math.h"
#include "core/tensor/interpreter_lock.h"
#include "tests/core/support.h"

using namespace tapescope;
using namespace tapescope::testing;

namespace {

struct Doubling : TensorPreHook {
  void operator()(Tensor& grad) override {
    if (grad.defined()) grad = grad * 2.0;
  }
  std::vector<HookInfo> describe() const override { return {{"doubling"}}; }
};

struct Capture : CaptureHook {
  Tensor operator()(const Tensor& grad) override { return grad * 10.0; }
  std::vector<HookInfo> describe() const override { return {{"capture"}}; }
};

TEST(Hooks, ACaptureHookSeesWhatTensorHooksMade) {
  const Tensor x = leaf({1, 2}), y = x * 3.0;
  y.grad_fn()->hooks_for_writing().tensor_pre.push_back({0, std::make_shared<Doubling>()});
  const Tensor z = ops::sum(y * 1.0);
  const std::vector<Edge> roots{gradient_edge(z)}, inputs{gradient_edge(y)};
  BackwardOptions options;
  options.accumulate = false;
  options.capture_hooks.emplace_back(0, std::make_shared<Capture>());
  const auto got = run_backward(roots, {ops::full({}, 1, DType::float32)}, inputs, options);
  EXPECT_EQ(values(got[0]), (std::vector<double>{20, 20}));
}

// A lock that stands for the interpreter's: what takes long lets it go, and others come in between.
std::mutex lock;
thread_local bool holds = false;

void* release_lock() {
  if (!holds) return nullptr;
  holds = false;
  lock.unlock();
  return &lock;
}
void acquire_lock(void*) {
  lock.lock();
  holds = true;
}
struct Holding {
  Holding() { acquire_lock(nullptr); }
  ~Holding() { release_lock(); }
};

double seconds() {
  const char* text = std::getenv("TAPESCOPE_STRESS_SECONDS");
  return text ? std::atof(text) : 0.3;
}

// Hooks come and go on a graph that eight threads share, while each of them runs it and drops others.
TEST(Hooks, ManyThreadsRegisterRemoveAndFireThem) {
  const InterpreterLock before = std::exchange(interpreter_lock, {release_lock, acquire_lock});
  const Tensor x = [] {
    Tensor t = ops::full({40000}, 1, DType::float32);  // large: kernels let the lock go
    t.impl()->requires_grad_flag = true;
    return t;
  }();
  const Tensor shared = x * 2.0, top = ops::sum(shared * shared);
  const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(seconds());
  std::atomic<int> runs = 0;
  const auto work = [&](int number) {
    while (std::chrono::steady_clock::now() < end) {
      const Holding holding;
      auto hook = std::make_shared<Doubling>();
      auto& list = shared.grad_fn()->hooks_for_writing().tensor_pre;
      list.push_back({0, hook});
      if (number % 2) autograd_meta(x).leaf_hook = hook;
      backward({top}, {}, true, false, {});
      std::erase_if(list, [&](const NodeHooks::OnInput& h) { return h.hook == hook; });
      if (number % 2) autograd_meta(x).leaf_hook.reset();
      Tensor own = ops::sum(x * static_cast<double>(number));
      backward({own}, {}, false, false, {});
      if (number == 0) autograd_meta(x).grad.reset();
      ++runs;
    }
  };
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) threads.emplace_back(work, i);
  for (std::thread& t : threads) t.join();
  interpreter_lock = before;
  EXPECT_GE(runs, 8);
  EXPECT_TRUE(shared.grad_fn()->hooks()->tensor_pre.empty());
}

}  // namespace
