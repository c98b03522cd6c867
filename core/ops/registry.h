// The ops as other languages call them: by name, with boxed arguments. An op's file ends with the list of what it
// offers; functions, methods and type stubs in Python are a fold over all lists.
//
//   const Offered kReductions{
//       op<&sum>("sum(input, dim=None, keepdim=False)"),
//       op<&view>("view(self, *shape)"),
//   };
//
// The signature is Python's: parameters in order, `*` before those by keyword only, `*name` for sizes that may be given
// one by one. Types are those of the C++ function. `input` first makes a function and a method, `self` a method, and
// any other parameter, or `function<…>`, a function. Several entries of one name are overloads, tried in order.
#pragma once

#include <deque>
#include <initializer_list>
#include <span>
#include <variant>

#include "core/ops/ops.h"

namespace tapescope::ops {

// A tensor, or a number that takes the dtype of the first tensor argument where it may.
struct Operand {
  Tensor tensor;
};
// The same, but a number as it is: int64, float64 or complex128, so that what does not fit can be said.
struct Number {
  Tensor tensor;
};
// Tensors of which some may be None, which is an undefined tensor.
struct MaybeTensors {
  std::vector<Tensor> tensors;
};
// Names for a result of several tensors.
struct Several {
  std::vector<Tensor> tensors;
  const char* type = nullptr;  // of the named tuple; null: a plain one
};

using Value = std::variant<std::monostate, Tensor, std::vector<Tensor>, Operand, Several, bool, int64_t, double, Dims,
                           DType, std::string>;

enum class Kind : uint8_t { tensor, tensors, operand, number, boolean, integer, real, dims, dtype, text };

// How a C++ parameter type is boxed. What else an op takes (an enum by its name, say) specializes it beside the op.
template <class T>
struct Boxed;

struct Param {
  std::string name;
  Kind kind;
  bool may_be_none;
  bool keyword_only = false, spread = false;
  std::optional<Value> fallback = {};
  std::string fallback_text = {};
};

struct Offer {
  std::string name;
  std::vector<Param> params;
  Value (*call)(std::span<Value>);
  const char* result;           // its type in Python
  bool is_function, is_method;  // neither: for calls by name alone, as a replayed trace makes them
  std::string doc;
  const void* function = nullptr;            // the C++ function behind it; null: a lambda
  const PointwiseInfo* pointwise = nullptr;  // then `call` is null
  bool writes = false;                       // in place: its first argument is changed
};

// All that is offered, in order of name.
const std::vector<const Offer*>& all_offers();
// The overloads of a name, pointwise ops among them; empty if there are none.
const std::vector<const Offer*>& offers_named(std::string_view name);
// A pointwise op as an offer: pow(self, exponent), clamp_(self, min, max).
const Offer& offer_of(const PointwiseInfo& op, bool in_place);
// What is offered for a C++ function. Throws InternalError if nothing is.
const Offer& offer_for(const void* function);

struct Offered {
  Offered(std::initializer_list<Offer> offers);
};

// --- the boxes

template <class T, Kind K>
struct Plain {
  static constexpr Kind kind = K;
  static constexpr bool none = false;
  static const T& get(const Value& v) { return std::get<T>(v); }
};
template <>
struct Boxed<bool> : Plain<bool, Kind::boolean> {};
template <>
struct Boxed<int64_t> : Plain<int64_t, Kind::integer> {};
template <>
struct Boxed<double> : Plain<double, Kind::real> {};
template <>
struct Boxed<Dims> : Plain<Dims, Kind::dims> {};
template <>
struct Boxed<DType> : Plain<DType, Kind::dtype> {};
template <>
struct Boxed<std::string> : Plain<std::string, Kind::text> {};
template <>
struct Boxed<std::vector<Tensor>> : Plain<std::vector<Tensor>, Kind::tensors> {};
template <>
struct Boxed<MaybeTensors> {
  static constexpr Kind kind = Kind::tensors;
  static constexpr bool none = true;
  static MaybeTensors get(const Value& v) { return {std::get<std::vector<Tensor>>(v)}; }
};
template <>
struct Boxed<Number> {
  static constexpr Kind kind = Kind::number;
  static constexpr bool none = false;
  static Number get(const Value& v) { return {std::get<Operand>(v).tensor}; }
};
template <>
struct Boxed<Operand> : Plain<Operand, Kind::operand> {};
// An undefined tensor stands for None; whether a caller may give None, the signature says.
template <>
struct Boxed<Tensor> {
  static constexpr Kind kind = Kind::tensor;
  static constexpr bool none = false;
  static Tensor get(const Value& v) { return v.index() ? std::get<Tensor>(v) : Tensor(); }
};
template <class T>
struct Boxed<std::optional<T>> {
  static constexpr Kind kind = Boxed<T>::kind;
  static constexpr bool none = true;
  static std::optional<T> get(const Value& v) { return v.index() ? std::optional<T>(Boxed<T>::get(v)) : std::nullopt; }
};

template <class R>
constexpr const char* result_name() {
  if constexpr (std::is_same_v<R, Several> || std::is_same_v<R, std::vector<Tensor>>)
    return "tuple[Tensor, ...]";
  else if constexpr (std::is_same_v<R, bool>)
    return "bool";
  else if constexpr (std::is_same_v<R, int64_t>)
    return "int";
  else if constexpr (std::is_same_v<R, double>)
    return "float";
  else if constexpr (std::is_same_v<R, DType>)
    return "dtype";
  else if constexpr (std::is_same_v<R, Dims>)
    return "tuple[int, ...]";
  else
    return "Tensor";
}

enum class Reach : uint8_t { anywhere, function, internal };

Offer make_offer(const char* signature, std::vector<Param> params, Value (*call)(std::span<Value>), const char* result,
                 std::string doc, Reach reach);

template <auto F>
const void* address_of() {
  if constexpr (std::is_pointer_v<decltype(F)>)
    return reinterpret_cast<const void*>(F);
  else
    return nullptr;
}

template <auto F, class R, class... A>
Offer offer_made_of(const char* signature, const char* doc, Reach reach, R (*)(A...)) {
  const auto call = [](std::span<Value> v) -> Value {
    return [&]<size_t... I>(std::index_sequence<I...>) {
      return Value(F(Boxed<std::remove_cvref_t<A>>::get(v[I])...));
    }
    (std::index_sequence_for<A...>());
  };
  Offer made =
      make_offer(signature, {Param{{}, Boxed<std::remove_cvref_t<A>>::kind, Boxed<std::remove_cvref_t<A>>::none}...},
                 call, result_name<R>(), doc, reach);
  made.function = address_of<F>();
  return made;
}

template <auto F>
Offer op(const char* signature, const char* doc = "") {
  return offer_made_of<F>(signature, doc, Reach::anywhere, +F);
}
template <auto F>
Offer function(const char* signature, const char* doc = "") {
  return offer_made_of<F>(signature, doc, Reach::function, +F);
}
// Not of Python's names: what its own syntax calls (x[0], zeros(2)), so that a trace can name it.
template <auto F>
Offer internal(const char* signature, const char* doc = "") {
  return offer_made_of<F>(signature, doc, Reach::internal, +F);
}

}  // namespace tapescope::ops
