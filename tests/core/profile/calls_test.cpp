#include "core/profile/calls.h"

#include <gtest/gtest.h>

using namespace tapescope::profile;

namespace {

CallLog log_of(std::vector<CallRecord> records) {
  CallLog log;
  log.sites = {{CallKind::python, "f"}, {CallKind::c, "len"}, {CallKind::hidden, "stop"}, {CallKind::hidden_c, "exit"}};
  log.records = std::move(records);
  return log;
}
constexpr uint32_t kF = 0, kLen = 1, kStop = 2, kExit = 3;

void expect_call(const Call& c, uint32_t site, int64_t start, int64_t end) {
  EXPECT_EQ(c.site, site);
  EXPECT_EQ(c.start, start);
  EXPECT_EQ(c.end, end);
}

TEST(Calls, ReturnsEndTheInnermostOfTheirKind) {
  const auto calls =
      match_calls(log_of({{1, kF}, {2, kLen}, {3, kCReturn}, {4, kF}, {5, kPythonReturn}, {6, kPythonReturn}}));
  ASSERT_EQ(calls.size(), 3u);
  expect_call(calls[0], kF, 1, 6);
  expect_call(calls[1], kLen, 2, 3);
  expect_call(calls[2], kF, 4, 5);
}

TEST(Calls, WhatBeganBeforeEndsNothing) {
  const auto calls =
      match_calls(log_of({{1, kPythonReturn}, {2, kCReturn}, {3, kF}, {4, kCReturn}, {5, kPythonReturn}}));
  ASSERT_EQ(calls.size(), 1u);
  expect_call(calls[0], kF, 3, 5);
}

TEST(Calls, ACallOfCThatDidNotReturnEndsWithItsCaller) {
  const auto calls = match_calls(log_of({{1, kF}, {2, kLen}, {4, kPythonReturn}}));
  ASSERT_EQ(calls.size(), 2u);
  expect_call(calls[0], kF, 1, 4);
  expect_call(calls[1], kLen, 2, 4);
}

TEST(Calls, WhatGoesOnEndsAtTheEnd) {
  const auto calls = match_calls(log_of({{1, kF}, {2, kLen}}));
  ASSERT_EQ(calls.size(), 2u);
  expect_call(calls[0], kF, 1, kGoesOn);
  expect_call(calls[1], kLen, 2, kGoesOn);
}

TEST(Calls, AStopEndsAll) {
  const auto calls = match_calls(log_of({{1, kF}, {2, kF}, {3, kStopped}, {6, kPythonReturn}, {7, kF}}));
  ASSERT_EQ(calls.size(), 3u);
  expect_call(calls[0], kF, 1, 3);
  expect_call(calls[1], kF, 2, 3);
  expect_call(calls[2], kF, 7, kGoesOn);
}

TEST(Calls, HiddenOnesAreLeftOutWithWhatTheyCall) {
  const auto calls = match_calls(log_of({{1, kF},
                                         {2, kStop},
                                         {3, kLen},
                                         {4, kCReturn},
                                         {5, kPythonReturn},
                                         {6, kExit},
                                         {7, kCReturn},
                                         {8, kPythonReturn}}));
  ASSERT_EQ(calls.size(), 1u);
  expect_call(calls[0], kF, 1, 8);
}

}  // namespace
