// What a value of a graph is while the graph runs: an input, an output, a constant, a register of the interpreter.
#pragma once

#include <utility>
#include <variant>

#include "core/tensor/tensor.h"
#include "core/trace/type.h"

namespace tapescope::jit {

struct List;
struct Tuple;
struct Dict;
struct Object;

using IValue = std::variant<std::monostate, Tensor, bool, int64_t, double, std::string, std::shared_ptr<List>,
                            std::shared_ptr<Tuple>, std::shared_ptr<Dict>, std::shared_ptr<Object>>;

struct List {
  TypePtr element = {};  // what an empty list is a list of
  std::vector<IValue> items = {};
};
struct Tuple {
  std::vector<IValue> items;
};
// In order of insertion; keys are strings, whole numbers or tensors by their id.
struct Dict {
  std::vector<std::pair<IValue, IValue>> items;
};
// A module as a graph sees it: attributes by name. Its tensors are those of the Python module, not copies.
struct Object {
  TypePtr type = {};
  std::vector<std::pair<std::string, IValue>> attributes = {};
  std::vector<std::string> buffers = {};  // those of the attributes that are tensors and no parameters
  bool training = false;

  // Null if there is none of this name.
  const IValue* find(std::string_view name) const;
};

// A tensor's type tells its dtype and shape.
TypePtr type_of(const IValue& v);

Type::Kind kind_of(const IValue& v) noexcept;

// The same contents: tensors are compared by identity.
bool same(const IValue& a, const IValue& b);

}  // namespace tapescope::jit
