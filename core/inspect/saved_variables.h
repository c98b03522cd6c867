// What a node saved: slot by slot. Looking unpacks nothing.
#pragma once

#include <string>
#include <vector>

#include "core/graph/saved_variable.h"

namespace tapescope::inspect {

struct SavedView {
  uint64_t id = 0;
  std::string name;
  uint64_t tensor = 0;
  uint32_t version = 0;  // saved
  bool freed = false;
  std::string packed_by = {};        // qualified name of the unpack hook that brings it back; empty: none holds it
  const TensorMeta* meta = nullptr;  // null once freed
  uint64_t storage = 0;              // 0: freed, or hooks hold it
  uint32_t version_now = 0;          // where there is a storage
};

// The id of a saved variable: its node's, and its place there.
inline constexpr uint64_t kSlots = 256;
inline uint64_t saved_id(uint64_t node, size_t slot) {
  return node * kSlots + slot;
}

std::vector<SavedView> saved_variables_of(const Node& node);

}  // namespace tapescope::inspect
