#include "core/trace/interpreter.h"

#include <gtest/gtest.h>

#include <map>
#include <thread>

#include "core/autograd/engine.h"
#include "tests/core/trace/support.h"

namespace tapescope::jit {
namespace {

using testing::binary;
using testing::tensor_at;
using testing::traced;
using testing::unary;

Tensor layer(const Tensor& x, const Tensor& w) {
  const Tensor h = unary("tanh", ops::called<&ops::matmul>(x, w));
  return binary("mul", h, h);
}

std::string history(const tapescope::Node& n) {
  std::string out = n.type().name;
  for (const Edge& e : n.edges()) out += e ? fmt::format("({})", history(*e.node)) : "()";
  return out;
}

TEST(Interpreter, MakesTheSameValuesAndTheSameHistory) {
  const Tensor x = ops::randn({3, 4}, DType::float32), w = ops::randn({4, 4}, DType::float32);
  w.impl()->requires_grad_flag = true;
  const Traced t = traced([](auto in) { return layer(tensor_at(in, 0), tensor_at(in, 1)); }, {x, w});
  const auto g = t.graph->copy();
  fuse_pointwise(*g);
  const Tensor eager = layer(x, w), replayed = testing::run(*g, {x, w});
  EXPECT_EQ(testing::values(eager), testing::values(replayed));
  EXPECT_EQ(history(*eager.grad_fn()), history(*replayed.grad_fn()));
}

TEST(Interpreter, DropsAValueAfterItsLastUse) {
  const auto g = testing::parsed(
      "graph(%x : Float(2)):\n"
      "  %1 : Float(2) = aten::exp(%x)\n"
      "  %2 : Float(2) = aten::exp(%1)\n"
      "  %3 : Float(2) = aten::exp(%2)\n"
      "  return (%3)\n");
  struct Watch final : ops::CallObserver {
    std::vector<uint64_t> alive;
    std::vector<std::weak_ptr<int>> unused;
    Watch() { ops::observe_thread_calls(this); }
    ~Watch() override { ops::observe_thread_calls(nullptr); }
    uint32_t counts[3] = {};
    int calls = 0;
    void begin(const ops::Offer&, std::span<const ops::Value> args) override {
      counts[calls++] = std::get<Tensor>(args[0]).use_count();
    }
    void end(const ops::Offer&, std::span<const ops::Value>, const ops::Value*) override {}
  } watch;
  const Code code(*g);
  std::vector<IValue> in{testing::vector({1, 2})};
  code.run(std::move(in));
  EXPECT_EQ(watch.calls, 3);
  // The register and the argument: nobody else holds what was computed before.
  EXPECT_EQ(watch.counts[1], 2u);
  EXPECT_EQ(watch.counts[2], 2u);
}

TEST(Interpreter, DropsWhatALoopReadsAndMakesAfterItsLastUse) {
  const auto g = testing::parsed(
      "graph(%x : Float(2)):\n"
      "  %1 : Float(2) = aten::exp(%x)\n"
      "  %2 : Float(2) = aten::mul(%1, %x)\n"
      "  %3 : Float(2) = aten::add(%2, %1)\n"
      "  %4 : Float(2) = aten::detach(%3)\n"
      "  %5 : Float(2) = aten::ravel(%4)\n"
      "  return (%5)\n");
  fuse_pointwise(*g);
  ASSERT_EQ(testing::count_of(*g, "prim::FusionGroup"), 1u);
  const Code code(*g);
  struct Watch final : ops::CallObserver {
    std::map<std::string, uint32_t> counts;
    void begin(const ops::Offer& op, std::span<const ops::Value> args) override {
      counts[op.name] = std::get<Tensor>(args[0]).use_count();
    }
    void end(const ops::Offer&, std::span<const ops::Value>, const ops::Value*) override {}
  };
  for (const bool gradients : {false, true}) {
    Watch watch;
    ops::observe_process_calls(&watch);
    Tensor x = gradients ? testing::leaf({1, 2}) : testing::vector({1, 2});
    code.run({std::move(x)});
    ops::observe_process_calls(nullptr);
    EXPECT_EQ(watch.counts.contains("add"), gradients);
    // The register and the argument. A recorded product and its sum keep nothing of each other.
    EXPECT_EQ(watch.counts.at("detach"), 2u) << gradients;
    EXPECT_EQ(watch.counts.at("ravel"), 2u) << gradients;
  }
}

TEST(Interpreter, RunsOnSeveralThreadsAtOnce) {
  const Traced t = traced([](auto in) { return layer(tensor_at(in, 0), tensor_at(in, 1)); },
                          {ops::randn({3, 4}, DType::float32), ops::randn({4, 4}, DType::float32)});
  const Code code(*t.graph);
  std::vector<std::thread> threads;
  std::atomic<int> wrong = 0;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&, i] {
      const Tensor x = ops::full({2 + i, 4}, 0.1 * i, DType::float32), w = ops::full({4, 4}, 0.25, DType::float32);
      const auto expected = testing::values(layer(x, w));
      for (int k = 0; k < 200; ++k) wrong += testing::values(std::get<Tensor>(code.run({x, w})[0])) != expected;
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
}

TEST(Interpreter, ListsTuplesAndDicts) {
  const auto g = testing::parsed(
      "graph(%d : Dict(str, Tensor), %p : (Tensor, Tensor)):\n"
      "  %k : str = prim::Constant[value=\"a\"]()\n"
      "  %x : Tensor = aten::__getitem__(%d, %k)\n"
      "  %a : Tensor, %b : Tensor = prim::TupleUnpack(%p)\n"
      "  %l : Tensor[] = prim::ListConstruct(%x, %a, %b)\n"
      "  %0 : int = prim::Constant[value=0]()\n"
      "  %c : Tensor = aten::cat(%l, %0)\n"
      "  return (%c)\n");
  const auto dict = std::make_shared<Dict>(Dict{{{std::string("a"), testing::vector({1})}}});
  const auto pair = std::make_shared<Tuple>(Tuple{{testing::vector({2}), testing::vector({3})}});
  EXPECT_EQ(testing::values(testing::run(*g, {dict, pair})), (std::vector<double>{1, 2, 3}));
  const auto other = std::make_shared<Dict>();
  EXPECT_TRUE(testing::holds(testing::message([&] { testing::run(*g, {other, pair}); }), "no key 'a'"));
}

TEST(Interpreter, SaysWhatDoesNotFit) {
  const auto g = testing::parsed(testing::kText);
  const Code code(*g);
  EXPECT_EQ(testing::message([&] { code.run({testing::vector({1})}); }),
            "the traced graph takes 2 inputs, but 1 were given");
  EXPECT_TRUE(testing::holds(testing::message([&] {
                               code.run({testing::vector({1}), int64_t{2}});
                             }),
                             "input 1 (%y) of the traced graph is Float(2), but a value of type int was given"));
  try {
    code.run({testing::vector({1, 2}), testing::vector({1, 2, 3})});
    FAIL();
  } catch (const Error& e) {
    EXPECT_EQ(e.kind(), ErrorKind::shape);
    EXPECT_TRUE(testing::holds(e.what(), "It was traced at a.py:3:0."));
  }
}

}  // namespace
}  // namespace tapescope::jit
