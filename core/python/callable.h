// What a Python callable is called, and where it stands.
#pragma once

#include "core/python/face.h"

namespace tapescope::face {

std::string name_of_callable(py::handle f);
// `id`: of the handle.
HookInfo describe_callable(py::handle f, uint64_t id = 0);

}  // namespace tapescope::face
