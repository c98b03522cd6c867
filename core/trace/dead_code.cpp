#include "core/trace/passes.h"

namespace tapescope::jit {

void eliminate_dead_code(Graph& graph) {
  // From the end: what only dead nodes read is dead when its turn comes.
  for (Node* n = graph.block().return_node()->prev(); n != graph.block().param_node();) {
    Node* const before = n->prev();
    bool used = n->has_side_effects();
    for (const Value* v : n->outputs()) used = used || !v->uses().empty();
    if (!used) n->destroy();
    n = before;
  }
}

}  // namespace tapescope::jit
