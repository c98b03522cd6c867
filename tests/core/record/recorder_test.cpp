#include "core/record/recorder.h"

#include <gtest/gtest.h>

#include "core/autograd/engine.h"
#include "core/ops/math.h"
#include "core/ops/ops.h"

using namespace tapescope;

namespace {

Tensor leaf() {
  Tensor t = ops::full({2}, 1, DType::float32);
  t.impl()->requires_grad_flag = true;
  return t;
}
std::unique_ptr<Recorder> recorded(const std::function<void()>& f) {
  start_recording(Recorder::Mode::automatic, 1);
  f();
  return stop_recording();
}

TEST(Recorder, KeepsIdsAndNoTensor) {
  const Tensor x = leaf();
  const auto count = x.use_count();
  const auto r = recorded([&] { x* x; });
  EXPECT_EQ(x.use_count(), count + 0u);
  ASSERT_EQ(r->ops().size(), 1u);
  EXPECT_EQ(r->ops()[0].inputs[0], x.id());
  EXPECT_STREQ(r->ops()[0].schema->name, "mul");
  EXPECT_TRUE(r->touched_graph());
}

TEST(Recorder, ACellWithoutAGraphTouchesNone) {
  EXPECT_FALSE(recorded([] { ops::full({2}, 1, DType::float32) + 1.0; })->touched_graph());
}

TEST(Recorder, AnOpWithoutANodeHasNoneOfAFormerRecording) {
  const Tensor x = leaf(), y = ops::full({2}, 1, DType::float32);
  recorded([&] { x* x; });
  const auto r = recorded([&] { y* y; });
  ASSERT_EQ(r->ops().size(), 1u);
  EXPECT_EQ(r->ops()[0].node, 0u);
  EXPECT_EQ(r->ops()[0].type, nullptr);
  EXPECT_EQ(r->ops()[0].created_by, 0u);
}

TEST(Recorder, FoldsALoop) {
  const Tensor x = leaf();
  const auto r = recorded([&] {
    for (int i = 0; i < 500; ++i) ops::sum(ops::apply("tanh", x * 2.0));
  });
  EXPECT_EQ(r->ops_seen(), 1500u);
  ASSERT_EQ(r->repeats().size(), 1u);
  EXPECT_EQ(r->repeats()[0].count, 500u);
  ASSERT_EQ(r->ops().size(), 6u);
  EXPECT_EQ(r->ops()[5].turn, 499u);
}

TEST(Recorder, ALoopGoesOnOverChunks) {
  const Tensor x = leaf();
  const auto r = recorded([&] {
    for (int i = 0; i < 200'000; ++i) x * 2.0;
  });
  EXPECT_EQ(r->ops_seen(), 200'000u);
  EXPECT_LE(r->ops().size(), 8u);
  ASSERT_GE(r->repeats().size(), 1u);
  EXPECT_EQ(r->repeats()[0].count, 200'000u);
}

TEST(Recorder, ALongLoopsLastTurnIsTheTrueLastOne) {
  const Tensor x = leaf();
  Tensor last;
  const auto r = recorded([&] {
    for (int i = 0; i < 20'000; ++i) last = ops::apply("tanh", x * 2.0);
    ops::sum(last);
  });
  EXPECT_EQ(r->ops_seen(), 40'001u);
  ASSERT_EQ(r->ops().size(), 5u);
  EXPECT_EQ(r->repeats()[0].count, 20'000u);
  EXPECT_EQ(r->ops()[1].turn, 0u);
  EXPECT_EQ(r->ops()[3].turn, 19'999u);
  EXPECT_EQ(r->ops()[3].output, last.id());
  EXPECT_EQ(r->ops()[3].repeat, 1u);
  EXPECT_STREQ(r->ops()[4].schema->name, "sum");
  EXPECT_EQ(r->ops()[4].repeat, 0u);
}

TEST(Recorder, ALoopThatIsBrokenOffKeepsTheTurnItHadBegun) {
  const Tensor x = leaf();
  const auto r = recorded([&] {
    for (int i = 0; i < 5'000; ++i) ops::apply("tanh", x * 2.0);
    const Tensor y = x * 2.0;
    ops::apply("exp", y);
  });
  EXPECT_EQ(r->ops_seen(), 10'002u);
  EXPECT_EQ(r->repeats()[0].count, 5'000u);
  ASSERT_EQ(r->ops().size(), 6u);
  EXPECT_STREQ(r->ops()[4].schema->name, "mul");
  EXPECT_STREQ(r->ops()[5].schema->name, "exp");
}

TEST(Recorder, WhatDoesNotRepeatIsBounded) {
  const Tensor x = leaf();
  const char* names[] = {"tanh", "exp", "sin", "cos", "sigmoid", "neg", "abs"};
  uint32_t state = 1;
  const auto r = recorded([&] {
    for (int i = 0; i < 150'000; ++i)
      ops::apply(names[(state = state * 1664525 + 1013904223) >> 24 & 7 ? (state >> 16) % 7 : 0], x);
  });
  EXPECT_EQ(r->ops_seen(), 150'000u);
  EXPECT_LE(r->ops().size(), Recorder::kMost);
}

TEST(Recorder, CountsPassesAndTheirNodes) {
  const Tensor x = leaf();
  const auto r = recorded([&] { backward({ops::sum(x * x)}, {}, false, false, {}); });
  ASSERT_EQ(r->passes().size(), 1u);
  EXPECT_EQ(r->passes()[0].nodes, 3u);
  EXPECT_FALSE(r->passes()[0].raised);
  EXPECT_EQ(r->ops().size(), 2u);  // the inside of the backward is no forward op
}

}  // namespace
