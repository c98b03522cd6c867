// From scopes to calls: what a submodule did becomes a method of its own.
#include <algorithm>
#include <unordered_set>

#include "core/tensor/error.h"
#include "core/trace/passes.h"

namespace tapescope::jit {
namespace {

constexpr std::string_view kRoot = "__module";

std::vector<const Scope*> chain_of(const Node& n) {
  std::vector<const Scope*> chain;
  for (const Scope* s = n.scope().get(); s; s = s->parent.get()) chain.push_back(s);
  std::reverse(chain.begin(), chain.end());
  return chain;
}

// "__module.a.b" is the module at "a.b".
std::string path_of(const Scope& s) {
  return s.name.size() > kRoot.size() + 1 ? s.name.substr(kRoot.size() + 1) : "";
}

// Where a value of a GetAttr chain stands in the module: "a.b.weight".
class Paths {
 public:
  Paths() = default;
  explicit Paths(const Graph& g) {
    if (!g.inputs().empty() && g.inputs()[0]->type()->kind == Type::Kind::module) paths_[g.inputs()[0]] = "";
    for (const Node* n : g.block()) {
      if (n->kind() != "prim::GetAttr") continue;
      const auto from = paths_.find(n->input());
      if (from == paths_.end()) continue;
      const auto& name = n->get<std::string>("name");
      paths_[n->output()] = from->second.empty() ? name : fmt::format("{}.{}", from->second, name);
    }
  }
  // Null: it is no attribute.
  const std::string* of(const Value* v) const {
    const auto found = paths_.find(v);
    return found == paths_.end() ? nullptr : &found->second;
  }

 private:
  std::unordered_map<const Value*, std::string> paths_;
};

// The type of the attribute at a path.
TypePtr type_at(const Object* module, std::string_view path) {
  TypePtr type = module ? module->type : nullptr;
  while (module && !path.empty()) {
    const size_t dot = std::min(path.find('.'), path.size());
    const IValue* v = module->find(path.substr(0, dot));
    if (!v) return nullptr;
    path = path.substr(std::min(dot + 1, path.size()));
    const auto* inner = std::get_if<std::shared_ptr<Object>>(v);
    type = inner ? (*inner)->type : Type::tensor();
    module = inner ? inner->get() : nullptr;
  }
  return path.empty() ? type : nullptr;
}

class Outliner {
 public:
  Outliner(const Graph& flat, const Object* module) : paths_(module ? Paths(flat) : Paths()), module_(module) {}

  std::vector<Method> methods;

  // The graph of the nodes, which all run below `depth` scopes of the module at `path`. `reads` are the values from
  // outside, in order; `writes` those that outside reads.
  std::shared_ptr<Graph> build(std::span<const Node* const> nodes, size_t depth, const std::string& path,
                               std::span<const Value* const> reads, std::span<const Value* const> writes) {
    auto g = std::make_shared<Graph>();
    Map map;
    Value* me = nullptr;
    if (const TypePtr type = type_at(module_, path)) {
      me = g->add_input("self.1");
      me->set_type(type);
    }
    for (const Value* v : reads) copy_value(v, map[v] = g->add_input());
    Chains chains{*g, me, {}, nullptr};
    const auto value = [&](Value* v) -> Value* {
      if (const auto found = map.find(v); found != map.end()) return found->second;
      if (const std::string* p = paths_.of(v)) return map[v] = chain(chains, path, *p);
      throw InternalError("outline: %{} is not known inside of '{}'", v->debug_name(), path);
    };
    for (size_t i = 0; i < nodes.size();) {
      const Node* n = nodes[i];
      if (n->kind() == "prim::GetAttr" && paths_.of(n->output())) {
        ++i;
        continue;
      }
      const auto scopes = chain_of(*n);
      if (scopes.size() <= depth) {
        Node* const copy = g->insert(g->clone(*n, value));
        copy->set_scope(nullptr);
        for (size_t k = 0; k < n->outputs().size(); ++k) copy_value(n->output(k), map[n->output(k)] = copy->output(k));
        ++i;
        continue;
      }
      const Scope* const scope = scopes[depth];
      size_t end = i;
      while (end < nodes.size()) {
        const auto other = chain_of(*nodes[end]);
        if (other.size() <= depth || other[depth] != scope) break;
        ++end;
      }
      call(chains, nodes.subspan(i, end - i), depth, path, *scope, map, value);
      i = end;
    }
    if (writes.size() == 1) {
      g->register_output(value(const_cast<Value*>(writes[0])));
    } else {
      std::vector<Value*> members;
      std::vector<TypePtr> types;
      for (const Value* v : writes) members.push_back(value(const_cast<Value*>(v))), types.push_back(v->type());
      g->register_output(
          g->insert(g->create("prim::TupleConstruct", members))->output()->set_type(Type::tuple(std::move(types))));
    }
    return g;
  }

 private:
  using Map = std::unordered_map<const Value*, Value*>;
  struct Chains {
    Graph& g;
    Value* self;
    std::unordered_map<std::string, Value*> known;
    Node* last;  // GetAttrs stand at the top, in the order in which they were needed
  };
  static void copy_value(const Value* from, Value* to) {
    to->set_type(from->type());
    if (from->has_debug_name() && !to->graph().value_named(from->debug_name())) to->set_debug_name(from->debug_name());
  }

  // The attribute at `full` of the root, reached from the module at `path`.
  Value* chain(Chains& c, const std::string& path, const std::string& full) {
    if (full == path) return c.self;
    if (const auto found = c.known.find(full); found != c.known.end()) return found->second;
    const size_t dot = full.rfind('.');
    const bool direct = dot == std::string::npos || dot == path.size();
    const std::string name = dot == std::string::npos ? full : full.substr(dot + 1);
    Value* const inputs[] = {direct ? c.self : chain(c, path, full.substr(0, dot))};
    Node* n = c.g.create("prim::GetAttr", inputs);
    n->set_attribute("name", name);
    n->insert_after(c.last ? c.last : c.g.block().param_node());
    c.last = n;
    const TypePtr type = type_at(module_, full);
    n->output()->set_type(type ? type : Type::tensor());
    if (Value::is_valid_name(name)) n->output()->set_debug_name(name);
    return c.known[full] = n->output();
  }

  static bool is_below(const std::string& path, const std::string& of) {
    return of.empty() || path == of || path.starts_with(fmt::format("{}.", of));
  }

  template <class F>
  void call(Chains& chains, std::span<const Node* const> nodes, size_t depth, const std::string& outer,
            const Scope& scope, Map& map, F& value) {
    Graph& g = chains.g;
    const std::string path = path_of(scope);
    std::unordered_set<const Value*> made, seen;
    for (const Node* n : nodes)
      for (const Value* v : n->outputs()) made.insert(v);
    const std::unordered_set<const Node*> inside(nodes.begin(), nodes.end());
    std::vector<const Value*> reads, writes;
    for (const Node* n : nodes) {
      for (const Value* v : n->inputs()) {
        if (made.contains(v) || !seen.insert(v).second) continue;
        if (const std::string* p = paths_.of(v); p && is_below(*p, path)) continue;
        reads.push_back(v);
      }
      for (const Value* v : n->outputs())
        if (std::any_of(v->uses().begin(), v->uses().end(), [&](const Use& u) { return !inside.contains(u.user); }))
          writes.push_back(v);
    }
    auto body = build(nodes, depth + 1, path, reads, writes);
    size_t before = 0;
    for (const Method& m : methods) before += m.path == path;
    const std::string name = before ? "forward" + std::to_string(before) : "forward";
    std::vector<Value*> inputs;
    // A module outside of the one that calls it cannot be reached from there; it is not a submodule then.
    if (is_below(path, outer)) inputs.push_back(chain(chains, outer, path));
    for (const Value* v : reads) inputs.push_back(value(const_cast<Value*>(v)));
    Node* n = g.insert(g.create("prim::CallMethod", inputs));
    n->set_attribute("name", name);
    n->callee = body;
    if (!nodes.empty()) n->set_source_range(nodes.back()->source_range());
    methods.push_back({path, name, std::move(body)});
    if (writes.size() == 1) {
      copy_value(writes[0], map[writes[0]] = n->output());
      return;
    }
    std::vector<TypePtr> types;
    for (const Value* v : writes) types.push_back(v->type());
    n->output()->set_type(Type::tuple(std::move(types)));
    Value* const whole[] = {n->output()};
    Node* unpack = g.insert(g.create("prim::TupleUnpack", whole, writes.size()));
    for (size_t i = 0; i < writes.size(); ++i) copy_value(writes[i], map[writes[i]] = unpack->output(i));
  }

  Paths paths_;
  const Object* module_;
};

}  // namespace

Outlined outline_calls(const Graph& flat, const Object* module) {
  const auto& inputs = flat.inputs();
  const bool has_self = module && !inputs.empty() && inputs[0]->type()->kind == Type::Kind::module;
  Outliner o(flat, has_self ? module : nullptr);
  const std::vector<Node*> nodes = flat.nodes();
  const std::vector<const Node*> all(nodes.begin(), nodes.end());
  const std::vector<const Value*> reads(inputs.begin() + (has_self ? 1 : 0), inputs.end());
  const std::vector<const Value*> writes(flat.outputs().begin(), flat.outputs().end());
  Outlined out;
  constexpr size_t kNoCalls = SIZE_MAX;
  out.graph = o.build(all, has_self ? 0 : kNoCalls, "", reads, writes);
  out.methods = std::move(o.methods);
  return out;
}

}  // namespace tapescope::jit
