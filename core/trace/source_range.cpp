#include "core/trace/source_range.h"

#include <fmt/format.h>

namespace tapescope::jit {

void SourceRange::resolve() const {
  if (line_ || stack_.empty()) return;
  for (const SiteId id : stack_) {
    SiteInfo info = resolve_site(id);
    if (info.file.empty()) continue;
    file_ = std::move(info.file);
    line_ = info.line;
    return;
  }
}

const std::string& SourceRange::file() const {
  resolve();
  return file_;
}
int SourceRange::line() const {
  resolve();
  return line_;
}

std::string SourceRange::short_form() const {
  resolve();
  return file_.empty() ? "" : fmt::format("{}:{}:0", file_, line_);
}

std::string SourceRange::str() const {
  if (stack_.empty()) return file_.empty() ? "" : fmt::format("{}({})", file_, line_);
  std::string out;
  for (const SiteId id : stack_) {
    const SiteInfo info = resolve_site(id);
    if (info.file.empty()) continue;
    out += fmt::format("{}{}({}): {}", out.empty() ? "" : "\n", info.file, info.line,
                       info.function.empty() ? "<module>" : info.function);
  }
  return out;
}

}  // namespace tapescope::jit
