#include "core/ops/call.h"

#include <gtest/gtest.h>

#include "tests/core/support.h"

namespace tapescope::ops {
namespace {

using testing::vector;

struct Log final : CallObserver {
  std::vector<std::string> lines;
  Log() { observe_thread_calls(this); }
  ~Log() override { observe_thread_calls(nullptr); }
  void begin(const Offer& op, std::span<const Value> args) override {
    lines.push_back(op.name + "/" + std::to_string(args.size()));
  }
  void end(const Offer& op, std::span<const Value>, const Value* result) override {
    lines.push_back(op.name + (result ? " done" : " threw"));
  }
};

Value run_named(const char* name, std::vector<Value> args) {
  for (const Offer* o : offers_named(name))
    if (o->params.size() == args.size()) return call(*o, args);
  throw InternalError("no offer {}", name);
}

TEST(Call, AnOpIsToldFromItsBeginToItsEnd) {
  Log log;
  const Tensor x = vector({1, 2});
  called<&unsqueeze>(x, 0);
  EXPECT_EQ(log.lines, (std::vector<std::string>{"unsqueeze/2", "unsqueeze done"}));
}

TEST(Call, WhatAnOpCallsIsPartOfIt) {
  Log log;
  const Tensor x = ones({2, 3}, DType::float32), w = ones({4, 3}, DType::float32);
  run_named("linear", {x, w, Value()});
  EXPECT_EQ(log.lines, (std::vector<std::string>{"linear/3", "linear done"}));
}

TEST(Call, APointwiseOpIsToldWithItsNumbers) {
  Log log;
  const Tensor x = vector({-1, 2});
  const double bounds[] = {0, std::numeric_limits<double>::infinity()};
  const Tensor y = call_unary(pointwise("clamp", 1), x, bounds);
  EXPECT_EQ(testing::values(y), (std::vector<double>{0, 2}));
  call_binary_(pointwise("mul", 2), x, x);
  EXPECT_EQ(log.lines, (std::vector<std::string>{"clamp/3", "clamp done", "mul_/2", "mul_ done"}));
  EXPECT_TRUE(offer_of(pointwise("mul", 2), true).writes);
}

TEST(Call, OneThatThrowsEndsToo) {
  Log log;
  const Tensor x = vector({1, 2, 3}), y = vector({1, 2});
  EXPECT_THROW(call_binary(pointwise("add", 2), x, y), ShapeError);
  EXPECT_EQ(log.lines, (std::vector<std::string>{"add/2", "add threw"}));
}

TEST(Call, UnobservedItIsTheOpAlone) {
  EXPECT_FALSE(calls_observed());
  {
    const Log log;
    EXPECT_TRUE(calls_observed());
  }
  EXPECT_FALSE(calls_observed());
  EXPECT_EQ(testing::values(called<&ones>(Dims{2}, DType::float32)), (std::vector<double>{1, 1}));
}

TEST(Call, AFunctionThatNothingOffersIsRefused) {
  EXPECT_THROW(offer_for(reinterpret_cast<const void*>(&result_type)), InternalError);
}

}  // namespace
}  // namespace tapescope::ops
