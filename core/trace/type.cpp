#include "core/trace/type.h"

#include <fmt/format.h>

#include <array>

namespace tapescope::jit {
namespace {

TypePtr simple(Type::Kind kind) {
  return std::make_shared<const Type>(Type{kind});
}

struct ScalarType {
  DType dtype;
  std::string_view name;
  int64_t number;
};
constexpr std::array kScalarTypes{
    ScalarType{DType::uint8, "Byte", 0},
    ScalarType{DType::int8, "Char", 1},
    ScalarType{DType::int16, "Short", 2},
    ScalarType{DType::int32, "Int", 3},
    ScalarType{DType::int64, "Long", 4},
    ScalarType{DType::float16, "Half", 5},
    ScalarType{DType::float32, "Float", 6},
    ScalarType{DType::float64, "Double", 7},
    ScalarType{DType::complex64, "ComplexFloat", 9},
    ScalarType{DType::complex128, "ComplexDouble", 10},
    ScalarType{DType::boolean, "Bool", 11},
    ScalarType{DType::bfloat16, "BFloat16", 15},
};

}  // namespace

// clang-format off
TypePtr Type::tensor() { static const TypePtr t = simple(Kind::tensor); return t; }
TypePtr Type::integer() { static const TypePtr t = simple(Kind::integer); return t; }
TypePtr Type::real() { static const TypePtr t = simple(Kind::real); return t; }
TypePtr Type::boolean() { static const TypePtr t = simple(Kind::boolean); return t; }
TypePtr Type::text() { static const TypePtr t = simple(Kind::text); return t; }
TypePtr Type::none() { static const TypePtr t = simple(Kind::none); return t; }
// clang-format on
TypePtr Type::tensor(DType dtype, const Dims& shape) {
  return std::make_shared<const Type>(Type{Kind::tensor, dtype, shape});
}
TypePtr Type::list(TypePtr element) {
  return std::make_shared<const Type>(Type{Kind::list, {}, {}, {std::move(element)}});
}
TypePtr Type::tuple(std::vector<TypePtr> members) {
  return std::make_shared<const Type>(Type{Kind::tuple, {}, {}, std::move(members)});
}
TypePtr Type::dict(TypePtr key, TypePtr value) {
  return std::make_shared<const Type>(Type{Kind::dict, {}, {}, {std::move(key), std::move(value)}});
}
TypePtr Type::module(std::string class_name) {
  return std::make_shared<const Type>(Type{Kind::module, {}, {}, {}, std::move(class_name)});
}

std::string Type::str() const {
  switch (kind) {
    case Kind::tensor: {
      if (!dtype) return "Tensor";
      std::string sizes;
      for (const int64_t n : *shape) sizes += fmt::format("{}{}", sizes.empty() ? "" : ", ", n);
      return fmt::format("{}({})", scalar_type_name(*dtype), sizes);
    }
    case Kind::integer:
      return "int";
    case Kind::real:
      return "float";
    case Kind::boolean:
      return "bool";
    case Kind::text:
      return "str";
    case Kind::none:
      return "NoneType";
    case Kind::list:
      return fmt::format("{}[]", parts[0]->str());
    case Kind::tuple: {
      std::string members;
      for (const TypePtr& p : parts) members += fmt::format("{}{}", members.empty() ? "" : ", ", p->str());
      return fmt::format("({})", members);
    }
    case Kind::dict:
      return fmt::format("Dict({}, {})", parts[0]->str(), parts[1]->str());
    case Kind::module:
      return class_name;
  }
  return "";
}

bool operator==(const Type& a, const Type& b) {
  if (a.kind != b.kind || a.dtype != b.dtype || a.shape.has_value() != b.shape.has_value() ||
      (a.shape && !(*a.shape == *b.shape)) || a.class_name != b.class_name || a.parts.size() != b.parts.size())
    return false;
  for (size_t i = 0; i < a.parts.size(); ++i)
    if (!(*a.parts[i] == *b.parts[i])) return false;
  return true;
}

bool is_subtype(const Type& a, const Type& b) {
  if (a.kind != b.kind) return false;
  if (b.kind == Type::Kind::tensor && !b.dtype) return true;
  if (a.parts.size() != b.parts.size()) return false;
  for (size_t i = 0; i < a.parts.size(); ++i)
    if (!is_subtype(*a.parts[i], *b.parts[i])) return false;
  return !a.parts.empty() || a == b;
}

std::string_view scalar_type_name(DType t) {
  for (const ScalarType& s : kScalarTypes)
    if (s.dtype == t) return s.name;
  return "Undefined";
}
std::optional<DType> scalar_type_named(std::string_view name) {
  for (const ScalarType& s : kScalarTypes)
    if (s.name == name) return s.dtype;
  return {};
}
int64_t scalar_type_number(DType t) {
  for (const ScalarType& s : kScalarTypes)
    if (s.dtype == t) return s.number;
  return -1;
}
std::optional<DType> scalar_type_numbered(int64_t number) {
  for (const ScalarType& s : kScalarTypes)
    if (s.number == number) return s.dtype;
  return {};
}

}  // namespace tapescope::jit
