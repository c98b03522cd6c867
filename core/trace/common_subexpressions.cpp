#include <algorithm>
#include <bit>

#include "core/trace/passes.h"

namespace tapescope::jit {
namespace {

bool same_attributes(const Node& a, const Node& b) {
  if (a.attributes().size() != b.attributes().size()) return false;
  for (const auto& [key, value] : a.attributes()) {
    const AttributeValue* other = b.attribute(key);
    if (!other || other->index() != value.index()) return false;
    const bool same = std::visit(
        [&]<class T>(const T& x) {
          const T& y = std::get<T>(*other);
          if constexpr (std::is_same_v<T, Tensor>)
            return x.defined() && y.defined() && x.is_same(y);
          else if constexpr (std::is_same_v<T, double>)
            return std::bit_cast<uint64_t>(x) == std::bit_cast<uint64_t>(y);  // 0 is not -0
          else
            return x == y;
        },
        value);
    if (!same) return false;
  }
  return true;
}

bool same_outputs(const Node& a, const Node& b) {
  if (a.outputs().size() != b.outputs().size()) return false;
  for (size_t i = 0; i < a.outputs().size(); ++i)
    if (!(*a.output(i)->type() == *b.output(i)->type())) return false;
  return true;
}

size_t hash_of(const Node& n) {
  size_t h = std::hash<std::string>()(n.kind());
  for (const Value* v : n.inputs()) h = h * 31 + v->unique();
  for (const auto& [key, value] : n.attributes()) {
    h = h * 31 + std::hash<std::string>()(key);
    if (const auto* i = std::get_if<int64_t>(&value)) h = h * 31 + std::hash<int64_t>()(*i);
    if (const auto* s = std::get_if<std::string>(&value)) h = h * 31 + std::hash<std::string>()(*s);
  }
  return h;
}

bool is_plain_constant(const Node& n) {
  return n.kind() == "prim::Constant" && n.output()->type()->kind != Type::Kind::tensor;
}

}  // namespace

void eliminate_common_subexpressions(Graph& graph) {
  const std::vector<Node*> nodes = graph.nodes();
  const bool writes = std::any_of(nodes.begin(), nodes.end(), [](const Node* n) { return n->has_side_effects(); });
  std::unordered_map<size_t, std::vector<Node*>> seen;
  for (Node* n : nodes) {
    const bool mergeable =
        is_plain_constant(*n) || (!writes && n->is_deterministic() && n->kind() != "prim::CallMethod");
    if (!mergeable) continue;
    std::vector<Node*>& alike = seen[hash_of(*n)];
    const auto same = std::find_if(alike.begin(), alike.end(), [&](const Node* o) {
      return o->kind() == n->kind() && o->inputs() == n->inputs() && same_attributes(*o, *n) && same_outputs(*o, *n);
    });
    if (same == alike.end()) {
      alike.push_back(n);
      continue;
    }
    for (size_t i = 0; i < n->outputs().size(); ++i) n->output(i)->replace_all_uses_with((*same)->output(i));
    n->destroy();
  }
}

}  // namespace tapescope::jit
