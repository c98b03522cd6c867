// Overlays of the document: numbers by node, to colour and sort a picture by.
#pragma once

#include "core/inspect/graph_view.h"

namespace tapescope::inspect {

// The norms that the recording took, and the time and bytes that the last profile measured of nodes that are shown.
// Appends ',"overlays":[…]', or nothing where there are no numbers.
void write_overlays(std::string& out, const GraphView& g);

}  // namespace tapescope::inspect
