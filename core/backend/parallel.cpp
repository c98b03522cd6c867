#include "core/backend/parallel.h"

#include <tbb/global_control.h>
#include <tbb/parallel_for.h>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <thread>
#include <utility>

#include "core/tensor/error.h"
#include "core/tensor/fork_lock.h"
#include "core/tensor/sanitizer.h"

namespace tapescope {

int threads() {
  return static_cast<int>(tbb::global_control::active_value(tbb::global_control::max_allowed_parallelism));
}

void set_threads(int count) {
  if (count < 1) throw ValueError("set_num_threads: {} threads; at least one thread, the calling one, works", count);
  static std::mutex guard;
  static tbb::global_control* limit = nullptr;  // never destroyed: threads may outlive the library's statics
  const std::lock_guard lock(guard);
  delete std::exchange(limit, nullptr);  // of several, the lowest counts
  limit = new tbb::global_control(tbb::global_control::max_allowed_parallelism, static_cast<size_t>(count));
}

}  // namespace tapescope

namespace tapescope::detail {

void parallel_chunks(int64_t n, int64_t chunk, Body body, void* context) {
  const int64_t chunks = (n + chunk - 1) / chunk;
  const auto run = [&](int64_t c) { body(context, c * chunk, std::min(n, (c + 1) * chunk)); };
  WithoutLock unlocked(true);
  // oneTBB's threads are not there in a forked child, and its locks may be held by one of them. The chunks are the
  // same.
  if (is_forked_child()) {
    for (int64_t c = 0; c < chunks; ++c) run(c);
    return;
  }
#if defined(TAPESCOPE_TSAN)
  // oneTBB's library is not instrumented, so the thread sanitizer does not see what it orders. Two plain threads show
  // as well what the loops' bodies do.
  std::atomic<int64_t> next{0};
  const auto work = [&] {
    for (int64_t c; (c = next.fetch_add(1)) < chunks;) run(c);
  };
  std::thread other(work);
  work();
  other.join();
#else
  tbb::parallel_for(
      tbb::blocked_range<int64_t>(0, chunks, 1),
      [&](const tbb::blocked_range<int64_t>& r) {
        for (int64_t c = r.begin(); c != r.end(); ++c) run(c);
      },
      tbb::simple_partitioner());
#endif
}

}  // namespace tapescope::detail
