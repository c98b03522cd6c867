// Checks a graph's invariants.
#pragma once

#include "core/trace/ir.h"

namespace tapescope::jit {

// Groups of a FusionGroup and methods of a CallMethod too. Throws ValueError that names the node and the rule: a value
// that is used before it is made, a use that is not listed, a name that two values have, types of a node's inputs that
// its op does not take, a number of outputs that is wrong.
void lint(const Graph& graph);

}  // namespace tapescope::jit
