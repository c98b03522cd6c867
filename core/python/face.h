// What the binding files share: the Tensor object, conversions, errors.
//
// PyTensor owns one count of its impl, except while the impl owns the object (see TensorImpl::owns_python).
#pragma once

#include <cxxabi.h>

#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include "core/graph/node.h"
#include "core/ops/ops.h"

namespace py = pybind11;

namespace tapescope::face {

struct PyTensor {
  PyObject_HEAD TensorImpl* impl;
  PyObject* dict;
  PyObject* weak;
  PyObject* backward_hooks;  // OrderedDict of register_hook, or null
};

extern PyTypeObject TensorType;

inline bool is_tensor(PyObject* o) {
  return Py_TYPE(o) == &TensorType || PyType_IsSubtype(Py_TYPE(o), &TensorType);
}
inline Tensor unwrap(PyObject* o) {
  return Tensor(Ref<TensorImpl>(reinterpret_cast<PyTensor*>(o)->impl));
}
// A new reference; None for an undefined tensor.
PyObject* wrap(Tensor t);

PyObject* wrap(Node* node);          // a new reference; None for null
Ref<Node> unwrap_node(PyObject* o);  // null if it is none

py::dict node_metadata(const Node& node);  // of the node's own, made when asked for

PyObject* wrap(DType t);
DType dtype_from(py::handle o);  // a dtype object, or Python's float, int, bool
DType default_dtype();
void set_default_dtype(DType t);

// A tensor of whatever Python holds: numbers, nested lists, arrays with the buffer protocol, tensors.
Tensor tensor_from(py::handle data, std::optional<DType> dtype);
// The other operand of an op on `like`: a tensor, or a number that takes like's dtype where it may. Undefined: neither.
Tensor operand_from(PyObject* o, const Tensor& like);

// Sets the Python error for the C++ exception in flight.
void translate_exception() noexcept;
// For a thread that the interpreter, having ended, ends by unwinding its stack: destructors that need the interpreter
// do not survive that. It waits for the end of the process, as from Python 3.14 on.
[[noreturn]] void stay();
// f, for Python to call: `failed` where it throws, with the Python error set.
template <class R, class F>
R guarded_as(R failed, F f) noexcept {
  try {
    return f();
  } catch (abi::__forced_unwind&) {
    stay();
  } catch (...) {
    translate_exception();
    return failed;
  }
}
template <class F>
PyObject* guarded(F f) noexcept {
  return guarded_as<PyObject*>(nullptr, f);
}
// 0 where f gives nothing.
template <class F>
int guarded_int(F f) noexcept {
  return guarded_as(-1, [&]() -> int {
    if constexpr (std::is_void_v<std::invoke_result_t<F>>)
      return f(), 0;
    else
      return f();
  });
}

// Adds an attribute to the (static) Tensor type.
void add_to_tensor(const char* name, py::object value);

// Binds f as a function of the module and as a method of Tensor.
template <class F, class... Extra>
void def_op(py::module_& m, const char* name, F f, const Extra&... extra) {
  if constexpr (sizeof...(extra) > 0)
    m.def(name, f, py::arg("input"), extra...);
  else
    m.def(name, f);
  py::handle type(reinterpret_cast<PyObject*>(&TensorType));
  add_to_tensor(name, py::cpp_function(f, py::name(name), py::is_method(type),
                                       py::sibling(py::getattr(type, name, py::none())), extra...));
}
template <class F, class... Extra>
void def_method(const char* name, F f, const Extra&... extra) {
  py::handle type(reinterpret_cast<PyObject*>(&TensorType));
  add_to_tensor(name, py::cpp_function(f, py::name(name), py::is_method(type),
                                       py::sibling(py::getattr(type, name, py::none())), extra...));
}

// For a trace: `size`, if it is a tensor, is what the op that is called next gets as element of its sizes.
void stash_size(size_t element, PyObject* size);
// The number that an index or a size is, also a tensor that stands for it.
inline int64_t whole_from(PyObject* o) {
  if (is_tensor(o) && unwrap(o).dim() == 0) return ops::item_int(unwrap(o));
  return PyLong_AsLongLong(py::reinterpret_steal<py::object>(PyNumber_Index(o)).ptr());
}

// Sizes given as numbers or as one sequence: f(2, 3), f((2, 3)), f(x.shape).
Dims dims_from(const py::args& args);

void init_errors(py::module_& m);
void init_tensor_type(py::module_& m);
void init_node_type(py::module_& m);
void init_function_type(py::module_& m);
void bind_saved_tensors(py::module_& m);
void init_sites(py::module_& m);
void bind_pointwise(py::module_& m);
void init_dtypes(py::module_& m);
void bind_dtypes(py::module_& m);
void bind_factories(py::module_& m);
void bind_members(py::module_& m);
void bind_offers(py::module_& m);
void bind_dlpack(py::module_& m);
void bind_autograd(py::module_& m);
void bind_anomaly(py::module_& m);
void bind_hooks(py::module_& m);
void bind_optimizers(py::module_& m);
// The dict behind a tensor's hooks, borrowed; null: it is not of Python.
PyObject* dict_of(const Hook* hook);
void bind_inspect(py::module_& m);
void bind_looking(py::module_& m);
void bind_backends(py::module_& m);
void initPythonTracerBindings(py::module_& m);
void bind_graphs(py::module_& m);

}  // namespace tapescope::face

namespace pybind11::detail {

template <>
struct type_caster<tapescope::Tensor> {
  PYBIND11_TYPE_CASTER(tapescope::Tensor, const_name("Tensor"));
  bool load(handle src, bool) {
    if (src.is_none()) return true;  // undefined
    if (!tapescope::face::is_tensor(src.ptr())) return false;
    value = tapescope::face::unwrap(src.ptr());
    return true;
  }
  static handle cast(const tapescope::Tensor& t, return_value_policy, handle) { return tapescope::face::wrap(t); }
};

template <>
struct type_caster<tapescope::DType> {
  PYBIND11_TYPE_CASTER(tapescope::DType, const_name("dtype"));
  bool load(handle src, bool) {
    value = tapescope::face::dtype_from(src);
    return true;
  }
  static handle cast(tapescope::DType t, return_value_policy, handle) { return tapescope::face::wrap(t); }
};

// A number or a sequence of numbers.
template <>
struct type_caster<tapescope::Dims> {
  PYBIND11_TYPE_CASTER(tapescope::Dims, const_name("int | tuple[int, ...]"));
  bool load(handle src, bool) {
    if (PyIndex_Check(src.ptr())) {
      tapescope::face::stash_size(0, src.ptr());
      value = tapescope::Dims{tapescope::face::whole_from(src.ptr())};
      return !PyErr_Occurred();
    }
    if (!PyTuple_Check(src.ptr()) && !PyList_Check(src.ptr())) return false;
    for (handle h : src) {
      if (!PyIndex_Check(h.ptr())) return false;
      tapescope::face::stash_size(static_cast<size_t>(value.size()), h.ptr());
      value.push_back(tapescope::face::whole_from(h.ptr()));
      if (PyErr_Occurred()) throw error_already_set();
    }
    return true;
  }
  static handle cast(const tapescope::Dims& d, return_value_policy, handle) {
    tuple t(static_cast<size_t>(d.size()));
    for (int i = 0; i < d.size(); ++i) t[static_cast<size_t>(i)] = d[i];
    return t.release();
  }
};

}  // namespace pybind11::detail
