// Calls of Python as a tracer records them: 16 bytes when a call begins and 16 when it ends, formatted afterwards.
//
// Invariants
//   * A site is interned once a thread: records name it by number.
//   * Begins and ends need not match: a call that was under way at the start ends without a begin unless it is one of
//     the start frames, and one that goes on at the end begins without an end.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace tapescope::profile {

// What is hidden, and what it calls, is left out of a trace: the profiler's own.
enum class CallKind : uint8_t { python, c, module, optimizer, hidden, hidden_c };

struct CallSite {
  CallKind kind;
  std::string name;             // as it is shown; of a module its class
  uint64_t object = 0;          // module, optimizer: which one
  std::string class_name = {};  // optimizer: its class
};

// A begin holds the site's number; an end is one of these.
inline constexpr uint32_t kPythonReturn = UINT32_MAX, kCReturn = UINT32_MAX - 1;
// The tracer stopped: what is open ends here.
inline constexpr uint32_t kStopped = UINT32_MAX - 2;

struct CallRecord {
  int64_t time;  // in ticks
  uint32_t site;
  uint32_t padding = 0;
};
static_assert(sizeof(CallRecord) == 16);

struct CallLog {
  int64_t tid = 0;
  std::vector<CallSite> sites;
  std::vector<CallRecord> records;
  uint64_t dropped = 0;
};

// A call from its begin to its end, in order of the begins. Hidden ones, and what they called, are left out.
struct Call {
  uint32_t site;
  int64_t start, end;
};
inline constexpr int64_t kGoesOn = INT64_MAX;  // `end` of a call that did not
std::vector<Call> match_calls(const CallLog& log);

}  // namespace tapescope::profile
