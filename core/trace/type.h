// Types of values in a traced graph.
//
// A type is immutable and shared. Printed and parsed forms are PyTorch's: Float(2, 3), Tensor, int, float, bool, str,
// NoneType, int[], (Tensor, int), Dict(str, Tensor), __module__.name.of.Class.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/tensor/dtype.h"
#include "core/tensor/shape.h"

namespace tapescope::jit {

struct Type;
using TypePtr = std::shared_ptr<const Type>;

struct Type {
  enum class Kind : uint8_t { tensor, integer, real, boolean, text, none, list, tuple, dict, module };

  Kind kind;
  // Of a tensor; none: not known.
  std::optional<DType> dtype = {};
  std::optional<Dims> shape = {};
  // Of a list its element, of a tuple its members, of a dict its key and value.
  std::vector<TypePtr> parts = {};
  std::string class_name = {};  // of a module

  static TypePtr tensor();
  static TypePtr tensor(DType dtype, const Dims& shape);
  static TypePtr integer();
  static TypePtr real();
  static TypePtr boolean();
  static TypePtr text();
  static TypePtr none();
  static TypePtr list(TypePtr element);
  static TypePtr tuple(std::vector<TypePtr> members);
  static TypePtr dict(TypePtr key, TypePtr value);
  static TypePtr module(std::string class_name);

  std::string str() const;
};

bool operator==(const Type& a, const Type& b);
// Whether a value of type `a` may stand where `b` is wanted: a tensor of known shape where any tensor may.
bool is_subtype(const Type& a, const Type& b);

// Float, Long, ComplexDouble …
std::string_view scalar_type_name(DType t);
std::optional<DType> scalar_type_named(std::string_view name);
// PyTorch's number of a dtype, as graphs write it: 6 is float32.
int64_t scalar_type_number(DType t);
std::optional<DType> scalar_type_numbered(int64_t number);

}  // namespace tapescope::jit
