// What the still picture draws: at most 60 boxes for a graph of any size.
//
// A small graph has a box a node. Of a larger one, nodes become groups by module and by repetition, as the live
// picture's do: the finest grouping that fits is taken, and stretches of equal length where none does.
//
// Invariant: boxes stand in an order in which every edge leads on. Nodes are taken in the order of their creation, the
// latest first, in which no edge leads back; a group is a stretch of that order; leaves, from which nothing leads on,
// come last.
#pragma once

#include <string>
#include <vector>

#include "core/inspect/graph_view.h"

namespace tapescope::inspect {

struct StillBox {
  std::string label, second;
  bool leaf = false, gone = false;
  size_t nodes = 1;                // that it stands for; more than one: a group
  std::vector<size_t> below = {};  // boxes, in the order of the edges
};

inline constexpr size_t kMostStillBoxes = 60;

// Of the backward graph.
std::vector<StillBox> still_boxes_of_nodes(const GraphView& g);
// Of the forward trace, where there is no backward graph: ops in their order, and what they read that none of them
// made. Ops for which there is no room are left out.
std::vector<StillBox> still_boxes_of_ops(const GraphView& g);

}  // namespace tapescope::inspect
