#include "core/inspect/overlays.h"

#include <gtest/gtest.h>

#include <limits>

#include "core/profile/node_totals.h"
#include "tests/core/support.h"

using namespace tapescope;
using namespace tapescope::inspect;
using tapescope::testing::holds;

namespace {

void measured(std::vector<uint64_t> nodes, bool with_memory) {
  profile::Trace t;
  for (uint64_t n : nodes) {
    profile::Event e{profile::EventKind::op};
    e.node = n;
    e.end = 1500;
    e.allocated = 24;
    t.events.push_back(e);
  }
  profile::keep_node_totals(t, with_memory);
}

GraphView view_of(std::vector<uint64_t> nodes) {
  GraphView g;
  for (uint64_t n : nodes) g.nodes.emplace_back().id = n;
  return g;
}

std::string written(const GraphView& g) {
  std::string out;
  write_overlays(out, g);
  return out;
}

TEST(Overlays, WithoutNumbersThereAreNone) {
  measured({}, false);
  EXPECT_EQ(written(view_of({1, 2})), "");
  measured({3}, false);
  EXPECT_EQ(written(view_of({1, 2})), "");
}

TEST(Overlays, TimeAndBytesOfNodesThatAreShown) {
  measured({1, 2}, true);
  EXPECT_EQ(written(view_of({2, 5})),
            R"(,"overlays":[{"name":"time","on":"nodes","unit":"s","values":[{"id":2,"value":1.5e-06}]},)"
            R"({"name":"bytes","on":"nodes","unit":"B","values":[{"id":2,"value":24}]}])");
  measured({}, false);
}

TEST(Overlays, BytesOnlyWhereMemoryWasProfiled) {
  measured({1}, false);
  EXPECT_FALSE(holds(written(view_of({1})), "bytes"));
  measured({}, false);
}

TEST(Overlays, NormsComeFirst) {
  measured({1}, false);
  GraphView g = view_of({1});
  g.grad_norms = {{1, 0.5}, {1, std::numeric_limits<double>::infinity()}};
  EXPECT_TRUE(written(g).starts_with(R"(,"overlays":[{"name":"grad_norm","on":"nodes","unit":"1")"));
  EXPECT_TRUE(holds(written(g), R"("value":"Infinity")"));
  measured({}, false);
}

}  // namespace
