// Elements as Python and NumPy know them.
#pragma once

#include "core/python/face.h"

namespace tapescope::face {

bool is_dtype(py::handle o);

// A Python number, or a tensor of one element, as a tensor without dimensions: of int64, bool, or as floating and
// complex as it is, in the precision of `floating`. Raises TypeError for anything else.
Tensor scalar_from(PyObject* o, DType floating = DType::float64);

// The element at p as a Python number.
py::object number_at(DType t, const char* p);

// NumPy's kind and size: "f4". Raises TypeError for bfloat16, which NumPy has not.
const char* numpy_code(DType t);
// The dtype whose elements lie as those do; none: there is none.
std::optional<DType> dtype_of_numpy(char kind, int64_t bytes);

}  // namespace tapescope::face
