// Operators and pointwise methods of the Tensor type.
#pragma once

#include "core/python/face.h"

namespace tapescope::face {

PyNumberMethods* number_slots();
PyObject* tensor_compare(PyObject* a, PyObject* b, int op);

}  // namespace tapescope::face
