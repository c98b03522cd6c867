// What sanitizers have to be told: memory that lies free inside an allocation. Empty in an ordinary build.
// TAPESCOPE_ASAN, TAPESCOPE_TSAN: this build is instrumented for addresses, for threads.
#pragma once

#include <cstddef>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define TAPESCOPE_ASAN
#endif
#if __has_feature(thread_sanitizer)
#define TAPESCOPE_TSAN
#endif
#endif
#if defined(__SANITIZE_ADDRESS__)
#define TAPESCOPE_ASAN
#endif
#if defined(__SANITIZE_THREAD__)
#define TAPESCOPE_TSAN
#endif

#if defined(TAPESCOPE_ASAN)
#include <sanitizer/asan_interface.h>
#endif

namespace tapescope::sanitizer {

// Reading or writing these bytes is an error from now on.
inline void forbid([[maybe_unused]] const void* p, [[maybe_unused]] size_t n) noexcept {
#if defined(TAPESCOPE_ASAN)
  __asan_poison_memory_region(p, n);
#endif
}
inline void allow([[maybe_unused]] const void* p, [[maybe_unused]] size_t n) noexcept {
#if defined(TAPESCOPE_ASAN)
  __asan_unpoison_memory_region(p, n);
#endif
}

}  // namespace tapescope::sanitizer
