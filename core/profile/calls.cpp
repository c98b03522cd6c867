#include "core/profile/calls.h"

#include <cstddef>

namespace tapescope::profile {
namespace {

constexpr size_t kHidden = SIZE_MAX;

}  // namespace

std::vector<Call> match_calls(const CallLog& log) {
  struct Open {
    size_t call;  // in `out`, or kHidden
    bool is_c;
  };
  std::vector<Call> out;
  std::vector<Open> open;
  const auto close = [&](int64_t time) {
    if (open.back().call != kHidden) out[open.back().call].end = time;
    open.pop_back();
  };
  for (const CallRecord& r : log.records) {
    if (r.site == kStopped) {
      while (!open.empty()) close(r.time);
    } else if (r.site == kCReturn) {
      // A C function has no frame of its own: its return belongs to it alone.
      if (!open.empty() && open.back().is_c) close(r.time);
    } else if (r.site == kPythonReturn) {
      while (!open.empty() && open.back().is_c) close(r.time);
      if (!open.empty()) close(r.time);
    } else {
      const CallKind kind = log.sites[r.site].kind;
      const bool is_c = kind == CallKind::c || kind == CallKind::hidden_c;
      const bool hidden = kind >= CallKind::hidden || (!open.empty() && open.back().call == kHidden);
      open.push_back({hidden ? kHidden : out.size(), is_c});
      if (!hidden) out.push_back({r.site, r.time, kGoesOn});
    }
  }
  return out;
}

}  // namespace tapescope::profile
