#include "core/profile/node_totals.h"

namespace tapescope::profile {
namespace {

struct Kept {
  std::unordered_map<uint64_t, NodeTotal> totals;
  bool with_memory = false;
};
Kept& kept() {
  static Kept& k = *new Kept;
  return k;
}

}  // namespace

void keep_node_totals(const Trace& trace, bool with_memory) {
  Kept& k = kept();
  k = {};
  k.with_memory = with_memory;
  // From the end: the latest nodes find room. A node runs after its op, so that an op whose node is known is counted.
  for (size_t i = trace.events.size(); i-- > 0;) {
    const Event& e = trace.events[i];
    if (!e.node || e.is_async) continue;
    if (k.totals.size() == kMostNodeTotals && !k.totals.contains(e.node)) continue;
    NodeTotal& t = k.totals[e.node];
    t.nanoseconds += e.duration();
    t.bytes += e.allocated;
  }
}

const std::unordered_map<uint64_t, NodeTotal>& node_totals() {
  return kept().totals;
}
bool node_totals_have_bytes() {
  return kept().with_memory;
}

}  // namespace tapescope::profile
