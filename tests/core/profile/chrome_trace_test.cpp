#include "core/profile/chrome_trace.h"

#include <gtest/gtest.h>

#include "tests/core/support.h"

using namespace tapescope::profile;
using tapescope::testing::holds;

namespace {

Trace small() {
  Trace t;
  t.start = 1000;
  t.end = 9000;
  t.names = {"", "aten::add", "a \"name\"\n\x01", "node"};
  t.threads = {{42, "MainThread"}, {43}};
  Event op{EventKind::op};
  op.name = 1, op.start = 2000, op.end = 3500, op.self = 1500, op.sequence_nr = 5, op.node = 9, op.arguments = 0;
  Event crossing{EventKind::range};
  crossing.name = 2, crossing.is_async = true, crossing.start = 3000, crossing.end = 4001;
  Event node{EventKind::node};
  node.name = 3, node.thread = 1, node.start = 5000, node.end = 6000, node.forward = 0, node.sequence_nr = 5;
  t.events = {op, crossing, node};
  t.arguments = {{{{{2, 3}}, false, "float32"}, {{{2}, {}}, true, "TensorList"}, {{}, false, "Scalar"}}};
  t.allocations = {{2500, 0, 0, 24, 4096, 24}};
  return t;
}

TEST(ChromeTrace, HoldsEachPhase) {
  const std::string text = chrome_trace(small(), {7, "python", 123, true, true, true});
  EXPECT_TRUE(holds(text, R"("baseTimeNanoseconds":123,"with_stack":1,"profile_memory":1,"record_shapes":1)"));
  EXPECT_TRUE(holds(text, R"({"ph":"M","name":"process_name","pid":7,"tid":0,"ts":0,"args":{"name":"python"}})"));
  EXPECT_TRUE(holds(text, R"-("args":{"name":"thread 42 (MainThread)"})-"));
  EXPECT_TRUE(holds(text, R"("args":{"name":"thread 43"})"));
  EXPECT_TRUE(holds(
      text,
      R"({"ph":"X","cat":"cpu_op","name":"aten::add","pid":7,"tid":42,"ts":1,"dur":1.500,"args":{"Sequence number":5,"Node id":9,"Input Dims":[[2,3],[[2],[]],[]],"Input type":["float32","TensorList","Scalar"]}})"));
  EXPECT_TRUE(holds(text, R"("args":{"Sequence number":5,"Fwd thread id":42})"));
  EXPECT_TRUE(holds(text, R"({"ph":"s","cat":"fwdbwd","name":"fwdbwd","id":1,"pid":7,"tid":42,"ts":1})"));
  EXPECT_TRUE(holds(text, R"({"ph":"f","bp":"e","cat":"fwdbwd","name":"fwdbwd","id":1,"pid":7,"tid":43,"ts":4})"));
  EXPECT_TRUE(holds(text, R"("name":"[memory]","pid":7,"tid":42,"ts":1.500,"args":{"Bytes":24,"Total Allocated":24)"));
}

TEST(ChromeTrace, ARangeThatCrossesOthersIsNoSlice) {
  const std::string text = chrome_trace(small(), {});
  EXPECT_TRUE(holds(text, R"({"ph":"b","cat":"user_annotation","name":"a \"name\"\u000a\u0001","id":1)"));
  EXPECT_TRUE(holds(text, R"("ts":3.001})"));
}

TEST(ChromeTrace, AnEmptyTraceIsWhole) {
  const std::string text = chrome_trace(Trace(), {});
  EXPECT_TRUE(text.ends_with("\n]}\n"));
}

}  // namespace
