#include "core/trace/schema.h"

#include "core/tensor/error.h"

namespace tapescope::jit {

using ops::Kind;
using ops::Param;

bool accepts(const Param& p, const Type& t) {
  using K = Type::Kind;
  if (t.kind == K::none) return p.may_be_none || p.kind == Kind::tensors;
  switch (p.kind) {
    case Kind::tensor:
    case Kind::operand:
    case Kind::number:
      return t.kind == K::tensor;
    case Kind::tensors:
      return t.kind == K::list && (t.parts[0]->kind == K::tensor || t.parts[0]->kind == K::none);
    case Kind::boolean:
      return t.kind == K::boolean;
    case Kind::integer:
    case Kind::dtype:
      return t.kind == K::integer;
    case Kind::real:
      return t.kind == K::real;
    case Kind::dims:
      return t.kind == K::list && t.parts[0]->kind == K::integer;
    case Kind::text:
      return t.kind == K::text;
  }
  return false;
}

const ops::Offer* offer_of(const Node& node) {
  if (!node.kind().starts_with("aten::")) return nullptr;
  for (const ops::Offer* o : ops::offers_named(std::string_view(node.kind()).substr(6))) {
    if (o->params.size() != node.inputs().size()) continue;
    bool fits = true;
    for (size_t i = 0; fits && i < o->params.size(); ++i) fits = accepts(o->params[i], *node.input(i)->type());
    if (fits) return o;
  }
  return nullptr;
}

ops::Value to_argument(const Param& p, const IValue& v, std::string_view op) {
  if (std::holds_alternative<std::monostate>(v) && p.may_be_none) return {};
  switch (p.kind) {
    case Kind::tensor:
      if (const auto* t = std::get_if<Tensor>(&v); t && t->defined()) return *t;
      break;
    case Kind::operand:
    case Kind::number:
      if (const auto* t = std::get_if<Tensor>(&v); t && t->defined()) return ops::Operand{*t};
      break;
    case Kind::tensors:
      if (const auto* l = std::get_if<std::shared_ptr<List>>(&v)) {
        std::vector<Tensor> all;
        for (const IValue& i : (*l)->items) {
          const auto* t = std::get_if<Tensor>(&i);
          if (!t && !std::holds_alternative<std::monostate>(i)) break;
          all.push_back(t ? *t : Tensor());
        }
        if (all.size() == (*l)->items.size()) return all;
      }
      break;
    case Kind::boolean:
      if (const auto* b = std::get_if<bool>(&v)) return *b;
      break;
    case Kind::integer:
      if (const auto* i = std::get_if<int64_t>(&v)) return *i;
      break;
    case Kind::real:
      if (const auto* d = std::get_if<double>(&v)) return *d;
      break;
    case Kind::dims:
      if (const auto* l = std::get_if<std::shared_ptr<List>>(&v)) {
        Dims dims;
        for (const IValue& i : (*l)->items) {
          const auto* n = std::get_if<int64_t>(&i);
          if (!n) break;
          dims.push_back(*n);
        }
        if (static_cast<size_t>(dims.size()) == (*l)->items.size()) return dims;
      }
      break;
    case Kind::dtype:
      if (const auto* i = std::get_if<int64_t>(&v))
        if (const auto t = scalar_type_numbered(*i)) return *t;
      break;
    case Kind::text:
      if (const auto* s = std::get_if<std::string>(&v)) return *s;
      break;
  }
  throw TypeError("{}: argument '{}' does not take a value of type {}", op, p.name, type_of(v)->str());
}

IValue from_argument(const ops::Value& v) {
  struct Visitor {
    IValue operator()(std::monostate) const { return {}; }
    IValue operator()(const Tensor& t) const { return t.defined() ? IValue(t) : IValue(); }
    IValue operator()(const std::vector<Tensor>& all) const {
      auto list = std::make_shared<List>(List{Type::tensor(), {}});
      for (const Tensor& t : all) list->items.push_back((*this)(t));
      return list;
    }
    IValue operator()(const ops::Operand& o) const { return o.tensor; }
    IValue operator()(const ops::Several& s) const {
      auto tuple = std::make_shared<Tuple>();
      for (const Tensor& t : s.tensors) tuple->items.emplace_back(t);
      return tuple;
    }
    IValue operator()(bool b) const { return b; }
    IValue operator()(int64_t i) const { return i; }
    IValue operator()(double d) const { return d; }
    IValue operator()(const Dims& dims) const {
      auto list = std::make_shared<List>(List{Type::integer(), {}});
      for (const int64_t d : dims) list->items.emplace_back(d);
      return list;
    }
    IValue operator()(DType t) const { return scalar_type_number(t); }
    IValue operator()(const std::string& s) const { return s; }
  };
  return std::visit(Visitor{}, v);
}

}  // namespace tapescope::jit
