#include "core/inspect/trace_view.h"

#include <algorithm>
#include <unordered_set>

namespace tapescope::inspect {
namespace {

constexpr uint32_t kFirstModule = 1u << 30;  // past those of the program's modules

// The schema of an op's name. Lives as long as the process, as all do.
const OpSchema& schema_named(const std::string& name) {
  static auto& known = *new std::unordered_map<std::string, OpSchema>;
  const auto [at, fresh] = known.try_emplace(name);
  if (fresh) at->second = {at->first.c_str(), name.ends_with('_') && !name.ends_with("__")};
  return at->second;
}

class Reader {
 public:
  Reader(const jit::Graph& graph, const Names& names) : graph_(graph), names_(names) {}

  GraphView read() {
    for (const jit::Node* n : graph_.block())
      if (is_op(*n)) add(*n);
    std::unordered_set<uint64_t> made;
    for (const NodeView& n : gone_) made.insert(n.id);
    // Accumulators stand at the end, though a trace that is gone may have left them alone.
    std::vector<const Node*> live, leaves;
    Node::walk([&](Node* n) {
      if (made.contains(n->id())) (n->sequence_nr() == Node::kLast ? leaves : live).push_back(n);
    });
    // From outputs to leaves.
    std::reverse(gone_.begin(), gone_.end());
    add_nodes_of_ops(view_, std::move(live), std::move(leaves), std::move(gone_));
    finish_view(view_, names_);
    for (auto& [id, t] : view_.tensors)
      if (const auto v = values_.find(id); t.name.empty() && v != values_.end() && v->second->has_debug_name())
        t.name = v->second->debug_name();
    for (auto& [id, m] : modules_) view_.modules[id] = m;
    return std::move(view_);
  }

 private:
  static bool is_op(const jit::Node& n) {
    if (n.is_python_op() || n.kind() == "prim::FusionGroup" || n.kind() == "prim::CallMethod") return true;
    return n.kind().starts_with("aten::") && n.kind() != "aten::size" && n.kind() != "aten::Int" &&
           n.kind() != "aten::__getitem__";
  }
  static std::string name_of_op(const jit::Node& n) {
    if (n.is_python_op()) return n.kind().substr(1);
    if (n.kind() == "prim::CallMethod") return n.get<std::string>("name");
    return n.kind().substr(n.kind().rfind(':') + 1);
  }

  uint64_t id_of(const jit::Value& v) {
    auto [at, fresh] = ids_.try_emplace(&v);
    if (fresh) {
      at->second = v.tensor ? v.tensor : TensorImpl::next_id();
      values_.emplace(at->second, &v);
    }
    return at->second;
  }
  static const TensorMeta* meta_of(const jit::Value& v) {
    const jit::Type& t = *v.type();
    return t.dtype ? intern_meta(*t.dtype, *t.shape) : intern_meta(DType::float32, {});
  }

  // The tensors that a value is made of.
  void flatten(const jit::Value& v, std::vector<const jit::Value*>& out) const {
    if (v.type()->kind == jit::Type::Kind::tensor) {
      out.push_back(&v);
      return;
    }
    const std::string& k = v.node()->kind();
    if (k == "prim::ListConstruct" || k == "prim::TupleConstruct")
      for (const jit::Value* member : v.node()->inputs()) flatten(*member, out);
  }

  // What an op's value is taken apart into, or the value itself.
  static std::vector<const jit::Value*> results(const jit::Node& n) {
    std::vector<const jit::Value*> out;
    for (const jit::Value* v : n.outputs()) {
      if (v->type()->kind == jit::Type::Kind::tensor) out.push_back(v);
      for (const jit::Use& u : v->uses())
        if (u.user->kind() == "prim::ListUnpack" || u.user->kind() == "prim::TupleUnpack")
          for (const jit::Value* part : u.user->outputs())
            if (part->type()->kind == jit::Type::Kind::tensor) out.push_back(part);
    }
    return out;
  }

  uint32_t module_of(const jit::Node& n) {
    if (!n.scope()) return 0;
    const std::string& name = n.scope()->name;
    const auto [at, fresh] = module_ids_.try_emplace(name, static_cast<uint32_t>(kFirstModule + module_ids_.size()));
    if (fresh) {
      const size_t dot = name.find('.');
      modules_[at->second] = {dot == std::string::npos ? name : name.substr(dot + 1), "Module"};
    }
    return at->second;
  }

  void add(const jit::Node& n) {
    OpRecord r{};
    r.schema = &schema_named(name_of_op(n));
    const auto& stack = n.source_range().stack();
    r.site = stack.empty() ? 0 : stack[0];
    r.module = module_of(n);
    std::vector<const jit::Value*> inputs;
    for (const jit::Value* v : n.inputs()) flatten(*v, inputs);
    for (const jit::Value* v : inputs) {
      if (r.input_count == std::size(r.inputs)) break;
      r.input_metas[r.input_count] = meta_of(*v);
      r.inputs[r.input_count++] = id_of(*v);
    }
    if (n.history) {
      r.type = n.history->front().type;
      r.node = n.history->front().node;
      for (auto h = n.history->rbegin(); h != n.history->rend(); ++h) add_gone(*h, r);
    }
    for (const jit::Value* v : results(n)) {
      r.output = id_of(*v);
      r.output_meta = meta_of(*v);
      view_.ops.push_back(r);
      r.node = 0;  // one record has the node
    }
  }

  void add_gone(const jit::History& h, const OpRecord& op) {
    if (!known_.insert(h.node).second) return;
    NodeView n;
    n.id = h.node;
    n.type = h.type;
    n.state = NodeState::gone;
    n.variable = h.variable;
    if (!h.variable) {
      n.sequence_nr = h.sequence_nr;
      n.site = op.site;
      n.module = op.module;
    }
    n.inputs.push_back(h.meta ? h.meta : op.output_meta);
    for (size_t k = 0; k < h.edges.size(); ++k)
      if (h.edges[k].node) n.edges.push_back({h.edges[k].node, static_cast<uint32_t>(k), h.edges[k].input_nr});
    gone_.push_back(std::move(n));
  }

  const jit::Graph& graph_;
  const Names& names_;
  GraphView view_;
  std::unordered_map<const jit::Value*, uint64_t> ids_;
  std::unordered_map<uint64_t, const jit::Value*> values_;
  std::vector<NodeView> gone_;
  std::unordered_set<uint64_t> known_;
  std::unordered_map<std::string, uint32_t> module_ids_;
  std::unordered_map<uint32_t, ModuleView> modules_;
};

}  // namespace

GraphView view_of_trace(const jit::Graph& graph, const Names& names) {
  return Reader(graph, names).read();
}

}  // namespace tapescope::inspect
