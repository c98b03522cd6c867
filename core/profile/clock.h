// The clock of a profile. What is logged are ticks, which cost least to read; they become nanoseconds afterwards.
//
// Invariants
//   * Ticks do not run backwards, and are the same on all threads: the processor's counter where the kernel itself
//   keeps
//     time by it, std::chrono's steady clock elsewhere.
//   * A Calibration turns later ticks into times that are no earlier, so that what nests in ticks nests in times.
#pragma once

#include <chrono>
#include <cstdint>

#if defined(__x86_64__)
#include <x86intrin.h>
#endif

namespace tapescope::profile {

// Nanoseconds of the steady clock.
inline int64_t now() noexcept {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

extern const bool counter_is_clock;

inline int64_t ticks() noexcept {
#if defined(__x86_64__)
  if (counter_is_clock) [[likely]]
    return static_cast<int64_t>(__rdtsc());
#endif
  return now();
}

// Both clocks at one moment.
struct Moment {
  int64_t ticks = 0, nanoseconds = 0;
  static Moment current() noexcept;
};

class Calibration {
 public:
  // Nanoseconds as they are.
  Calibration() = default;
  Calibration(const Moment& start, const Moment& end) noexcept;

  int64_t nanoseconds(int64_t ticks) const noexcept;

 private:
  int64_t ticks_ = 0, nanoseconds_ = 0;
  double rate_ = 1.0;
};

}  // namespace tapescope::profile
