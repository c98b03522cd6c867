// What sanitizers have to be told: memory that lies free inside an allocation, and order that comes from a library
// which is not instrumented. Empty in an ordinary build.
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
#elif defined(TAPESCOPE_TSAN)
#include <sanitizer/tsan_interface.h>
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

// What this thread did before before(p) has happened for a thread that comes past after(p).
inline void before([[maybe_unused]] void* p) noexcept {
#if defined(TAPESCOPE_TSAN)
  __tsan_release(p);
#endif
}
inline void after([[maybe_unused]] void* p) noexcept {
#if defined(TAPESCOPE_TSAN)
  __tsan_acquire(p);
#endif
}

}  // namespace tapescope::sanitizer
