// Typed errors. Each kind has a stable id; the Python face maps the kinds to the classes that users expect.
// A message says the op, the facts, the rule broken and the remedy.
#pragma once

#include <fmt/format.h>

#include <stdexcept>
#include <string>

namespace tapescope {

enum class ErrorKind { shape, dtype, index, value, type, autograd, not_implemented, memory, internal, division };

class Error : public std::runtime_error {
 public:
  Error(ErrorKind kind, const std::string& message) : std::runtime_error(message), kind_(kind) {}
  ErrorKind kind() const noexcept { return kind_; }

 private:
  ErrorKind kind_;
};

template <ErrorKind K>
struct ErrorOf : Error {
  explicit ErrorOf(const std::string& message) : Error(K, message) {}
  template <class... Args>
  explicit ErrorOf(fmt::format_string<Args...> text, Args&&... args) requires(sizeof...(Args) > 0)
      : Error(K, fmt::format(text, std::forward<Args>(args)...)) {}
};

using ShapeError = ErrorOf<ErrorKind::shape>;
using DTypeError = ErrorOf<ErrorKind::dtype>;
using IndexError = ErrorOf<ErrorKind::index>;
using ValueError = ErrorOf<ErrorKind::value>;
using TypeError = ErrorOf<ErrorKind::type>;
using AutogradError = ErrorOf<ErrorKind::autograd>;
using NotImplementedError = ErrorOf<ErrorKind::not_implemented>;
using MemoryError = ErrorOf<ErrorKind::memory>;
using InternalError = ErrorOf<ErrorKind::internal>;
using DivisionError = ErrorOf<ErrorKind::division>;  // of an integer by zero

}  // namespace tapescope
