#include "core/trace/lint.h"

#include <algorithm>
#include <unordered_set>

#include "core/tensor/error.h"
#include "core/trace/schema.h"

namespace tapescope::jit {
namespace {

class Linter {
 public:
  explicit Linter(const Graph& graph) : graph_(graph) {}

  void run() {
    for (const Value* v : graph_.inputs()) make(*v, "the graph's inputs");
    for (const Node* n : graph_.block()) {
      read(*n);
      for (const Value* v : n->outputs()) {
        if (v->node() != n)
          fail(*n, "%{} is listed as its output, but belongs to {}", v->debug_name(), v->node()->kind());
        make(*v, n->kind());
      }
      types(*n);
    }
    read(*graph_.block().return_node());
  }

 private:
  template <class... A>
  [[noreturn]] static void fail(const Node& n, fmt::format_string<A...> words, A&&... facts) {
    const std::string at = n.source_range().short_form();
    throw ValueError("lint: {}{}{}: {}", n.kind(), at.empty() ? "" : " at ", at,
                     fmt::format(words, std::forward<A>(facts)...));
  }

  void make(const Value& v, const std::string& by) {
    if (!made_.insert(&v).second)
      throw ValueError("lint: %{} is made twice, the second time by {}", v.debug_name(), by);
    if (!names_.insert(v.debug_name()).second)
      throw ValueError("lint: two values are called %{}; each has a name of its own", v.debug_name());
    for (const Use& u : v.uses())
      if (u.user->inputs().size() <= u.offset || u.user->input(u.offset) != &v)
        throw ValueError("lint: %{} lists {} as its user, which does not read it", v.debug_name(), u.user->kind());
  }

  void read(const Node& n) {
    for (size_t i = 0; i < n.inputs().size(); ++i) {
      const Value& v = *n.input(i);
      if (!made_.contains(&v)) fail(n, "%{} is used before it is made", v.debug_name());
      const auto listed =
          std::count_if(v.uses().begin(), v.uses().end(), [&](const Use& u) { return u.user == &n && u.offset == i; });
      if (listed != 1) fail(n, "%{} does not list it as a user", v.debug_name());
    }
  }

  static void expect(const Node& n, size_t inputs, size_t outputs) {
    if (n.inputs().size() != inputs || n.outputs().size() != outputs)
      fail(n, "it has {} inputs and {} outputs, but takes {} and makes {}", n.inputs().size(), n.outputs().size(),
           inputs, outputs);
  }

  static void expect(const Node& n, std::initializer_list<Type::Kind> inputs, size_t outputs) {
    expect(n, inputs.size(), outputs);
    size_t i = 0;
    for (const Type::Kind kind : inputs) {
      if (n.input(i)->type()->kind != kind) fail(n, "input {} is {}", i, n.input(i)->type()->str());
      ++i;
    }
  }

  // The graph inside of a node takes what the node is given, and makes what it makes.
  static void expect_of(const Node& n, const Graph& inside, std::string_view what) {
    if (inside.inputs().size() != n.inputs().size() || inside.outputs().size() != n.outputs().size())
      fail(n, "its {} takes {} values and makes {}, but the node has {} inputs and {} outputs", what,
           inside.inputs().size(), inside.outputs().size(), n.inputs().size(), n.outputs().size());
    for (size_t i = 0; i < inside.inputs().size(); ++i)
      if (inside.inputs()[i]->type()->kind != n.input(i)->type()->kind)
        fail(n, "its {} takes {} as input {}, but is given {}", what, inside.inputs()[i]->type()->str(), i,
             n.input(i)->type()->str());
    Linter(inside).run();
  }

  static void types(const Node& n) {
    using K = Type::Kind;
    const std::string& k = n.kind();
    if (k == "aten::size") {
      expect(n, {K::tensor, K::integer}, 1);
      return;
    }
    if (k == "aten::Int") {
      expect(n, {K::tensor}, 1);
      return;
    }
    if (k == "aten::__getitem__") {
      if (n.inputs().size() != 2 || n.input()->type()->kind != K::dict) fail(n, "it takes a dict and a key");
      if (n.outputs().size() != 1) fail(n, "it makes one value");
      return;
    }
    if (k.starts_with("aten::")) {
      const ops::Offer* op = offer_of(n);
      if (!op) {
        std::string given;
        for (const Value* v : n.inputs()) given += fmt::format("{}{}", given.empty() ? "" : ", ", v->type()->str());
        fail(n, "no op of that name takes ({})", given);
      }
      if (n.outputs().size() != 1)
        fail(n, "an op makes one value, not {}; several tensors are a list or a tuple", n.outputs().size());
      return;
    }
    if (n.is_python_op()) {
      if (n.outputs().size() != 1) fail(n, "it makes one value, not {}", n.outputs().size());
      return;
    }
    if (k == "prim::NumToTensor") {
      expect(n, {K::integer}, 1);
    } else if (k == "prim::FusionGroup") {
      const AttributeValue* sub = n.attribute("Subgraph");
      const auto* group = sub ? std::get_if<std::shared_ptr<Graph>>(sub) : nullptr;
      if (!group || !*group) fail(n, "it has no Subgraph");
      expect_of(n, **group, "Subgraph");
    } else if (k == "prim::Constant") {
      expect(n, 0, 1);
      const K kind = n.output()->type()->kind;
      const AttributeValue* v = n.attribute("value");
      const bool fits = !v                                        ? kind == K::none
                        : std::holds_alternative<int64_t>(*v)     ? kind == K::integer || kind == K::boolean
                        : std::holds_alternative<double>(*v)      ? kind == K::real
                        : std::holds_alternative<std::string>(*v) ? kind == K::text
                        : std::holds_alternative<Tensor>(*v)      ? kind == K::tensor
                                                                  : false;
      if (!fits) fail(n, "its value is of another type than {}", n.output()->type()->str());
    } else if (k == "prim::TupleUnpack" || k == "prim::ListUnpack") {
      if (n.inputs().size() != 1) fail(n, "it unpacks one value, not {}", n.inputs().size());
      const Type& t = *n.input()->type();
      if (k == "prim::TupleUnpack" ? t.kind != K::tuple : t.kind != K::list)
        fail(n, "it cannot unpack a value of type {}", t.str());
      if (t.kind == K::tuple && t.parts.size() != n.outputs().size())
        fail(n, "it makes {} values of a tuple of {}", n.outputs().size(), t.parts.size());
    } else if (k == "prim::GetAttr" || k == "prim::CallMethod") {
      if (n.inputs().empty() || n.input()->type()->kind != K::module) fail(n, "its first input is a module");
      if (!n.has_attribute("name") || !std::holds_alternative<std::string>(*n.attribute("name")))
        fail(n, "it lacks a name");
      if (n.outputs().size() != 1) fail(n, "it makes one value, not {}", n.outputs().size());
      if (n.callee) expect_of(n, *n.callee, "method");
    } else if (k == "prim::ListConstruct") {
      expect(n, n.inputs().size(), 1);
      if (n.output()->type()->kind != K::list) fail(n, "it makes a list, not {}", n.output()->type()->str());
      for (const Value* v : n.inputs())
        if (v->type()->kind != n.output()->type()->parts[0]->kind && v->type()->kind != K::none)
          fail(n, "%{} is {}, but the list is {}", v->debug_name(), v->type()->str(), n.output()->type()->str());
    } else if (k == "prim::TupleConstruct") {
      expect(n, n.inputs().size(), 1);
      const Type& t = *n.output()->type();
      if (t.kind != K::tuple || t.parts.size() != n.inputs().size()) fail(n, "it makes no {}", t.str());
      for (size_t i = 0; i < t.parts.size(); ++i)
        if (t.parts[i]->kind != n.input(i)->type()->kind)
          fail(n, "member {} is {}, but the tuple says {}", i, n.input(i)->type()->str(), t.parts[i]->str());
    } else if (k == "prim::DictConstruct") {
      expect(n, n.inputs().size() / 2 * 2, 1);
      if (n.output()->type()->kind != K::dict) fail(n, "it makes a dict, not {}", n.output()->type()->str());
    } else {
      fail(n, "no node of that kind is known");
    }
  }

  const Graph& graph_;
  std::unordered_set<const Value*> made_;
  std::unordered_set<std::string> names_;
};

}  // namespace

void lint(const Graph& graph) {
  Linter(graph).run();
}

}  // namespace tapescope::jit
