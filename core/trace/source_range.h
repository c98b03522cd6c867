// Where in the user's program a traced node was made: the whole stack, innermost frame first.
//
// While tracing, frames are sites: small numbers, resolved when somebody asks. A graph that was read from text or a
// file knows the innermost line alone.
#pragma once

#include <memory>
#include <vector>

#include "core/graph/site.h"

namespace tapescope::jit {

// Fills in the sites of all frames of the running program, innermost first. The Python face sets it; null: not known.
inline void (*current_stack)(std::vector<SiteId>& out) = nullptr;

class SourceRange {
 public:
  SourceRange() = default;
  explicit SourceRange(std::vector<SiteId> stack) : stack_(std::move(stack)) {}
  SourceRange(std::string file, int line) : file_(std::move(file)), line_(line) {}

  // Of the innermost frame that has a file; empty and 0: not known.
  const std::string& file() const;
  int line() const;
  // "file:line:0"; empty: not known.
  std::string short_form() const;
  // "file(line): function", a frame a line.
  std::string str() const;
  const std::vector<SiteId>& stack() const { return stack_; }

 private:
  void resolve() const;

  std::vector<SiteId> stack_;
  mutable std::string file_;
  mutable int line_ = 0;
};

}  // namespace tapescope::jit
