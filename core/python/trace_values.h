// Python's values as a graph has them, and back.
#pragma once

#include "core/python/face.h"
#include "core/trace/ivalue.h"

namespace tapescope::face {

// Tensors, None, bools, ints, floats, strings, tuples, lists and dicts of them, and traced modules. Raises TypeError
// for anything else, with `what` it is.
jit::IValue to_ivalue(py::handle o, const std::string& what);
py::object to_python(const jit::IValue& v);

// The tensors of a Python module by name, and those of its submodules. A module that stands in two places is one
// object.
std::shared_ptr<jit::Object> object_of(py::handle module);

}  // namespace tapescope::face
