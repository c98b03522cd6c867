// The frames of the Python program that runs.
#pragma once

#include <string>
#include <vector>

#include "core/graph/site.h"
#include "core/tensor/tensor.h"

namespace tapescope::face {

// The sites of all frames, innermost first, those of the library too.
void current_stack(std::vector<SiteId>& out);

// The name of the local variable of the innermost frame that holds the tensor; empty: there is none, or it is "self".
std::string name_in_frame(const Tensor& t);

}  // namespace tapescope::face
