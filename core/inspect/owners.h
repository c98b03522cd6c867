// What keeps tensors and nodes alive inside the engine, and what would go if their owners outside let go.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "core/graph/node.h"

namespace tapescope::inspect {

// One that owns what was asked about: a node or a tensor, and through what.
struct Holder {
  const char* kind;  // LinkKind of the schema: "graph" or "grad"
  std::string name;  // ".next_functions[0]"
  uint64_t node = 0, tensor = 0;
};
std::vector<Holder> holders_of(const Node& node);
std::vector<Holder> holders_of(const TensorImpl& tensor);

// An owner outside that lets go of `count` counts.
struct LettingGo {
  Node* node = nullptr;
  TensorImpl* tensor = nullptr;
  uint32_t count = 1;
};
struct Freed {
  int64_t nodes = 0, tensors = 0, bytes = 0;  // bytes of memory
};
// What would go; nothing does. Circles count as kept.
Freed freed_by(std::span<const LettingGo> owners);

}  // namespace tapescope::inspect
