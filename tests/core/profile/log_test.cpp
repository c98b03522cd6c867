#include "core/profile/log.h"

#include <gtest/gtest.h>

using namespace tapescope::profile;

namespace {

TEST(Log, GivesItsRecordsOnceAndInOrder) {
  Log log(7);
  for (int64_t i = 0; i < 10'000; ++i) log.append({i, Mark::node_end});
  const std::vector<Record> records = log.take();
  ASSERT_EQ(records.size(), 10'000u);
  for (size_t i = 0; i < records.size(); ++i) ASSERT_EQ(records[i].time, static_cast<int64_t>(i));
  log.append({1, Mark::node_end});
  EXPECT_TRUE(log.take().empty());
  EXPECT_EQ(log.dropped(), 0u);
  EXPECT_EQ(log.tid(), 7);
}

TEST(Log, WhatHasNoRoomIsCounted) {
  Log log(7, 10);
  for (int64_t i = 0; i < 15; ++i) log.append({i, Mark::node_end});
  EXPECT_EQ(log.take().size(), 10u);
  EXPECT_EQ(log.dropped(), 5u);
}

}  // namespace
