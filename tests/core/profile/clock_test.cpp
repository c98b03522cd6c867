#include "core/profile/clock.h"

#include <gtest/gtest.h>

using namespace tapescope::profile;

namespace {

TEST(Clock, TicksDoNotRunBackwards) {
  int64_t before = ticks();
  for (int i = 0; i < 10'000; ++i) {
    const int64_t t = ticks();
    ASSERT_GE(t, before);
    before = t;
  }
}

TEST(Clock, TicksBecomeTheTimeBetweenTwoMoments) {
  const Calibration c({1000, 500}, {3000, 1500});
  EXPECT_EQ(c.nanoseconds(1000), 500);
  EXPECT_EQ(c.nanoseconds(2000), 1000);
  EXPECT_EQ(c.nanoseconds(3000), 1500);
  EXPECT_EQ(c.nanoseconds(0), 0);
}

TEST(Clock, WithoutACalibrationTicksAreNanoseconds) {
  EXPECT_EQ(Calibration().nanoseconds(12345), 12345);
  EXPECT_EQ(Calibration({7, 100}, {7, 100}).nanoseconds(9), 102);
}

TEST(Clock, OrderIsKept) {
  const Calibration c({0, 0}, {3'000'000'007, 1'000'000'000});
  int64_t before = 0;
  for (int64_t t = 0; t < 100'000; ++t) {
    ASSERT_GE(c.nanoseconds(t), before);
    before = c.nanoseconds(t);
  }
}

TEST(Clock, AMomentIsOfBothClocks) {
  const int64_t before = now();
  const Moment m = Moment::current();
  EXPECT_GE(m.nanoseconds, before);
  EXPECT_LE(m.nanoseconds, now());
  EXPECT_LE(m.ticks, ticks());
}

}  // namespace
