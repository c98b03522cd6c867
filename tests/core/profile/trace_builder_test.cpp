#include "core/profile/trace_builder.h"

#include <gtest/gtest.h>

#include "core/graph/node.h"
#include "core/ops/registry.h"

using namespace tapescope;
using namespace tapescope::profile;

namespace {

const ops::Offer& add() {
  return *ops::offers_named("add").front();
}
const NodeType kMulBackward{"MulBackward0", {}};

Record op_begin(int64_t time, uint64_t next) {
  Record r{time, Mark::op_begin};
  r.a = next;
  r.what = &add();
  return r;
}
Record op_end(int64_t time, uint64_t next, uint64_t sequence_nr = kNoSequence, uint64_t node = 0) {
  Record r{time, Mark::op_end};
  r.a = next, r.b = sequence_nr, r.c = node;
  return r;
}
Record node_begin(int64_t time, uint64_t sequence_nr, uint64_t node) {
  Record r{time, Mark::node_begin};
  r.a = sequence_nr, r.c = node;
  r.what = &kMulBackward;
  return r;
}
Record range(int64_t time, Mark mark, uint64_t token, const char* name = nullptr, RangeKind kind = RangeKind::user) {
  Record r{time, mark, kind};
  r.a = kNoSequence, r.b = token;
  if (name) r.details = std::make_unique<Details>(Details{name, {}});
  return r;
}
Record memory(int64_t time, Mark mark, uint64_t bytes) {
  Record r{time, mark};
  r.a = bytes;
  return r;
}
template <class... R>
std::vector<Record> records(R... r) {
  std::vector<Record> out;
  (out.push_back(std::move(r)), ...);
  return out;
}

void add_log(TraceBuilder& b, int64_t tid, std::vector<Record> records, int dropped) {
  Log log(tid, records.size());
  for (Record& r : records) log.append(std::move(r));
  for (int i = 0; i < dropped; ++i) log.append({100, Mark::node_end});
  b.add_log(log);
}

TEST(TraceBuilder, EventsNestAndKnowTheirOwnTime) {
  TraceBuilder b({0, 0}, {100, 100}, 0);
  add_log(b, 7,
          records(range(10, Mark::range_begin, 1, "block"), op_begin(20, 0), op_end(30, 0), op_begin(40, 0),
                  op_end(45, 0), range(60, Mark::range_end, 1)),
          0);
  const Trace t = b.finish();
  ASSERT_EQ(t.events.size(), 3u);
  EXPECT_EQ(t.name(t.events[0]), "block");
  EXPECT_EQ(t.name(t.events[1]), "aten::add");
  EXPECT_EQ(t.events[0].parent, -1);
  EXPECT_EQ(t.events[1].parent, 0);
  EXPECT_EQ(t.events[2].parent, 0);
  EXPECT_EQ(t.events[0].duration(), 50);
  EXPECT_EQ(t.events[0].self, 35);
  EXPECT_EQ(t.threads.at(0).tid, 7);
}

TEST(TraceBuilder, ANodeIsLinkedToTheOpThatMadeIt) {
  TraceBuilder b({0, 0}, {100, 100}, 0);
  // Both threads count from the same number: the node's id tells them apart.
  add_log(b, 1, records(op_begin(1, 5), op_end(2, 7, 5, 50)), 0);
  add_log(b, 2, records(op_begin(3, 5), op_end(4, 6, 5, 51), node_begin(10, 5, 50), Record{20, Mark::node_end}), 0);
  const Trace t = b.finish();
  ASSERT_EQ(t.events.size(), 3u);
  const Event& node = t.events[2];
  EXPECT_EQ(t.name(node), "autograd::engine::evaluate_function: MulBackward0");
  EXPECT_EQ(node.forward, 0);
  EXPECT_EQ(node.sequence_nr, t.events[0].sequence_nr);
  EXPECT_EQ(node.thread, 1u);
  EXPECT_EQ(t.events[0].thread, 0u);
}

TEST(TraceBuilder, AnOpThatMakesSeveralNodesIsFoundBySequenceNumber) {
  TraceBuilder b({0, 0}, {100, 100}, 0);
  add_log(b, 1, records(op_begin(1, 5), op_end(2, 8, 7, 52), node_begin(10, 6, 51), Record{20, Mark::node_end}), 0);
  const Trace t = b.finish();
  EXPECT_EQ(t.events[1].forward, 0);
  EXPECT_EQ(t.events[0].sequence_nr, 7u);
}

TEST(TraceBuilder, AnOpThatGivesBackItsInputMadeNoNode) {
  TraceBuilder b({0, 0}, {100, 100}, 0);
  add_log(b, 1, records(op_begin(1, 5), op_end(2, 5, 3, 40)), 0);
  const Trace t = b.finish();
  EXPECT_EQ(t.events[0].node, 0u);
  EXPECT_EQ(t.events[0].sequence_nr, kNoSequence);
}

TEST(TraceBuilder, ARangeThatCrossesOthersIsAsync) {
  TraceBuilder b({0, 0}, {100, 100}, 0);
  add_log(b, 1,
          records(range(10, Mark::range_begin, 1, "first"), range(20, Mark::range_begin, 2, "second"),
                  range(30, Mark::range_end, 1), op_begin(31, 0), op_end(33, 0), range(40, Mark::range_end, 2)),
          0);
  const Trace t = b.finish();
  ASSERT_EQ(t.events.size(), 3u);
  EXPECT_FALSE(t.events[0].is_async);
  EXPECT_TRUE(t.events[1].is_async);
  EXPECT_EQ(t.events[2].parent, -1);
  EXPECT_EQ(t.events[0].self, 20);
}

TEST(TraceBuilder, ARangeThatACallOutlivesIsAsync) {
  TraceBuilder b({0, 0}, {100, 100}, 0);
  add_log(b, 1, records(range(10, Mark::range_begin, 1, "r"), range(30, Mark::range_end, 1)), 0);
  CallLog calls;
  calls.tid = 1;
  calls.sites = {{CallKind::python, "f"}, {CallKind::c, "len"}};
  calls.records = {{20, 0}, {25, 1}, {26, kCReturn}, {50, kPythonReturn}};
  b.add_calls(calls);
  const Trace t = b.finish();
  ASSERT_EQ(t.events.size(), 3u);
  EXPECT_TRUE(t.events[0].is_async);
  EXPECT_EQ(t.name(t.events[1]), "f");
  EXPECT_EQ(t.events[1].parent, -1);
  EXPECT_EQ(t.events[2].parent, 1);
  EXPECT_EQ(t.events[2].python_parent, t.events[1].python_id);
}

TEST(TraceBuilder, MemoryBelongsToTheInnermostEvent) {
  TraceBuilder b({0, 0}, {100, 100}, 1000);
  add_log(b, 1,
          records(memory(5, Mark::allocated, 8), range(10, Mark::range_begin, 1, "r"), op_begin(20, 0),
                  memory(21, Mark::allocated, 64), memory(22, Mark::freed, 16), op_end(30, 0),
                  memory(40, Mark::freed, 4), range(50, Mark::range_end, 1)),
          0);
  const Trace t = b.finish();
  ASSERT_EQ(t.events.size(), 2u);
  EXPECT_EQ(t.events[1].self_bytes, 48);
  EXPECT_EQ(t.events[1].allocated, 64);
  EXPECT_EQ(t.events[0].self_bytes, -4);
  EXPECT_EQ(t.events[0].bytes, 44);
  ASSERT_EQ(t.allocations.size(), 4u);
  EXPECT_EQ(t.allocations[0].event, -1);
  EXPECT_EQ(t.allocations[0].total, 1008);
  EXPECT_EQ(t.allocations[3].total, 1052);
}

TEST(TraceBuilder, ModulesAreNumberedByClassInOrderOfTheirFirstCall) {
  TraceBuilder b({0, 0}, {100, 100}, 0);
  CallLog calls;
  calls.tid = 1;
  calls.sites = {{CallKind::module, "Linear", 900},
                 {CallKind::module, "Linear", 100},
                 {CallKind::module, "Tanh", 500},
                 {CallKind::optimizer, "step", 1, "SGD"}};
  calls.records = {{1, 0}, {2, kPythonReturn}, {3, 1}, {4, kPythonReturn}, {5, 2}, {6, kPythonReturn},
                   {7, 0}, {8, kPythonReturn}, {9, 3}, {10, kPythonReturn}};
  b.add_calls(calls);
  const Trace t = b.finish();
  ASSERT_EQ(t.events.size(), 5u);
  EXPECT_EQ(t.name(t.events[0]), "nn.Module: Linear_0");
  EXPECT_EQ(t.name(t.events[1]), "nn.Module: Linear_1");
  EXPECT_EQ(t.name(t.events[2]), "nn.Module: Tanh_0");
  EXPECT_EQ(t.name(t.events[3]), "nn.Module: Linear_0");
  EXPECT_EQ(t.events[1].module_nr, 1);
  EXPECT_EQ(t.name(t.events[4]), "step");
  EXPECT_EQ(t.names[t.events[4].optimizer], "SGD_0");
}

TEST(TraceBuilder, WhatDoesNotEndEndsWithTheProfile) {
  TraceBuilder b({0, 0}, {100, 100}, 0);
  add_log(b, 1, records(node_begin(10, 3, 30), op_begin(20, 0)), 2);
  const Trace t = b.finish();
  EXPECT_EQ(t.events[0].end, 100);
  EXPECT_EQ(t.events[1].end, 100);
  EXPECT_EQ(t.dropped, 2u);
}

TEST(TraceBuilder, WhatBeganBeforeIsLeftOut) {
  TraceBuilder b({0, 0}, {100, 100}, 0);
  add_log(b, 1, records(Record{1, Mark::node_end}, op_end(2, 9), range(3, Mark::range_end, 77)), 0);
  EXPECT_TRUE(b.finish().events.empty());
}

}  // namespace
