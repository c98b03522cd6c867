#include "core/record/loop.h"

#include <gtest/gtest.h>

using namespace tapescope;

namespace {

const OpSchema kA{"a"}, kB{"b"};

OpRecord record(const OpSchema& schema, uint64_t output) {
  OpRecord r{};
  r.schema = &schema;
  r.output = output;
  return r;
}

bool feed(Loop& loop, const OpRecord& r) {
  loop.next() = r;
  return loop.took();
}

TEST(Loop, CountsTurnsAndKeepsTheLast) {
  Loop loop;
  const OpRecord period[] = {record(kA, 1), record(kB, 2)};
  ASSERT_TRUE(loop.start(period, {}));
  for (uint64_t i = 0; i < 10; ++i) {
    EXPECT_TRUE(feed(loop, record(kA, 10 + 2 * i)));
    EXPECT_TRUE(feed(loop, record(kB, 11 + 2 * i)));
  }
  EXPECT_EQ(loop.turns(), 10u);
  ASSERT_EQ(loop.last().size(), 2u);
  EXPECT_EQ(loop.last()[0].output, 28u);
  EXPECT_EQ(loop.last()[1].output, 29u);
  EXPECT_TRUE(loop.begun().empty());
}

TEST(Loop, AnotherOpEndsItAndTheTurnUnderWayIsKept) {
  Loop loop;
  const OpRecord period[] = {record(kA, 1), record(kA, 2), record(kB, 3)};
  ASSERT_TRUE(loop.start(period, std::span(period, 1)));
  EXPECT_TRUE(feed(loop, record(kA, 5)));
  EXPECT_FALSE(feed(loop, record(kA, 6)));
  EXPECT_EQ(loop.turns(), 0u);
  ASSERT_EQ(loop.begun().size(), 2u);
  EXPECT_EQ(loop.begun()[1].output, 5u);
  EXPECT_EQ(loop.last()[2].output, 3u);
}

TEST(Loop, IsNotFollowedFromRecordsThatBeginNoTurn) {
  Loop loop;
  const OpRecord period[] = {record(kA, 1), record(kB, 2)}, other[] = {record(kB, 3)};
  EXPECT_FALSE(loop.start(period, other));
  EXPECT_FALSE(loop.start({}, {}));
  EXPECT_FALSE(loop.active());
}

}  // namespace
