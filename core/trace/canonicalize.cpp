#include "core/trace/passes.h"

namespace tapescope::jit {

std::shared_ptr<Graph> canonicalize(const Graph& graph) {
  auto g = std::make_shared<Graph>();
  std::unordered_map<const Value*, Value*> map;
  // A tensor of any shape: two runs may be given different ones.
  const auto erased = [](const TypePtr& t) { return t->kind == Type::Kind::tensor ? Type::tensor() : t; };
  for (const Value* v : graph.inputs()) (map[v] = g->add_input())->set_type(erased(v->type()));
  for (const Node* n : graph.block()) {
    // Stands for a block without gradients; a second trace may run without any.
    if (n->kind() == "aten::detach") {
      map[n->output()] = map.at(n->input());
      continue;
    }
    Node* to = g->insert(g->clone(*n, [&](Value* v) { return map.at(v); }));
    for (size_t i = 0; i < n->outputs().size(); ++i)
      (map[n->output(i)] = to->output(i))->set_type(erased(n->output(i)->type()));
    // Elements of constants are compared by themselves.
    if (const auto* v = to->attribute("value"); v && std::holds_alternative<Tensor>(*v))
      to->set_attribute("value", Tensor());
  }
  for (const Value* v : graph.outputs()) g->register_output(map.at(v));
  return g;
}

}  // namespace tapescope::jit
