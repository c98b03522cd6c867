#include "core/trace/ivalue.h"

namespace tapescope::jit {

const IValue* Object::find(std::string_view name) const {
  for (const auto& [key, value] : attributes)
    if (key == name) return &value;
  return nullptr;
}

TypePtr type_of(const IValue& v) {
  struct Visitor {
    TypePtr operator()(std::monostate) const { return Type::none(); }
    TypePtr operator()(const Tensor& t) const {
      return t.defined() ? Type::tensor(t.dtype(), t.shape()) : Type::none();
    }
    TypePtr operator()(bool) const { return Type::boolean(); }
    TypePtr operator()(int64_t) const { return Type::integer(); }
    TypePtr operator()(double) const { return Type::real(); }
    TypePtr operator()(const std::string&) const { return Type::text(); }
    TypePtr operator()(const std::shared_ptr<List>& l) const {
      if (l->items.empty()) return Type::list(l->element ? l->element : Type::tensor());
      TypePtr element = type_of(l->items[0]);
      // Tensors of a list are of any shape.
      return Type::list(element->kind == Type::Kind::tensor ? Type::tensor() : std::move(element));
    }
    TypePtr operator()(const std::shared_ptr<Tuple>& t) const {
      std::vector<TypePtr> members;
      for (const IValue& i : t->items) members.push_back(type_of(i));
      return Type::tuple(std::move(members));
    }
    TypePtr operator()(const std::shared_ptr<Dict>& d) const {
      if (d->items.empty()) return Type::dict(Type::text(), Type::tensor());
      TypePtr value = type_of(d->items[0].second);
      return Type::dict(type_of(d->items[0].first),
                        value->kind == Type::Kind::tensor ? Type::tensor() : std::move(value));
    }
    TypePtr operator()(const std::shared_ptr<Object>& o) const { return o->type; }
  };
  return std::visit(Visitor{}, v);
}

Type::Kind kind_of(const IValue& v) noexcept {
  using K = Type::Kind;
  constexpr K kinds[] = {K::none, K::tensor, K::boolean, K::integer, K::real,
                         K::text, K::list,   K::tuple,   K::dict,    K::module};
  static_assert(std::size(kinds) == std::variant_size_v<IValue>);
  if (const auto* t = std::get_if<Tensor>(&v); t && !t->defined()) return K::none;
  return kinds[v.index()];
}

bool same(const IValue& a, const IValue& b) {
  if (a.index() != b.index()) return false;
  if (const auto* t = std::get_if<Tensor>(&a)) return t->is_same(std::get<Tensor>(b));
  const auto all = [](const auto& x, const auto& y, auto equal) {
    if (x.size() != y.size()) return false;
    for (size_t i = 0; i < x.size(); ++i)
      if (!equal(x[i], y[i])) return false;
    return true;
  };
  if (const auto* l = std::get_if<std::shared_ptr<List>>(&a))
    return all((*l)->items, std::get<std::shared_ptr<List>>(b)->items, same);
  if (const auto* t = std::get_if<std::shared_ptr<Tuple>>(&a))
    return all((*t)->items, std::get<std::shared_ptr<Tuple>>(b)->items, same);
  if (const auto* d = std::get_if<std::shared_ptr<Dict>>(&a))
    return all((*d)->items, std::get<std::shared_ptr<Dict>>(b)->items,
               [](const auto& x, const auto& y) { return same(x.first, y.first) && same(x.second, y.second); });
  return std::visit(
      [&]<class T>(const T& x) {
        if constexpr (std::equality_comparable<T>)
          return x == std::get<T>(b);
        else
          return false;
      },
      a);
}

}  // namespace tapescope::jit
