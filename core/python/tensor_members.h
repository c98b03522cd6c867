// The parts of the Tensor type that live in files of their own.
#pragma once

#include "core/python/face.h"

namespace tapescope::face {

PyGetSetDef* tensor_getset();                                               // attributes.cpp
PyMethodDef* tensor_methods();                                              // number.cpp: the pointwise ops
PyObject* tensor_subscript(PyObject* self, PyObject* key);                  // subscript.cpp
PyBufferProcs* tensor_buffer();                                             // buffer.cpp
int tensor_assign(PyObject* self, PyObject* key, PyObject* value);          // subscript.cpp
PyObject* tensor_iter(PyObject* self);                                      // subscript.cpp
PyObject* make_subclass(PyTypeObject* type, Tensor t, bool requires_grad);  // tensor_type.cpp

}  // namespace tapescope::face
