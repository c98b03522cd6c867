#include "core/profile/profiler.h"

#include <gtest/gtest.h>

#include <thread>

#include "core/autograd/engine.h"
#include "core/ops/call.h"
#include "core/tensor/allocation.h"
#include "tests/core/support.h"

using namespace tapescope;
using namespace tapescope::profile;
using namespace tapescope::testing;

namespace {

Trace finished() {
  return stop().value().finish();
}
std::vector<std::string> names(const Trace& t) {
  std::vector<std::string> out;
  for (const Event& e : t.events) out.push_back(t.name(e));
  return out;
}

Tensor exp_of(const Tensor& x) {
  return ops::call_unary(ops::pointwise("exp", 1), x);
}

TEST(Profiler, SeesOpsAndNodes) {
  const Tensor x = leaf({2});
  ASSERT_TRUE(start({}));
  const Tensor y = exp_of(ops::call_binary(ops::pointwise("mul", 2), x, x));
  backward({y}, {}, false, false, {});
  const Trace t = finished();
  const std::string node = "autograd::engine::evaluate_function: ";
  EXPECT_EQ(names(t), (std::vector<std::string>{"aten::mul", "aten::exp", node + "ExpBackward0", node + "MulBackward0",
                                                node + "AccumulateGrad"}));
  EXPECT_EQ(t.events[2].forward, 1);
  EXPECT_EQ(t.events[3].forward, 0);
  EXPECT_EQ(t.events[4].forward, -1);
  EXPECT_EQ(t.events[3].sequence_nr, t.events[0].sequence_nr);
  for (const Event& e : t.events) EXPECT_LE(e.start, e.end);
}

TEST(Profiler, IsOffAgainAfterwards) {
  ASSERT_TRUE(start({.memory = true}));
  EXPECT_TRUE(running());
  EXPECT_FALSE(start({}));
  finished();
  EXPECT_FALSE(running());
  EXPECT_FALSE(stop().has_value());
  EXPECT_FALSE(ops::calls_observed());
  EXPECT_EQ(node_observer.load(), nullptr);
  EXPECT_EQ(allocation_observer.load(), nullptr);
}

TEST(Profiler, TellsShapes) {
  const Tensor x = leaf({1, 2, 3});
  ASSERT_TRUE(start({.shapes = true}));
  ops::called<&ops::transpose>(x, 0, 0);
  const Trace t = finished();
  const auto& arguments = t.arguments.at(static_cast<size_t>(t.events.at(0).arguments));
  EXPECT_EQ(arguments.at(0).shapes.at(0), (std::vector<int64_t>{3}));
  EXPECT_EQ(arguments.at(0).type, "float32");
  EXPECT_TRUE(arguments.at(1).shapes.empty());
}

TEST(Profiler, SeesMemoryComeAndGo) {
  ASSERT_TRUE(start({.memory = true}));
  { const Tensor x = Tensor::empty({1000}, DType::float32); }
  { const Tensor small = Tensor::empty({1}, DType::float32); }
  const Trace t = finished();
  ASSERT_EQ(t.allocations.size(), 4u);
  EXPECT_EQ(t.allocations[0].bytes, 4000);
  EXPECT_EQ(t.allocations[1].bytes, -4000);
  EXPECT_EQ(t.allocations[2].bytes, 4);
  EXPECT_EQ(t.allocations[0].address, t.allocations[1].address);
  EXPECT_EQ(t.allocations[3].total, t.allocations[0].total - 4000);
}

TEST(Profiler, AnOpThatThrowsEnds) {
  const Tensor a = leaf({1, 2}), b = leaf({1, 2, 3});
  ASSERT_TRUE(start({}));
  EXPECT_THROW(ops::call_binary(ops::pointwise("mul", 2), a, b), Error);
  ops::call_binary(ops::pointwise("mul", 2), a, a);
  const Trace t = finished();
  ASSERT_EQ(t.events.size(), 2u);
  EXPECT_EQ(t.events[1].parent, -1);
  EXPECT_EQ(t.events[0].node, 0u);
}

TEST(Profiler, ThreadsHaveLogsOfTheirOwn) {
  const Tensor x = leaf({1, 2, 3});
  ASSERT_TRUE(start({.memory = true}));
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&] {
      for (int k = 0; k < 200; ++k) {
        const Range range(RangeKind::user, [] { return std::string("turn"); });
        exp_of(x.alias());
      }
    });
  for (std::thread& t : threads) t.join();
  const Trace t = finished();
  EXPECT_EQ(t.threads.size(), 4u);
  EXPECT_GE(t.events.size(), 800u);
  for (const Event& e : t.events)
    if (e.parent >= 0) {
      const Event& p = t.events[static_cast<size_t>(e.parent)];
      EXPECT_EQ(p.thread, e.thread);
      EXPECT_LE(p.start, e.start);
      EXPECT_GE(p.end, e.end);
    }
}

TEST(Profiler, AThreadMayWorkOnWhileItEnds) {
  std::atomic<bool> done{false};
  std::thread worker([&] {
    while (!done) {
      const Range range(RangeKind::user, [] { return std::string("turn"); });
      const Tensor x = Tensor::empty({100}, DType::float32);
    }
  });
  for (int i = 0; i < 50; ++i) {
    ASSERT_TRUE(start({.memory = true}));
    const Trace t = finished();
    for (const Event& e : t.events) ASSERT_LE(e.end, t.end);
  }
  done = true;
  worker.join();
}

TEST(Profiler, ARangeOutsideOfAProfileIsNothing) {
  EXPECT_EQ(begin_range("r", RangeKind::user), 0u);
  bool asked = false;
  {
    const Range r(RangeKind::user, [&] { return asked = true, std::string(); });
  }
  EXPECT_FALSE(asked);
  const uint64_t before = (start({}), begin_range("left open", RangeKind::user));
  const Trace t = finished();
  end_range(before, RangeKind::user);
  EXPECT_EQ(t.events.at(0).end, t.end);
}

}  // namespace
