// Every hook of a node or a tensor, in firing order. Looking runs nothing.
#pragma once

#include <optional>
#include <vector>

#include "core/graph/node.h"

namespace tapescope::inspect {

struct HookView {
  const char* kind;  // HookKind of the schema
  HookInfo info;
  std::optional<uint32_t> input_nr;
  uint64_t node = 0, tensor = 0;  // where it fires, what it was registered on; 0: not known
  uint32_t module = 0;
  uint32_t order = 0;
};

std::vector<HookView> hooks_of(const Node& node);
// Of a leaf also without an accumulator; of others those on its place among the node's inputs.
std::vector<HookView> hooks_of(const Tensor& tensor);

}  // namespace tapescope::inspect
