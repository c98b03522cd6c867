#include "core/python/numbers.h"

#include "core/python/python_tracer.h"

namespace tapescope::face {

Tensor scalar_from(PyObject* o, DType floating) {
  if (is_tensor(o)) {
    const Tensor t = unwrap(o);
    if (t.numel() != 1) throw ShapeError("a number is wanted here, not a tensor of {} elements", t.numel());
    return t.alias({}, {}, t.impl()->offset);
  }
  if (PyBool_Check(o)) return literal(ops::scalar(o == Py_True ? 1.0 : 0.0, DType::boolean));
  if (PyComplex_Check(o)) {
    const Py_complex c = PyComplex_AsCComplex(o);
    return literal(ops::scalar(std::complex<double>(c.real, c.imag), to_complex(floating)));
  }
  if (PyLong_Check(o) || (!PyFloat_Check(o) && PyIndex_Check(o))) {
    const py::object i = py::reinterpret_steal<py::object>(PyNumber_Index(o));
    if (!i) throw py::error_already_set();
    const long long v = PyLong_AsLongLong(i.ptr());
    if (v == -1 && PyErr_Occurred()) throw py::error_already_set();
    return literal(ops::scalar(int64_t{v}));
  }
  const double v = PyFloat_AsDouble(o);
  if (v == -1 && PyErr_Occurred()) {
    PyErr_Clear();
    throw TypeError("a number is wanted here, not a {}", Py_TYPE(o)->tp_name);
  }
  return literal(ops::scalar(v, floating));
}

py::object number_at(DType t, const char* p) {
  return visit(t, [&]<class T>(T) -> py::object {
    const T v = *reinterpret_cast<const T*>(p);
    if constexpr (is_complex_type<T>)
      return py::reinterpret_steal<py::object>(
          PyComplex_FromDoubles(static_cast<double>(v.real()), static_cast<double>(v.imag())));
    else if constexpr (std::is_same_v<T, bool>)
      return py::bool_(v);
    else if constexpr (std::is_integral_v<T>)
      return py::int_(int64_t{v});
    else
      return py::float_(cast<double>(v));
  });
}

const char* numpy_code(DType t) {
  constexpr const char* codes[kDTypes] = {"?", "u1", "i1", "i2", "i4", "i8", "f2", "", "f4", "f8", "c8", "c16"};
  if (t == DType::bfloat16)
    throw TypeError("numpy: NumPy has no bfloat16; cast with .float() first, or take the bits with .view(int16)");
  return codes[static_cast<int>(t)];
}

std::optional<DType> dtype_of_numpy(char kind, int64_t bytes) {
  for (int i = 0; i < kDTypes; ++i) {
    const auto t = static_cast<DType>(i);
    const char ours = t == DType::boolean ? 'b'
                      : t == DType::uint8 ? 'u'
                      : is_integral(t)    ? 'i'
                      : is_floating(t)    ? 'f'
                                          : 'c';
    if (ours == kind && itemsize(t) == bytes && t != DType::bfloat16) return t;
  }
  return {};
}

}  // namespace tapescope::face
