// Loops over ranges, on several threads above a grain. Ranges are cut at fixed places, so that what a chunk computes
// does not depend on the number of threads.
#pragma once

#include <cstdint>
#include <type_traits>

#include "core/tensor/interpreter_lock.h"

namespace tapescope {

inline constexpr int64_t kGrain = 32768;  // elements of pointwise work that pay for a thread

// Threads that a loop may use, the calling one among them. set_threads throws ValueError below 1.
int threads();
void set_threads(int count);

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
