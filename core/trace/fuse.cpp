#include <algorithm>

#include "core/trace/fused_loop.h"
#include "core/trace/passes.h"
#include "core/trace/schema.h"

namespace tapescope::jit {
namespace {

bool is_fusible(const Node& n) {
  const ops::Offer* op = offer_of(n);
  if (!op || !op->pointwise || op->writes || n.outputs().size() != 1) return false;
  const Type& t = *n.output()->type();
  return t.dtype && (*t.dtype == DType::float32 || *t.dtype == DType::float64);
}

// The nodes of a run that hang together, each group in order.
std::vector<std::vector<Node*>> connected(const std::vector<Node*>& run) {
  std::unordered_map<const Node*, size_t> group_of;
  std::vector<std::vector<Node*>> groups;
  for (Node* n : run) {
    size_t mine = groups.size();
    groups.push_back({n});
    for (const Value* v : n->inputs()) {
      const auto other = group_of.find(v->node());
      if (other == group_of.end() || other->second == mine) continue;
      std::vector<Node*>& from = groups[std::max(mine, other->second)];
      std::vector<Node*>& to = groups[std::min(mine, other->second)];
      mine = std::min(mine, other->second);
      for (const Node* moved : from) group_of[moved] = mine;
      to.insert(to.end(), from.begin(), from.end());
      from.clear();
    }
    group_of[n] = mine;
  }
  std::unordered_map<const Node*, size_t> place;
  for (size_t i = 0; i < run.size(); ++i) place[run[i]] = i;
  for (std::vector<Node*>& g : groups)
    std::sort(g.begin(), g.end(), [&](const Node* a, const Node* b) { return place[a] < place[b]; });
  return groups;
}

// A number of the program's, which takes after the tensor beside it: it stays with its op.
bool is_number(const Node& constant) {
  const AttributeValue* v = constant.attribute("value");
  const auto* t = v ? std::get_if<Tensor>(v) : nullptr;
  return t && t->defined() && t->impl()->number;
}

void fuse(Graph& graph, const std::vector<Node*>& group) {
  auto sub = std::make_shared<Graph>();
  std::unordered_map<const Value*, Value*> map;
  std::vector<Value*> inputs, outputs;
  for (Node* n : group) {
    for (Value* v : n->inputs()) {
      if (map.contains(v)) continue;
      if (v->node()->kind() == "prim::Constant" && (v->type()->kind != Type::Kind::tensor || is_number(*v->node()))) {
        map[v] = sub->insert(sub->clone(*v->node(), [](Value* x) { return x; }))->output();
        continue;
      }
      inputs.push_back(v);
      map[v] = sub->add_input();
      map[v]->set_type(v->type());
    }
    Node* const copy = sub->insert(sub->clone(*n, [&](Value* v) { return map.at(v); }));
    map[n->output()] = copy->output();
    const auto inside = [&](const Use& u) { return std::find(group.begin(), group.end(), u.user) != group.end(); };
    if (!std::all_of(n->output()->uses().begin(), n->output()->uses().end(), inside)) {
      outputs.push_back(n->output());
      sub->register_output(copy->output());
    }
  }
  Node* const fused = graph.create("prim::FusionGroup", inputs, outputs.size());
  fused->set_attribute("Subgraph", sub);
  fused->set_source_range(group.back()->source_range());
  fused->set_scope(group.back()->scope());
  fused->insert_before(group.back());
  for (size_t i = 0; i < outputs.size(); ++i) {
    const std::string name = outputs[i]->has_debug_name() ? outputs[i]->debug_name() : "";
    fused->output(i)->set_type(outputs[i]->type());
    outputs[i]->replace_all_uses_with(fused->output(i));
    outputs[i]->set_debug_name("");
    fused->output(i)->set_debug_name(name);
  }
  for (auto n = group.rbegin(); n != group.rend(); ++n) (*n)->destroy();
}

}  // namespace

void fuse_pointwise(Graph& graph) {
  // Runs of neighbours of one type, with constants between them: nothing is moved past an op that writes.
  std::vector<std::vector<Node*>> runs(1);
  for (Node* n : graph.block()) {
    if (n->kind() == "prim::Constant") continue;
    std::vector<Node*>& run = runs.back();
    const bool fits = is_fusible(*n);
    if (fits && (run.empty() || *run[0]->output()->type() == *n->output()->type()))
      run.push_back(n);
    else if (!run.empty() || fits)
      runs.push_back(fits ? std::vector<Node*>{n} : std::vector<Node*>{});
  }
  for (const std::vector<Node*>& run : runs)
    for (const std::vector<Node*>& group : connected(run))
      // A long chain is several groups: one loop takes so many steps.
      for (size_t at = 0; at + 1 < group.size(); at += FusedLoop::kMostSteps) {
        const size_t end = std::min(at + FusedLoop::kMostSteps, group.size());
        fuse(graph,
             {group.begin() + static_cast<std::ptrdiff_t>(at), group.begin() + static_cast<std::ptrdiff_t>(end)});
      }
}

}  // namespace tapescope::jit
