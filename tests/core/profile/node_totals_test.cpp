#include "core/profile/node_totals.h"

#include <gtest/gtest.h>

using namespace tapescope::profile;

namespace {

Event event(EventKind kind, uint64_t node, int64_t duration, int64_t allocated) {
  Event e{kind};
  e.node = node;
  e.end = duration;
  e.allocated = allocated;
  return e;
}

TEST(NodeTotals, AreOfTheOpAndOfTheNode) {
  Trace t;
  t.events = {event(EventKind::op, 3, 10, 100), event(EventKind::op, 0, 5, 1), event(EventKind::node, 3, 20, 7)};
  keep_node_totals(t, true);
  ASSERT_EQ(node_totals().size(), 1u);
  EXPECT_EQ(node_totals().at(3).nanoseconds, 30);
  EXPECT_EQ(node_totals().at(3).bytes, 107);
  EXPECT_TRUE(node_totals_have_bytes());
}

TEST(NodeTotals, TheLastProfileCounts) {
  Trace t;
  t.events = {event(EventKind::op, 3, 10, 0)};
  keep_node_totals(t, true);
  keep_node_totals(Trace(), false);
  EXPECT_TRUE(node_totals().empty());
  EXPECT_FALSE(node_totals_have_bytes());
}

TEST(NodeTotals, AreBoundedAndTheLatestStay) {
  Trace t;
  for (uint64_t i = 1; i <= kMostNodeTotals + 10; ++i) t.events.push_back(event(EventKind::op, i, 1, 0));
  keep_node_totals(t, false);
  EXPECT_EQ(node_totals().size(), kMostNodeTotals);
  EXPECT_FALSE(node_totals().contains(10));
  EXPECT_TRUE(node_totals().contains(11));
  keep_node_totals(Trace(), false);
}

}  // namespace
