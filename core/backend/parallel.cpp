#include "core/backend/parallel.h"

#include <tbb/parallel_for.h>

#include <algorithm>

#include "core/tensor/sanitizer.h"

namespace tapescope::detail {

void parallel_chunks(int64_t n, int64_t chunk, Body body, void* context) {
  const int64_t chunks = (n + chunk - 1) / chunk;
  WithoutLock unlocked(true);
  char begun = 0, done = 0;  // places for the order that oneTBB sees to
  sanitizer::before(&begun);
  tbb::parallel_for(
      tbb::blocked_range<int64_t>(0, chunks, 1),
      [&](const tbb::blocked_range<int64_t>& r) {
        sanitizer::after(&begun);
        for (int64_t c = r.begin(); c != r.end(); ++c) body(context, c * chunk, std::min(n, (c + 1) * chunk));
        sanitizer::before(&done);
      },
      tbb::simple_partitioner());
  sanitizer::after(&done);
}

}  // namespace tapescope::detail
