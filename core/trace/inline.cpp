#include "core/tensor/error.h"
#include "core/trace/passes.h"

namespace tapescope::jit {

void inline_calls(Graph& graph) {
  Node* n = graph.block().param_node()->next();
  while (n != graph.block().return_node()) {
    if (n->kind() != "prim::CallMethod") {
      n = n->next();
      continue;
    }
    if (!n->callee) {
      const AttributeValue* name = n->attribute("name");
      const auto* text = name ? std::get_if<std::string>(name) : nullptr;
      throw ValueError("inline_calls: the graph of method '{}' is not known; a graph's text does not hold it",
                       text ? *text : "?");
    }
    if (n->callee->inputs().size() != n->inputs().size() || n->callee->outputs().size() != n->outputs().size())
      throw ValueError("inline_calls: a call has {} arguments, but its method takes {}", n->inputs().size(),
                       n->callee->inputs().size());
    std::unordered_map<const Value*, Value*> map;
    for (size_t i = 0; i < n->inputs().size(); ++i) map[n->callee->inputs()[i]] = n->input(i);
    for (const Node* inner : n->callee->block()) {
      Node* const copy = graph.clone(*inner, [&](Value* v) { return map.at(v); });
      copy->insert_before(n);
      for (size_t i = 0; i < inner->outputs().size(); ++i) {
        map[inner->output(i)] = copy->output(i);
        if (inner->output(i)->has_debug_name() && !graph.value_named(inner->output(i)->debug_name()))
          copy->output(i)->set_debug_name(inner->output(i)->debug_name());
      }
    }
    Node* const first = [&] {
      // Calls inside of what was put here come next.
      Node* at = n;
      for (const Node* inner : n->callee->block()) static_cast<void>(inner), at = at->prev();
      return at;
    }();
    for (size_t i = 0; i < n->outputs().size(); ++i)
      n->output(i)->replace_all_uses_with(map.at(n->callee->outputs()[i]));
    Node* const after = n->next();
    const bool empty = first == n;
    n->destroy();
    n = empty ? after : first;
  }
}

}  // namespace tapescope::jit
