// Reads the text that Graph::str() prints.
#pragma once

#include "core/trace/ir.h"

namespace tapescope::jit {

// str() of the result is `text` again, up to what a person may write otherwise (spaces, comments). `constants` are
// those that the text names by number; a constant whose elements the text does not hold is undefined. Throws ValueError
// with line and column, what was found and what was expected. Does not lint.
std::shared_ptr<Graph> parse_ir(std::string_view text, std::span<const Tensor> constants = {});

}  // namespace tapescope::jit
