#include "core/profile/clock.h"

#include <cmath>
#include <fstream>
#include <string>

namespace tapescope::profile {

// The kernel tries the counters of all processors against each other before it chooses this one.
const bool counter_is_clock = [] {
  std::string name;
  std::ifstream("/sys/devices/system/clocksource/clocksource0/current_clocksource") >> name;
  return name == "tsc";
}();

// Of a few readings the one that took least: a thread may lose the processor within.
Moment Moment::current() noexcept {
  Moment best;
  int64_t least = INT64_MAX;
  for (int i = 0; i < 4; ++i) {
    const int64_t before = profile::ticks(), time = now(), took = profile::ticks() - before;
    if (took < least) least = took, best = {before + took / 2, time};
  }
  return best;
}

Calibration::Calibration(const Moment& start, const Moment& end) noexcept
    : ticks_(start.ticks), nanoseconds_(start.nanoseconds) {
  if (end.ticks > start.ticks && end.nanoseconds > start.nanoseconds)
    rate_ = static_cast<double>(end.nanoseconds - start.nanoseconds) / static_cast<double>(end.ticks - start.ticks);
}

int64_t Calibration::nanoseconds(int64_t ticks) const noexcept {
  return nanoseconds_ + std::llround(static_cast<double>(ticks - ticks_) * rate_);
}

}  // namespace tapescope::profile
