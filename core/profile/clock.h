// The clock of a profile: nanoseconds, never running backwards, the same on all threads.
#pragma once

#include <chrono>
#include <cstdint>

namespace tapescope::profile {

inline int64_t now() noexcept {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

}  // namespace tapescope::profile
