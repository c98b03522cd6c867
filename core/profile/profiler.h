// The profiler: while it runs, every op, node, hook, range and, if wanted, allocation of the process is logged with
// its time.
//
// It observes through the seams that the engine has (ops::CallObserver, NodeObserver, AllocationObserver). While it
// does not run, each of them costs one load; so does a range.
//
// Invariants
//   * One profile at a time in a process.
//   * It is never destroyed: a thread that is within an op when the profile ends still finds it.
#pragma once

#include <atomic>
#include <optional>
#include <string>

#include "core/profile/log.h"
#include "core/profile/trace_builder.h"

namespace tapescope::profile {

struct Options {
  bool shapes = false;  // shapes and types of each op's arguments
  bool memory = false;  // allocations
};

inline constinit std::atomic<bool> active{false};
inline bool running() noexcept {
  return active.load(std::memory_order_relaxed);
}

// False if one runs already.
bool start(const Options& options);
// What was logged, to be completed with calls of Python and finished; nothing if none runs.
std::optional<TraceBuilder> stop();

// The kernel's number of this thread.
int64_t thread_id() noexcept;

// A range of time on this thread, by any name. Ranges need not nest. Token 0: no profile runs.
uint64_t begin_range(std::string name, RangeKind kind, uint64_t sequence_nr = kNoSequence,
                     std::vector<Argument> arguments = {});
// `node`: the node that was made meanwhile, for a custom Function; 0: none.
void end_range(uint64_t token, RangeKind kind, uint64_t node = 0, uint64_t sequence_nr = kNoSequence);

// The range of a block. `name` is asked for while a profile runs, and not otherwise.
class Range {
 public:
  template <class Name>
  Range(RangeKind kind, const Name& name) : kind_(kind) {
    if (running()) [[unlikely]]
      token_ = begin_range(name(), kind);
  }
  ~Range() {
    if (token_) [[unlikely]]
      end_range(token_, kind_);
  }
  Range(const Range&) = delete;
  Range& operator=(const Range&) = delete;

 private:
  uint64_t token_ = 0;
  RangeKind kind_;
};

}  // namespace tapescope::profile
