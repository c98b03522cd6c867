// From Python's values to tensors and dtypes, and back.
#include <cstring>
#include <limits>

#include "core/ops/iterator.h"
#include "core/python/numbers.h"
#include "core/python/python_tracer.h"

namespace tapescope::face {
namespace {

// --- nested lists

struct Leaves {
  Dims shape;
  std::vector<double> numbers;
  std::vector<int64_t> integers;  // exact where `numbers` would round
  std::vector<double> imaginary;  // as far as there are any
  DType kind = DType::boolean;
  bool any = false;

  void add(DType t, double number, int64_t integer) {
    kind = promote(kind, t);
    numbers.push_back(number);
    integers.push_back(integer);
    any = true;
  }
  void add(DType t, std::complex<double> z) {
    imaginary.resize(numbers.size() + 1);
    imaginary.back() = z.imag();
    add(t, z.real(), 0);
  }
};

void add_leaf(Leaves& out, PyObject* o) {
  if (is_tensor(o)) {
    const Tensor t = scalar_from(o);
    visit(t.dtype(), [&]<class T>(T) {
      if constexpr (is_complex_type<T>)
        out.add(t.dtype(), cast<std::complex<double>>(*t.data<T>()));
      else
        out.add(t.dtype(), cast<double>(*t.data<T>()), std::is_integral_v<T> ? cast<int64_t>(*t.data<T>()) : 0);
    });
  } else if (PyBool_Check(o)) {
    out.add(DType::boolean, o == Py_True, o == Py_True);
  } else if (PyComplex_Check(o)) {
    const Py_complex c = PyComplex_AsCComplex(o);
    out.add(to_complex(default_dtype()), {c.real, c.imag});
  } else if (PyLong_Check(o) || (!PyFloat_Check(o) && PyIndex_Check(o))) {
    const py::object i = py::reinterpret_steal<py::object>(PyNumber_Index(o));
    const long long v = PyLong_AsLongLong(i.ptr());
    if (v == -1 && PyErr_Occurred()) {
      PyErr_Clear();
      throw ValueError("tensor: {} does not fit int64", std::string(py::str(o)));
    }
    out.add(DType::int64, static_cast<double>(v), v);
  } else {
    const double v = PyFloat_AsDouble(o);
    if (v == -1 && PyErr_Occurred()) {
      PyErr_Clear();
      throw TypeError("tensor: cannot make an element of a {}; give numbers, bools, nested lists of them, or an array",
                      Py_TYPE(o)->tp_name);
    }
    out.add(default_dtype(), v, 0);
  }
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

// Element k as T; what T cannot hold is an error here, for the number was written out. Negative ones wrap around in an
// unsigned type, as in PyTorch.
template <class T>
T leaf_as(const Leaves& l, size_t k) {
  if constexpr (is_complex_type<T>) {
    return cast<T>(std::complex<double>(l.numbers[k], k < l.imaginary.size() ? l.imaginary[k] : 0.0));
  } else if constexpr (std::is_integral_v<T> && !std::is_same_v<T, bool>) {
    const int64_t v = is_differentiable(l.kind) ? cast<int64_t>(l.numbers[k]) : l.integers[k];
    using Limits = std::numeric_limits<T>;
    if (sizeof(T) < 8 &&
        (v > int64_t{Limits::max()} || v < (Limits::is_signed ? int64_t{Limits::min()} : -int64_t{Limits::max()})))
      throw ValueError("tensor: value {} cannot be converted to type {} without overflow: it holds {} to {}", v,
                       name_of(dtype_of<T>), int64_t{Limits::min()}, int64_t{Limits::max()});
    return static_cast<T>(v);
  } else {
    return cast<T>(l.numbers[k]);
  }
}

Tensor from_leaves(const Leaves& l, const Dims& shape, std::optional<DType> wanted) {
  const DType dtype = wanted.value_or(l.any ? l.kind : default_dtype());
  if (is_complex(l.kind) && !is_complex(dtype))
    throw TypeError("tensor: a complex number does not fit {}; take its .real, or ask for dtype {}", name_of(dtype),
                    name_of(to_complex(dtype)));
  Tensor out = Tensor::empty(shape, dtype);
  visit(dtype, [&]<class T>(T) {
    for (int64_t i = 0; i < out.numel(); ++i) out.data<T>()[i] = leaf_as<T>(l, static_cast<size_t>(i));
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

// A buffer's element format: the letter, with Z before it for complex numbers; empty: none that is known.
std::string_view code_of(const Py_buffer& b) {
  const char* f = b.format ? b.format : "B";
  if (*f == '@' || *f == '=' || *f == '<') ++f;
  const std::string_view code(f);
  return code.size() == 1 || (code.size() == 2 && code[0] == 'Z') ? code : std::string_view();
}

// The dtype for a format. Unsigned integers of which there is no dtype get the next larger one, or int64.
std::optional<DType> dtype_of_format(std::string_view code, int64_t bytes) {
  if (code.size() == 2) return dtype_of_numpy('c', bytes);
  if (code.empty()) return {};
  switch (code[0]) {
    case '?':
      return DType::boolean;
    case 'b':
    case 'h':
    case 'i':
    case 'l':
    case 'q':
      return dtype_of_numpy('i', bytes);
    case 'B':
      return DType::uint8;
    case 'H':
    case 'I':
    case 'L':
    case 'Q':
      return bytes == 2 ? DType::int32 : DType::int64;
    case 'e':
    case 'f':
    case 'd':
      return dtype_of_numpy('f', bytes);
    default:
      return {};
  }
}

Tensor from_buffer(PyObject* o, std::optional<DType> wanted) {
  const View view(o);
  const Py_buffer& b = view.b;
  Dims shape;
  for (int d = 0; d < b.ndim; ++d) shape.push_back(b.shape[d]);
  const std::string_view code = code_of(b);
  const std::optional<DType> dtype = dtype_of_format(code, b.itemsize);
  if (!dtype)
    throw DTypeError(
        "tensor: an array of element format '{}' has no dtype here; convert it to float32, float64, int64, bool or "
        "complex128",
        b.format ? b.format : "?");
  Tensor out = Tensor::empty(shape, *dtype);
  if (itemsize(*dtype) == b.itemsize)
    visit_bits(*dtype, [&]<class T>(T) { copy_buffer<T>(b, out.data<T>()); });
  else if (b.itemsize == 2)
    copy_buffer<uint16_t>(b, out.data<int32_t>());
  else
    copy_buffer<uint32_t>(b, out.data<int64_t>());
  return wanted ? ops::cast_data(out, *wanted) : out;
}

}  // namespace

namespace {

Tensor made_from(py::handle data, std::optional<DType> dtype) {
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

// Undefined for what is no number of Python's.
Tensor number_from(PyObject* o, const Tensor& like) {
  const DType t = like.dtype();
  if (PyFloat_Check(o)) return ops::number_like(PyFloat_AS_DOUBLE(o), like);
  if (PyBool_Check(o)) return ops::scalar(o == Py_True ? 1.0 : 0.0, t);
  if (PyLong_Check(o)) {
    const long long v = PyLong_AsLongLong(o);
    if (v == -1 && PyErr_Occurred()) throw py::error_already_set();
    if (is_differentiable(t)) return ops::number_like(static_cast<double>(v), like);
    const Tensor number = ops::scalar(int64_t{v});
    return is_integral(t) ? ops::cast_data(number, t) : number;
  }
  if (PyComplex_Check(o)) return scalar_from(o, is_differentiable(t) ? to_real(t) : default_dtype());
  return {};
}

}  // namespace

Tensor tensor_from(py::handle data, std::optional<DType> dtype) {
  return literal(made_from(data, dtype));
}

Tensor operand_from(PyObject* o, const Tensor& like) {
  if (is_tensor(o)) return unwrap(o);
  Tensor number = number_from(o, like);
  if (number.defined()) {
    number.impl()->number = true;
    // A trace keeps it as it was written: it may be run with other dtypes.
    if (ops::calls_observed() && jit::is_tracing()) jit::tracing_state()->keep_number(number, scalar_from(o));
  } else if (PyObject_CheckBuffer(o) && !PyBytes_Check(o)) {
    return tensor_from(o, {});  // arrays and NumPy's numbers
  }
  return number;
}

void stash_size(size_t element, PyObject* size) {
  constexpr size_t kTheOnlyDims = SIZE_MAX;
  if (is_tensor(size) && jit::is_tracing())
    jit::tracing_state()->stash.push_back({kTheOnlyDims, element, unwrap(size)});
}

Dims dims_from(const py::args& args) {
  if (ops::calls_observed() && jit::is_tracing()) jit::tracing_state()->stash.clear();
  if (args.size() == 1 && !PyIndex_Check(args[0].ptr())) return args[0].cast<Dims>();
  return py::tuple(args).cast<Dims>();
}

}  // namespace tapescope::face
