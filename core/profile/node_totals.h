// What the last profile measured of each node: what the explorer colours its picture by.
//
// A node's time is that of the op that made it and of its own run in the backward passes, with its hooks; its bytes are
// what these allocated, whether or not it was freed since.
//
// Invariants
//   * Numbers by id: no node and no tensor is held, and an id is never another node's.
//   * At most kMostNodeTotals nodes; the latest are kept.
#pragma once

#include <unordered_map>

#include "core/profile/trace.h"

namespace tapescope::profile {

struct NodeTotal {
  int64_t nanoseconds = 0;
  int64_t bytes = 0;
};

inline constexpr size_t kMostNodeTotals = 100000;

// `with_memory`: allocations were observed; else there are no bytes to tell.
void keep_node_totals(const Trace& trace, bool with_memory);
const std::unordered_map<uint64_t, NodeTotal>& node_totals();
bool node_totals_have_bytes();

}  // namespace tapescope::profile
