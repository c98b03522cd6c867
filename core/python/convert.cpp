// From Python's values to tensors and dtypes, and back.
#include <cstring>

#include "core/ops/iterator.h"
#include "core/python/face.h"

namespace tapescope::face {
namespace {

struct DTypeObject {
  DType value;
};

std::vector<py::object>& dtype_objects() {
  static auto& all = *new std::vector<py::object>;
  return all;
}

DType default_dtype_ = DType::float32;

// --- nested lists

struct Leaves {
  Dims shape;
  std::vector<double> numbers;
  std::vector<int64_t> integers;
  DType kind = DType::boolean;
  bool any = false;
};

void add_leaf(Leaves& out, PyObject* o) {
  if (is_tensor(o)) {
    const Tensor t = unwrap(o);
    out.kind = promote(out.kind, t.dtype());
    out.numbers.push_back(ops::item(t));
    out.integers.push_back(is_floating(t.dtype()) ? 0 : ops::item_int(t));
  } else if (PyBool_Check(o)) {
    out.numbers.push_back(o == Py_True);
    out.integers.push_back(o == Py_True);
  } else if (PyLong_Check(o) || (!PyFloat_Check(o) && PyIndex_Check(o))) {
    const py::object i = py::reinterpret_steal<py::object>(PyNumber_Index(o));
    const long long v = PyLong_AsLongLong(i.ptr());
    if (v == -1 && PyErr_Occurred()) {
      PyErr_Clear();
      throw ValueError("tensor: {} does not fit int64", std::string(py::str(o)));
    }
    out.kind = promote(out.kind, DType::int64);
    out.numbers.push_back(static_cast<double>(v));
    out.integers.push_back(v);
  } else {
    const double v = PyFloat_AsDouble(o);
    if (v == -1 && PyErr_Occurred()) {
      PyErr_Clear();
      throw TypeError("tensor: cannot make an element of a {}; give numbers, bools, nested lists of them, or an array",
                      Py_TYPE(o)->tp_name);
    }
    out.kind = promote(out.kind, default_dtype_);
    out.numbers.push_back(v);
    out.integers.push_back(0);
  }
  out.any = true;
}

bool is_sequence(PyObject* o) {
  return PyList_Check(o) || PyTuple_Check(o);
}

void collect(Leaves& out, PyObject* o, int depth) {
  if (depth >= Dims::kMax) throw ValueError("tensor: lists are nested more than {} deep", int{Dims::kMax});
  const Py_ssize_t n = PySequence_Fast_GET_SIZE(o);
  if (out.shape.size() == depth) {
    out.shape.push_back(n);
  } else if (out.shape[depth] != n) {
    throw ValueError("tensor: expected sequence of length {} at dim {} (got {})", out.shape[depth], depth, n);
  }
  for (Py_ssize_t i = 0; i < n; ++i) {
    PyObject* item = PySequence_Fast_GET_ITEM(o, i);
    if (is_sequence(item)) {
      if (out.any && out.shape.size() == depth + 1)
        throw ValueError("tensor: numbers and lists stand side by side at dim {}", depth + 1);
      collect(out, item, depth + 1);
    } else {
      if (out.shape.size() != depth + 1)
        throw ValueError("tensor: expected sequence of length {} at dim {} (got a number)", out.shape[depth + 1],
                         depth + 1);
      add_leaf(out, item);
    }
  }
}

Tensor from_leaves(const Leaves& l, const Dims& shape, std::optional<DType> wanted) {
  const DType dtype = wanted.value_or(l.any ? l.kind : default_dtype_);
  Tensor out = Tensor::empty(shape, dtype);
  visit(dtype, [&]<class T>(T) {
    T* p = out.data<T>();
    for (int64_t i = 0; i < out.numel(); ++i) {
      const auto k = static_cast<size_t>(i);
      if constexpr (std::is_same_v<T, int64_t>)
        p[i] = is_floating(l.kind) ? cast<int64_t>(l.numbers[k]) : l.integers[k];
      else
        p[i] = static_cast<T>(l.numbers[k]);
    }
  });
  return out;
}

// --- arrays

template <class From, class To>
void copy_buffer(const Py_buffer& b, To* to) {
  Dims at(b.ndim, 0);
  int64_t n = 1;
  for (int d = 0; d < b.ndim; ++d) n *= b.shape[d];
  for (int64_t i = 0; i < n; ++i) {
    const char* p = static_cast<const char*>(b.buf);
    for (int d = 0; d < b.ndim; ++d) p += at[d] * b.strides[d];
    From v;
    std::memcpy(&v, p, sizeof v);
    to[i] = static_cast<To>(v);
    for (int d = b.ndim - 1; d >= 0 && ++at[d] == b.shape[d]; --d) at[d] = 0;
  }
}

struct View {
  Py_buffer b;
  explicit View(PyObject* o) {
    if (PyObject_GetBuffer(o, &b, PyBUF_RECORDS_RO) < 0) throw py::error_already_set();
  }
  ~View() { PyBuffer_Release(&b); }
  View(const View&) = delete;
  View& operator=(const View&) = delete;
};

char code_of(const Py_buffer& b) {
  const char* f = b.format ? b.format : "B";
  if (*f == '@' || *f == '=' || *f == '<') ++f;
  if (f[0] && f[1]) return 0;
  return *f;
}

Tensor from_buffer(PyObject* o, std::optional<DType> wanted) {
  const View view(o);
  const Py_buffer& b = view.b;
  Dims shape;
  for (int d = 0; d < b.ndim; ++d) shape.push_back(b.shape[d]);
  DType dtype;
  switch (code_of(b)) {
    case 'f':
      dtype = DType::float32;
      break;
    case 'd':
      dtype = DType::float64;
      break;
    case '?':
      dtype = DType::boolean;
      break;
    case 'b':
    case 'B':
    case 'h':
    case 'H':
    case 'i':
    case 'I':
    case 'l':
    case 'L':
    case 'q':
    case 'Q':
      dtype = DType::int64;
      break;
    default:
      throw DTypeError(
          "tensor: an array of element format '{}' has no dtype here; convert it to float32, float64, int64 or bool",
          b.format ? b.format : "?");
  }
  Tensor out = Tensor::empty(shape, dtype);
  switch (code_of(b)) {
    case 'f':
      copy_buffer<float>(b, out.data<float>());
      break;
    case 'd':
      copy_buffer<double>(b, out.data<double>());
      break;
    case '?':
      copy_buffer<bool>(b, out.data<bool>());
      break;
    case 'b':
      copy_buffer<int8_t>(b, out.data<int64_t>());
      break;
    case 'B':
      copy_buffer<uint8_t>(b, out.data<int64_t>());
      break;
    case 'h':
      copy_buffer<int16_t>(b, out.data<int64_t>());
      break;
    case 'H':
      copy_buffer<uint16_t>(b, out.data<int64_t>());
      break;
    case 'i':
      copy_buffer<int32_t>(b, out.data<int64_t>());
      break;
    case 'I':
      copy_buffer<uint32_t>(b, out.data<int64_t>());
      break;
    case 'l':
    case 'q':
      copy_buffer<int64_t>(b, out.data<int64_t>());
      break;
    default:
      copy_buffer<uint64_t>(b, out.data<int64_t>());
      break;
  }
  return wanted ? ops::cast_data(out, *wanted) : out;
}

}  // namespace

PyObject* wrap(DType t) {
  return Py_NewRef(dtype_objects()[static_cast<size_t>(t)].ptr());
}
DType default_dtype() {
  return default_dtype_;
}
void set_default_dtype(DType t) {
  if (!is_floating(t))
    throw TypeError("only floating-point types are supported as the default type, not {}", name_of(t));
  default_dtype_ = t;
}

DType dtype_from(py::handle o) {
  if (py::isinstance<DTypeObject>(o)) return o.cast<DTypeObject&>().value;
  if (o.ptr() == reinterpret_cast<PyObject*>(&PyFloat_Type)) return DType::float64;
  if (o.ptr() == reinterpret_cast<PyObject*>(&PyLong_Type)) return DType::int64;
  if (o.ptr() == reinterpret_cast<PyObject*>(&PyBool_Type)) return DType::boolean;
  throw TypeError("expected a dtype, such as tapescope.float32, not {}", std::string(py::str(py::type::of(o))));
}

Tensor tensor_from(py::handle data, std::optional<DType> dtype) {
  PyObject* o = data.ptr();
  if (is_tensor(o)) {
    const Tensor t = unwrap(o);
    Tensor copy = Tensor::empty(t.shape(), dtype.value_or(t.dtype()));
    ops::copy_elements(copy, t);
    return copy;
  }
  Leaves l;
  if (is_sequence(o)) {
    // A list of arrays, as NumPy makes one of it.
    if (PySequence_Fast_GET_SIZE(o) && PyObject_CheckBuffer(PySequence_Fast_GET_ITEM(o, 0)) &&
        !is_tensor(PySequence_Fast_GET_ITEM(o, 0)) && py::hasattr(PySequence_Fast_GET_ITEM(o, 0), "ndim"))
      return from_buffer(py::module_::import("numpy").attr("array")(data).ptr(), dtype);
    collect(l, o, 0);
    return from_leaves(l, l.shape, dtype);
  }
  if (PyObject_CheckBuffer(o) && !PyBytes_Check(o)) return from_buffer(o, dtype);
  if (PyUnicode_Check(o) || PyBytes_Check(o) || o == Py_None)
    throw TypeError("tensor: cannot make a tensor of a {}; give numbers, nested lists, or an array",
                    Py_TYPE(o)->tp_name);
  add_leaf(l, o);
  return from_leaves(l, {}, dtype);
}

Tensor operand_from(PyObject* o, const Tensor& like) {
  if (is_tensor(o)) return unwrap(o);
  if (PyFloat_Check(o))
    return ops::scalar(PyFloat_AS_DOUBLE(o), is_floating(like.dtype()) ? like.dtype() : default_dtype_);
  if (PyBool_Check(o)) return ops::scalar(o == Py_True ? 1.0 : 0.0, like.dtype());
  if (PyLong_Check(o)) {
    const long long v = PyLong_AsLongLong(o);
    if (v == -1 && PyErr_Occurred()) throw py::error_already_set();
    if (is_floating(like.dtype())) return ops::scalar(static_cast<double>(v), like.dtype());
    return ops::scalar(int64_t{v});
  }
  if (PyObject_CheckBuffer(o) && !PyBytes_Check(o)) return tensor_from(o, {});  // arrays and NumPy's numbers
  return {};
}

Dims dims_from(const py::args& args) {
  if (args.size() == 1 && !PyIndex_Check(args[0].ptr())) return args[0].cast<Dims>();
  return py::tuple(args).cast<Dims>();
}

void init_dtypes(py::module_& m) {
  py::class_<DTypeObject>(m, "dtype", "Element type of a tensor.")
      .def("__repr__", [](const DTypeObject& t) { return fmt::format("tapescope.{}", name_of(t.value)); })
      .def_property_readonly(
          "itemsize", [](const DTypeObject& t) { return itemsize(t.value); }, "Unit: bytes.")
      .def_property_readonly("is_floating_point", [](const DTypeObject& t) { return is_floating(t.value); })
      .def("__reduce__", [](const DTypeObject& t) {
        return py::make_tuple(py::module_::import("builtins").attr("getattr"),
                              py::make_tuple(py::module_::import("tapescope"), std::string(name_of(t.value))));
      });
  for (int i = 0; i < kDTypes; ++i) {
    dtype_objects().push_back(py::cast(DTypeObject{static_cast<DType>(i)}));
    m.attr(std::string(name_of(static_cast<DType>(i))).c_str()) = dtype_objects().back();
  }
}

}  // namespace tapescope::face
