// A traced graph as the explorer shows it: its ops as a cell's are, and the backward graph that they made, linked by
// node and sequence number.
#pragma once

#include "core/inspect/graph_view.h"
#include "core/trace/ir.h"

namespace tapescope::inspect {

// Nodes of the backward graph that are gone since the trace are shown as that. Values of a graph that was read from a
// file are tensors that are gone.
GraphView view_of_trace(const jit::Graph& graph, const Names& names);

}  // namespace tapescope::inspect
