// A profile in Chrome's trace-event format, for chrome://tracing, Perfetto and the like.
//
// "X": an event, with its category and, in args, what is known of it. "b", "e": a range that crosses the bounds of
// others. "s", "f": the arrow from a forward op to its node in a backward pass; both carry the same id. "i": memory
// allocated or freed. "M": names of process and threads. Times are in µs since the start of the profile.
#pragma once

#include <string>

#include "core/profile/trace.h"

namespace tapescope::profile {

struct ProcessInfo {
  int64_t pid = 0;
  std::string name;              // "python"
  int64_t unix_nanoseconds = 0;  // the wall clock at the start
  // What was asked for; it is said in the file's head.
  bool with_stack = false, profile_memory = false, record_shapes = false;
};

std::string chrome_trace(const Trace& trace, const ProcessInfo& process);

}  // namespace tapescope::profile
