// Loops over ranges, on several threads above a grain. Ranges are cut at fixed places, so that what a chunk computes
// does not depend on the number of threads.
#pragma once

#include <cstdint>
#include <type_traits>

namespace tapescope {

inline constexpr int64_t kGrain = 32768;  // elements of pointwise work that pay for a thread

// The interpreter's lock, let go while a long loop runs. The Python face installs both; null: there is no lock.
struct InterpreterLock {
  void* (*release)() = nullptr;  // null if this thread does not hold it
  void (*acquire)(void*) = nullptr;
};
inline InterpreterLock interpreter_lock;

class WithoutLock {
 public:
  explicit WithoutLock(bool wanted)
      : saved_(wanted && interpreter_lock.release ? interpreter_lock.release() : nullptr) {}
  ~WithoutLock() {
    if (saved_) interpreter_lock.acquire(saved_);
  }
  WithoutLock(const WithoutLock&) = delete;
  WithoutLock& operator=(const WithoutLock&) = delete;

 private:
  void* saved_;
};

namespace detail {
using Body = void (*)(void* context, int64_t begin, int64_t end);
void parallel_chunks(int64_t n, int64_t chunk, Body body, void* context);
}  // namespace detail

// f(begin, end) for consecutive chunks of [0, n). f must not throw.
template <class F>
void parallel_for(int64_t n, int64_t chunk, F&& f) {
  if (n <= chunk) {
    if (n > 0) f(int64_t{0}, n);
    return;
  }
  detail::parallel_chunks(
      n, chunk, [](void* c, int64_t b, int64_t e) { (*static_cast<std::remove_reference_t<F>*>(c))(b, e); },
      const_cast<void*>(static_cast<const void*>(&f)));
}

}  // namespace tapescope
