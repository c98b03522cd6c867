#include "core/inspect/graph_view.h"

#include <algorithm>
#include <unordered_set>

#include "core/graph/autograd_meta.h"
#include "core/graph/saved_variable.h"

namespace tapescope::inspect {
namespace {

uint64_t tensor_id(const TensorImpl* t) {
  return t->id;
}

TensorView describe(const TensorImpl& t) {
  TensorView v;
  v.id = tensor_id(&t);
  v.meta = intern_meta(t.dtype, t.shape);
  if (!t.contiguous) v.strides.assign(t.strides.begin(), t.strides.end());
  v.storage = t.storage->id();
  v.storage_bytes = t.storage->bytes();
  v.version = t.has_private_version ? t.private_version : t.storage->version();
  v.requires_grad = t.requires_grad_flag || t.grad_fn || base_requires_grad(t);
  if (t.grad_fn) v.grad_fn = t.grad_fn->id();
  v.output_nr = t.output_nr;
  return v;
}

NodeView describe(const Node& n, std::unordered_map<uint64_t, TensorView>& tensors) {
  NodeView v;
  v.id = n.id();
  v.type = &n.type();
  v.state = n.released() ? NodeState::released : NodeState::alive;
  v.released_by = n.released_by();
  if (n.sequence_nr() != Node::kLast) v.sequence_nr = n.sequence_nr();
  v.created_by = n.created_by();
  v.site = n.site();
  v.module = n.module();
  for (int i = 0; i < n.num_inputs(); ++i) v.inputs.push_back(n.input_meta(i));
  for (int i = 0; i < n.num_edges(); ++i)
    if (const Edge& e = n.edge(i)) v.edges.push_back({e.node->id(), static_cast<uint32_t>(i), e.input_nr});
  v.saved = saved_variables_of(n);
  for (const Slot& slot : n.slots())
    if (slot.variable)
      if (const Tensor t = slot.variable->data(); t.defined()) tensors.try_emplace(t.id(), describe(*t.impl()));
  if (const Tensor leaf = n.leaf(); leaf.defined()) {
    v.variable = leaf.id();
    v.state = NodeState::alive;  // an accumulator saves nothing that could be freed
    v.site = v.module = 0;
    tensors.try_emplace(leaf.id(), describe(*leaf.impl()));
  }
  v.hooks = hooks_of(n);
  return v;
}

// Nodes reachable from the start set, at most `most`, in the order of the engine: later ones first.
struct Reach {
  std::vector<const Node*> nodes;
  uint64_t dropped = 0;
};
// `also` comes after them, with what it reaches that they do not.
Reach reach(std::vector<const Node*> start, std::vector<const Node*> also = {}, size_t most = kMostNodes) {
  Reach r;
  std::unordered_set<const Node*> seen(start.begin(), start.end());
  std::vector<const Node*> queue(seen.begin(), seen.end());
  seen.reserve(4096);
  std::sort(queue.begin(), queue.end(), [](auto* a, auto* b) { return a->id() > b->id(); });
  size_t i = 0;
  const auto follow = [&] {
    for (; i < queue.size(); ++i)
      for (const Edge& e : queue[i]->edges())
        if (e && seen.insert(e.node.get()).second) queue.push_back(e.node.get());
  };
  follow();
  std::sort(also.begin(), also.end(), [](auto* a, auto* b) { return a->id() > b->id(); });
  for (const Node* n : also)
    if (seen.insert(n).second) queue.push_back(n);
  follow();
  if (queue.size() > most) {
    // The latest are kept: they are what the cell ended with.
    std::stable_sort(queue.begin(), queue.end(), [](auto* a, auto* b) { return a->id() > b->id(); });
    r.dropped = queue.size() - most;
    queue.resize(most);
  }
  r.nodes = std::move(queue);
  return r;
}

// Descriptions of tensors that rows name and that nothing above described: live ones from the slabs, others from the
// record.
void complete_tensors(GraphView& g, const std::unordered_set<uint64_t>& wanted,
                      const std::unordered_set<uint64_t>& nodes, const Names& names) {
  TensorImpl::slab().walk([&](void* slot) {
    const auto* t = static_cast<const TensorImpl*>(slot);
    // A variable of the user's whose node is shown gives that node a name.
    const bool named = t->grad_fn && nodes.contains(t->grad_fn->id()) && names.tensors.contains(t->id);
    if (!wanted.contains(t->id) && !named) return;
    auto [it, fresh] = g.tensors.try_emplace(t->id, describe(*t));
    // The alias of a saved output has no history; the tensor itself has.
    if (!fresh && t->grad_fn) it->second = describe(*t);
  });
  const auto remember = [&](uint64_t id, const TensorMeta* m) {
    if (!id || !m || !wanted.contains(id)) return;
    auto [it, fresh] = g.tensors.try_emplace(id);
    if (!fresh) return;
    it->second.id = id;
    it->second.meta = m;
    it->second.gone = true;
  };
  for (const NodeView& n : g.nodes)
    for (const SavedView& s : n.saved)
      if (!s.packed_by.empty()) remember(s.tensor, s.meta);
  for (const OpRecord& r : g.ops) {
    remember(r.output, r.output_meta);
    for (int i = 0; i < r.input_count; ++i) remember(r.inputs[i], r.input_metas[i]);
  }
}

// What was written to the memory of saved variables after they were saved: the latest, and by tensors that are shown.
void add_writes(GraphView& g) {
  if (write_records().empty()) return;
  struct Held {
    uint64_t tensor;
    uint32_t version;  // the lowest that was saved
  };
  std::unordered_map<uint64_t, Held> saved;  // by storage
  for (const NodeView& n : g.nodes)
    for (const SavedView& s : n.saved)
      if (const auto t = g.tensors.find(s.tensor); t != g.tensors.end() && t->second.storage)
        if (auto [held, fresh] = saved.try_emplace(t->second.storage, s.tensor, s.version); !fresh)
          held->second.version = std::min(held->second.version, s.version);
  if (saved.empty()) return;
  uint64_t dropped = 0;
  for (auto w = write_records().rbegin(); w != write_records().rend(); ++w) {
    const auto held = saved.find(w->storage);
    if (held == saved.end() || w->version <= held->second.version) continue;
    if (g.writes.size() == kMostWrites) {
      ++dropped;
      continue;
    }
    g.writes.push_back(*w);
    const auto written = g.tensors.find(w->tensor);
    if (written == g.tensors.end() || written->second.gone) g.writes.back().tensor = held->second.tensor;
  }
  std::reverse(g.writes.begin(), g.writes.end());
  if (dropped) g.left_out.push_back({"writes", dropped, "limit"});
}

void complete(GraphView& g, const Names& names) {
  std::unordered_set<uint64_t> wanted;
  for (const NodeView& n : g.nodes) {
    if (n.variable) wanted.insert(n.variable);
    for (const SavedView& s : n.saved) wanted.insert(s.tensor);
    for (const HookView& h : n.hooks)
      if (h.tensor) wanted.insert(h.tensor);
  }
  for (const OpRecord& r : g.ops) {
    wanted.insert(r.output);
    for (int i = 0; i < r.input_count; ++i) wanted.insert(r.inputs[i]);
  }
  wanted.erase(0);
  std::unordered_set<uint64_t> known;
  for (const NodeView& n : g.nodes) known.insert(n.id);
  complete_tensors(g, wanted, known, names);
  for (auto& [id, t] : g.tensors) {
    if (const auto n = names.tensors.find(t.id); n != names.tensors.end()) t.name = n->second;
    if (t.grad_fn && !known.contains(t.grad_fn)) t.grad_fn = 0, t.output_nr = 0;
  }
  add_writes(g);
  std::unordered_set<uint32_t> used;
  for (const NodeView& n : g.nodes)
    if (n.module) used.insert(n.module);
  for (const OpRecord& r : g.ops)
    if (r.module) used.insert(r.module);
  // A module around one that is here, if it has hooks: they run with it.
  std::vector<std::string> paths;
  for (uint32_t id : used)
    if (const auto m = names.modules.find(id); m != names.modules.end()) paths.push_back(m->second.path);
  for (const auto& [id, m] : names.modules)
    if (!m.hooks.empty() && std::any_of(paths.begin(), paths.end(),
                                        [&](const std::string& path) { return path.starts_with(m.path + "."); }))
      used.insert(id);
  for (uint32_t id : used) {
    const auto m = names.modules.find(id);
    g.modules.emplace(id, m != names.modules.end() ? m->second : ModuleView{"module " + std::to_string(id), "Module"});
  }
}

}  // namespace

Node* find_node(uint64_t id) {
  Node* found = nullptr;
  Node::walk([&](Node* n) {
    if (n->id() == id) found = n;
  });
  return found;
}

TensorImpl* find_tensor(uint64_t id) {
  TensorImpl* found = nullptr;
  TensorImpl::slab().walk([&](void* slot) {
    auto* t = static_cast<TensorImpl*>(slot);
    if (t->id == id && (!found || t->grad_fn || t->requires_grad_flag)) found = t;
  });
  return found;
}

GraphView view_of_roots(const std::vector<Ref<Node>>& roots, const Names& names, size_t most) {
  GraphView g;
  std::vector<const Node*> start;
  for (const auto& r : roots) start.push_back(r.get());
  const Reach live = reach(std::move(start), {}, most);
  for (const Node* n : live.nodes) g.nodes.push_back(describe(*n, g.tensors));
  if (live.dropped) g.left_out.push_back({"nodes", live.dropped, "limit"});
  finish_view(g, names);
  return g;
}

void finish_view(GraphView& g, const Names& names) {
  complete(g, names);
}

void add_nodes_of_ops(GraphView& g, std::vector<const Node*> start, std::vector<const Node*> also,
                      std::vector<NodeView> gone) {
  const Reach live = reach(std::move(start), std::move(also));
  if (live.dropped) g.left_out.push_back({"nodes", live.dropped, "limit"});
  std::unordered_map<uint64_t, size_t> at;
  for (const Node* n : live.nodes) {
    at.emplace(n->id(), g.nodes.size());
    g.nodes.push_back(describe(*n, g.tensors));
  }
  for (NodeView& n : gone)
    if (g.nodes.size() < kMostNodes && at.emplace(n.id, g.nodes.size()).second) g.nodes.push_back(std::move(n));
  // Nodes that died within the cell are known from the record; so are the leaves' accumulators that went with them.
  std::unordered_map<uint64_t, uint64_t> accumulators;
  static const NodeType accumulate{"AccumulateGrad", {}};
  for (size_t i = g.ops.size(); i-- > 0;) {
    const OpRecord& r = g.ops[i];
    if (!r.node) continue;
    if (const auto found = at.find(r.node); found != at.end()) {
      NodeView& n = g.nodes[found->second];
      n.op = i + 1;
      n.repeat = r.repeat;
      n.turn = r.turn;
      continue;
    }
    if (g.nodes.size() >= kMostNodes) continue;
    NodeView n;
    n.id = r.node;
    n.type = r.type;
    n.state = NodeState::gone;
    n.created_by = r.created_by;
    n.site = r.site;
    n.module = r.module;
    n.repeat = r.repeat;
    n.turn = r.turn;
    n.op = i + 1;
    n.inputs.push_back(r.output_meta);
    for (int k = 0; k < r.edge_count; ++k) {
      if (!r.edges[k]) continue;
      n.edges.push_back({r.edges[k], static_cast<uint32_t>(k), r.edge_nrs[k]});
      if (k < r.input_count && r.input_metas[k]) accumulators.emplace(r.edges[k], r.inputs[k]);
    }
    at.emplace(n.id, g.nodes.size());
    g.nodes.push_back(std::move(n));
  }
  std::unordered_map<uint64_t, const TensorMeta*> leaf_metas;
  for (const OpRecord& r : g.ops)
    for (int k = 0; k < r.input_count; ++k)
      if (r.input_metas[k]) leaf_metas.emplace(r.inputs[k], r.input_metas[k]);
  std::vector<std::pair<uint64_t, uint64_t>> dead(accumulators.begin(), accumulators.end());
  std::sort(dead.begin(), dead.end());
  for (const auto& [node, leaf] : dead) {
    if (at.contains(node)) continue;
    NodeView n;
    n.id = node;
    n.type = &accumulate;
    n.state = NodeState::gone;
    n.variable = leaf;
    n.inputs.push_back(leaf_metas[leaf]);
    at.emplace(node, g.nodes.size());
    g.nodes.push_back(std::move(n));
  }
  // An edge whose end is not here is left out, and said so.
  uint64_t lost = 0;
  for (NodeView& n : g.nodes)
    lost += static_cast<uint64_t>(std::erase_if(n.edges, [&](const EdgeView& e) { return !at.contains(e.to); }));
  if (lost) g.left_out.push_back({"edges", lost, live.dropped || g.repeats.empty() ? "limit" : "folded"});
}

GraphView view_of_recording(const Recorder& rec, const Names& names, std::optional<FailureView> failure) {
  GraphView g;
  g.cell = rec.cell();
  g.failure = std::move(failure);
  g.ops = rec.ops();
  g.repeats = rec.repeats();
  g.passes.assign(rec.passes().begin(), rec.passes().end());

  std::unordered_set<uint64_t> ran(rec.last_run().begin(), rec.last_run().end());
  for (const PassRecord& p : g.passes) ran.insert(p.roots.begin(), p.roots.end());
  // A node that died in the cell may have stood on one that lives.
  std::unordered_set<uint64_t> below;
  for (const OpRecord& r : g.ops)
    for (int k = 0; r.node && k < r.edge_count; ++k) below.insert(r.edges[k]);
  std::vector<const Node*> start, also;
  Node::walk([&](Node* n) {
    // Accumulators are reached through edges: one whose op is not here would stand alone.
    if ((n->id() >= rec.first_node_id() || ran.contains(n->id())) && n->sequence_nr() != Node::kLast)
      start.push_back(n);
    else if (below.contains(n->id()))
      also.push_back(n);
  });
  add_nodes_of_ops(g, std::move(start), std::move(also));
  if (rec.ops_seen() > g.ops.size())
    g.left_out.push_back({"ops", rec.ops_seen() - g.ops.size(), g.repeats.empty() ? "limit" : "folded"});
  if (rec.passes_dropped()) g.left_out.push_back({"passes", rec.passes_dropped(), "limit"});
  for (size_t i = 0; i < rec.last_norms().size(); ++i)
    g.grad_norms.emplace_back(rec.last_run()[i], rec.last_norms()[i]);
  std::unordered_set<uint64_t> shown;
  for (const NodeView& n : g.nodes) shown.insert(n.id);
  std::erase_if(g.grad_norms, [&](const auto& p) { return !shown.contains(p.first); });
  finish_view(g, names);
  return g;
}

}  // namespace tapescope::inspect
