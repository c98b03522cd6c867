// Factories, and what a tensor tells of itself.
#include <pybind11/numpy.h>

#include <array>

#include "core/graph/autograd_meta.h"
#include "core/ops/call.h"
#include "core/ops/iterator.h"
#include "core/python/borrow.h"
#include "core/python/numbers.h"
#include "core/python/on_cpu.h"
#include "core/python/python_tracer.h"
#include "core/python/tensor_members.h"
#include "core/tensor/random.h"

namespace tapescope::face {
namespace {

using py::arg;
using MaybeDType = std::optional<DType>;

DType or_default(const MaybeDType& t) {
  return t.value_or(default_dtype());
}

Tensor with_grad(Tensor t, bool requires_grad) {
  if (requires_grad && !is_differentiable(t.dtype()))
    throw AutogradError("only Tensors of floating point and complex dtype can require gradients; this one is {}",
                        name_of(t.dtype()));
  t.impl()->requires_grad_flag = requires_grad;
  return t;
}

bool is_integer(py::handle h) {
  return PyLong_Check(h.ptr()) && !PyBool_Check(h.ptr());
}

// dtype of full and arange: that of the numbers given, unless asked for.
DType number_dtype(const MaybeDType& t, std::initializer_list<py::handle> numbers) {
  if (t) return *t;
  const auto is = [](py::handle n, bool python, auto of_tensor) {
    return is_tensor(n.ptr()) ? of_tensor(unwrap(n.ptr()).dtype()) : python;
  };
  for (py::handle n : numbers)
    if (is(n, PyBool_Check(n.ptr()), [](DType d) { return d == DType::boolean; })) return DType::boolean;
  for (py::handle n : numbers)
    if (is(n, PyComplex_Check(n.ptr()), [](DType d) { return is_complex(d); })) return to_complex(default_dtype());
  for (py::handle n : numbers)
    if (is(n, !is_integer(n), [](DType d) { return is_differentiable(d); })) return default_dtype();
  return DType::int64;
}

py::array to_numpy(py::object self) {
  const Tensor t = unwrap(self.ptr());
  std::vector<py::ssize_t> shape, strides;
  for (int d = 0; d < t.dim(); ++d) shape.push_back(t.size(d)), strides.push_back(t.strides()[d] * itemsize(t.dtype()));
  return py::array(py::dtype(numpy_code(t.dtype())), shape, strides, t.raw(), self);
}

py::object nested_list(const Tensor& t, int dim, const char* p) {
  if (dim == t.dim()) return number_at(t.dtype(), p);
  py::list out;
  for (int64_t i = 0; i < t.size(dim); ++i)
    out.append(nested_list(t, dim + 1, p + i * t.strides()[dim] * itemsize(t.dtype())));
  return out;
}

Tensor from_numpy(py::array a);

// Shares the array's memory where that can be; copies else.
Tensor as_array(const py::array& a, MaybeDType wanted) {
  const auto dtype = dtype_of_numpy(a.dtype().kind(), a.itemsize());
  bool shared = dtype && (!wanted || *wanted == *dtype) && a.writeable() && a.dtype().byteorder() != '>' &&
                *dtype != DType::boolean;
  for (py::ssize_t d = 0; d < a.ndim(); ++d) shared = shared && a.strides(d) >= 0 && a.strides(d) % a.itemsize() == 0;
  return shared ? from_numpy(a) : tensor_from(a, wanted);
}

Tensor from_numpy(py::array a) {
  const auto dtype = dtype_of_numpy(a.dtype().kind(), a.itemsize());
  if (!dtype || a.dtype().byteorder() == '>')
    throw TypeError(
        "from_numpy: an array of {} cannot be shared; supported are bool, uint8, int8 to int64, float16 to float64, "
        "complex64 and complex128. tensor(array) makes a copy in a fitting dtype",
        std::string(py::str(a.dtype())));
  if (!a.writeable()) throw ValueError("from_numpy: the array is not writeable; tensor(array) makes a copy");
  if (*dtype == DType::boolean && a.size() > 0 && a.attr("view")("u1").attr("max")().cast<int>() > 1)
    throw ValueError(
        "from_numpy: an array of bools holds a byte that is neither 0 nor 1; make them anew with array != 0");
  Borrowed memory{a.mutable_data(), *dtype, {}, {}};
  for (py::ssize_t d = 0; d < a.ndim(); ++d) {
    if (a.strides(d) % a.itemsize() || a.strides(d) < 0)
      throw ValueError(
          "from_numpy: strides that are negative or no multiple of the element size are not supported; use "
          "tensor(array.copy())");
    memory.shape.push_back(a.shape(d));
    memory.strides.push_back(a.strides(d) / a.itemsize());
  }
  return borrow(memory, a.inc_ref().ptr(), [](void* o) noexcept {
    if (!Py_IsInitialized()) return;
    const PyGILState_STATE gil = PyGILState_Ensure();
    Py_DECREF(static_cast<PyObject*>(o));
    PyGILState_Release(gil);
  });
}

// A number that the trace follows, if it is a tensor.
Tensor fill_value(const py::object& value) {
  if (!is_tensor(value.ptr())) return scalar_from(value.ptr());
  ops::check_single(unwrap(value.ptr()));
  return unwrap(value.ptr());
}

constexpr auto kFull = static_cast<Tensor (*)(const Dims&, const Tensor&, DType)>(&ops::full);

// Of sizes that the trace follows.
Tensor traced_arange(const std::array<py::object, 3>& bounds, MaybeDType t) {
  int64_t numbers[3];
  jit::tracing_state()->stash.clear();
  for (size_t i = 0; i < 3; ++i) {
    numbers[i] = whole_from(bounds[i].ptr());
    if (is_tensor(bounds[i].ptr())) jit::tracing_state()->stash.push_back({i, 0, unwrap(bounds[i].ptr())});
  }
  const Tensor out = ops::called<&ops::whole_arange>(numbers[0], numbers[1], numbers[2]);
  return t && *t != DType::int64 ? ops::called<&ops::to>(out, *t) : out;
}

// The number of elements as a trace sees it: the product of the sizes.
py::object traced_numel(const Tensor& x) {
  if (!jit::is_tracing() || !jit::tracing_state()->has_value(x) || !x.dim()) return py::int_(x.numel());
  const py::tuple sizes = traced_shape(x);
  py::object n = sizes[0];
  for (size_t i = 1; i < sizes.size(); ++i) n = n * sizes[i];
  return n;
}

}  // namespace

void bind_factories(py::module_& m) {
  m.def(
      "tensor",
      [](py::object data, MaybeDType dtype, OnCpu, bool rg) {
        tracer_warn("tapescope.tensor", false);
        return with_grad(tensor_from(data, dtype), rg);
      },
      arg("data"), py::kw_only(), arg("dtype") = py::none(), arg("device") = py::none(), arg("requires_grad") = false,
      "A tensor with a copy of `data`: a number, nested lists of numbers, an array, a tensor. dtype: that of the data "
      "(floats: the default dtype).");
  m.def(
      "as_tensor",
      [](py::object data, MaybeDType dtype, OnCpu) {
        tracer_warn("tapescope.as_tensor", false);
        if (is_tensor(data.ptr()))
          return dtype ? ops::called<&ops::to>(unwrap(data.ptr()), *dtype) : unwrap(data.ptr());
        if (py::isinstance<py::array>(data)) return as_array(data, dtype);
        return tensor_from(data, dtype);
      },
      arg("data"), arg("dtype") = py::none(), arg("device") = py::none(),
      "The tensor itself, or one that shares an array's memory, where neither dtype nor layout stands against it; else "
      "a copy.");
  m.def(
      "from_numpy",
      [](const py::array& a) {
        tracer_warn("tapescope.from_numpy", false);
        return literal(from_numpy(a));
      },
      arg("array"), "A tensor that shares the array's memory.");
  const auto filled = [&](const char* name, Tensor (*make)(const Dims&, const DType&),
                          Tensor (*like)(const Tensor&, const MaybeDType&)) {
    m.def(
        name,
        [make](const py::args& size, MaybeDType t, OnCpu, bool rg) {
          return with_grad(make(dims_from(size), or_default(t)), rg);
        },
        py::kw_only(), arg("dtype") = py::none(), arg("device") = py::none(), arg("requires_grad") = false);
    m.def((std::string(name) + "_like").c_str(),
          [like](const Tensor& x, MaybeDType t, OnCpu, bool rg) { return with_grad(like(x, t), rg); }, arg("input"),
          py::kw_only(), arg("dtype") = py::none(), arg("device") = py::none(), arg("requires_grad") = false);
  };
  filled("zeros", ops::called<&ops::zeros, Dims, DType>, ops::called<&ops::zeros_like, Tensor, MaybeDType>);
  filled("empty", ops::called<&ops::zeros, Dims, DType>, ops::called<&ops::zeros_like, Tensor, MaybeDType>);
  filled("ones", ops::called<&ops::ones, Dims, DType>, ops::called<&ops::ones_like, Tensor, MaybeDType>);
  m.def(
      "full",
      [](const Dims& size, py::object value, MaybeDType t, OnCpu, bool rg) {
        return with_grad(ops::called<kFull>(size, fill_value(value), number_dtype(t, {value})), rg);
      },
      arg("size"), arg("fill_value"), py::kw_only(), arg("dtype") = py::none(), arg("device") = py::none(),
      arg("requires_grad") = false);
  m.def(
      "full_like",
      [](const Tensor& x, py::object value, MaybeDType t, OnCpu) {
        return ops::called<&ops::full_like>(x, fill_value(value), t);
      },
      arg("input"), arg("fill_value"), py::kw_only(), arg("dtype") = py::none(), arg("device") = py::none());
  m.def(
      "arange",
      [](const py::args& a, MaybeDType t, OnCpu, bool rg) {
        if (a.empty() || a.size() > 3) throw TypeError("arange takes end; start, end; or start, end, step");
        const py::object start = a.size() > 1 ? py::object(a[0]) : py::object(py::int_(0)),
                         end = a.size() > 1 ? py::object(a[1]) : py::object(a[0]),
                         step = a.size() > 2 ? py::object(a[2]) : py::object(py::int_(1));
        if (jit::is_tracing() && (is_tensor(start.ptr()) || is_tensor(end.ptr()) || is_tensor(step.ptr())))
          return with_grad(traced_arange({start, end, step}, t), rg);
        const DType dtype = number_dtype(t, {start, end, step});
        if (dtype == DType::int64 && PyLong_Check(start.ptr()) && PyLong_Check(end.ptr()) && PyLong_Check(step.ptr()))
          return with_grad(
              ops::called<&ops::whole_arange>(start.cast<int64_t>(), end.cast<int64_t>(), step.cast<int64_t>()), rg);
        return with_grad(
            ops::called<&ops::arange>(start.cast<double>(), end.cast<double>(), step.cast<double>(), dtype), rg);
      },
      py::kw_only(), arg("dtype") = py::none(), arg("device") = py::none(), arg("requires_grad") = false);
  m.def(
      "linspace",
      [](double a, double b, int64_t n, MaybeDType t, OnCpu, bool rg) {
        return with_grad(ops::called<&ops::linspace>(a, b, n, or_default(t)), rg);
      },
      arg("start"), arg("end"), arg("steps"), py::kw_only(), arg("dtype") = py::none(), arg("device") = py::none(),
      arg("requires_grad") = false);
  m.def(
      "eye",
      [](int64_t n, std::optional<int64_t> k, MaybeDType t, OnCpu, bool rg) {
        return with_grad(ops::called<&ops::eye>(n, k.value_or(n), or_default(t)), rg);
      },
      arg("n"), arg("m") = py::none(), py::kw_only(), arg("dtype") = py::none(), arg("device") = py::none(),
      arg("requires_grad") = false);
  const auto random = [&](const char* name, Tensor (*f)(const Dims&, const DType&),
                          Tensor (*like)(const Tensor&, const MaybeDType&)) {
    m.def(
        name,
        [f](const py::args& size, MaybeDType t, OnCpu, bool rg) {
          return with_grad(f(dims_from(size), or_default(t)), rg);
        },
        py::kw_only(), arg("dtype") = py::none(), arg("device") = py::none(), arg("requires_grad") = false);
    m.def((std::string(name) + "_like").c_str(), [like](const Tensor& x, MaybeDType t, OnCpu) { return like(x, t); },
          arg("input"), py::kw_only(), arg("dtype") = py::none(), arg("device") = py::none());
  };
  random("rand", ops::called<&ops::rand, Dims, DType>, ops::called<&ops::rand_like, Tensor, MaybeDType>);
  random("randn", ops::called<&ops::randn, Dims, DType>, ops::called<&ops::randn_like, Tensor, MaybeDType>);
  m.def(
      "randint",
      [](int64_t low, int64_t high, const Dims& size, MaybeDType t, OnCpu) {
        return ops::called<&ops::randint>(low, high, size, t.value_or(DType::int64));
      },
      arg("low"), arg("high"), arg("size"), py::kw_only(), arg("dtype") = py::none(), arg("device") = py::none());
  m.def(
      "randint",
      [](int64_t high, const Dims& size, MaybeDType t, OnCpu) {
        return ops::called<&ops::randint>(0, high, size, t.value_or(DType::int64));
      },
      arg("high"), arg("size"), py::kw_only(), arg("dtype") = py::none(), arg("device") = py::none());
  m.def(
      "randint_like",
      [](const Tensor& x, int64_t low, int64_t high, MaybeDType t, OnCpu) {
        return ops::called<&ops::randint_like>(x, low, high, t);
      },
      arg("input"), arg("low"), arg("high"), py::kw_only(), arg("dtype") = py::none(), arg("device") = py::none());
  m.def(
      "randint_like",
      [](const Tensor& x, int64_t high, MaybeDType t, OnCpu) { return ops::called<&ops::randint_like>(x, 0, high, t); },
      arg("input"), arg("high"), py::kw_only(), arg("dtype") = py::none(), arg("device") = py::none());
  m.def(
      "randperm",
      [](int64_t n, MaybeDType t, OnCpu) { return ops::called<&ops::randperm>(n, t.value_or(DType::int64)); }, arg("n"),
      py::kw_only(), arg("dtype") = py::none(), arg("device") = py::none());
  m.def(
      "manual_seed",
      [](const py::object& given) {
        const auto s = py::reinterpret_steal<py::object>(PyNumber_Index(given.ptr()));
        if (!s) throw py::error_already_set();
        const bool negative = s.attr("__lt__")(0).cast<bool>();  // -1 is the largest
        const uint64_t value =
            negative ? static_cast<uint64_t>(PyLong_AsLongLong(s.ptr())) : PyLong_AsUnsignedLongLong(s.ptr());
        if (PyErr_Occurred()) {
          PyErr_Clear();
          throw ValueError("manual_seed: {} lies outside of -2^63 to 2^64 - 1", std::string(py::str(s)));
        }
        Generator::global().seed(value);
      },
      arg("seed"), "Seeds the default generator: same seed, same numbers. seed: -2^63 to 2^64 - 1, else ValueError.");
  m.def("initial_seed", [] { return Generator::global().initial_seed(); });
  m.def("get_rng_state", [] {
    const auto s = Generator::global().state();
    return py::make_tuple(s[0], s[1]);
  });
  m.def(
      "set_rng_state",
      [](const py::object& state) {
        try {
          const auto s = state.cast<std::pair<uint64_t, uint64_t>>();
          Generator::global().set_state({s.first, s.second});
        } catch (const py::cast_error&) {
          throw TypeError("set_rng_state: expects what get_rng_state() gave, not {}", std::string(py::repr(state)));
        }
      },
      arg("state"));
  m.def("get_default_dtype", &default_dtype);
  m.def("set_default_dtype", &set_default_dtype, arg("dtype"));
  add_to_tensor("_make_subclass", py::reinterpret_steal<py::object>(PyStaticMethod_New(
                                      py::cpp_function(
                                          [](py::type cls, const Tensor& data, bool rg) {
                                            return py::reinterpret_steal<py::object>(make_subclass(
                                                reinterpret_cast<PyTypeObject*>(cls.ptr()), data.alias(), rg));
                                          },
                                          arg("cls"), arg("data"), arg("require_grad") = false)
                                          .ptr())));
}

void bind_members(py::module_& m) {
  def_method("is_contiguous", [](const Tensor& x) { return x.is_contiguous(); });
  def_method("stride", [](const Tensor& x) { return x.strides(); });
  def_method("storage_offset", [](const Tensor& x) { return x.impl()->offset; });
  def_method("data_ptr", [](const Tensor& x) { return reinterpret_cast<uintptr_t>(x.raw()); });
  def_method("size", [](const Tensor& x) { return traced_shape(x); });
  def_method(
      "size",
      [](const Tensor& x, int64_t dim) -> py::object {
        const int d = wrap_dim("size", dim, x.dim());
        if (!ops::calls_observed()) return py::int_(x.size(d));
        return traced_shape(x)[static_cast<size_t>(d)];
      },
      arg("dim"));
  m.def("_increment_version", [](const Tensor& x) {
    if (x.impl()->inference)
      throw AutogradError("Inference tensors do not track version counter; increment_version has nothing to count.");
    x.bump_version();
  });
  m.def("_storage_of", [](const Tensor& x) {
    const Ref<Storage>& s = x.impl()->storage;
    return py::make_tuple(s->id(), s->bytes());
  });
  def_op(m, "numel", [](const Tensor& x) { return traced_numel(x); });
  def_method("is_inference", [](const Tensor& x) { return x.impl()->inference; });
  def_method("_is_view", [](const Tensor& x) { return x.impl()->meta && x.impl()->meta->base.defined(); });
  def_method("dim", [](const Tensor& x) { return x.dim(); });
  def_method("element_size", [](const Tensor& x) { return itemsize(x.dtype()); });
  def_method("cpu", [](const Tensor& x) { return x; });
  def_method(
      "item",
      [](const Tensor& x) -> py::object {
        ops::check_single(x);
        tracer_warn("Converting a tensor to a Python number");
        return nested_list(x.alias({}, {}, x.impl()->offset), 0, x.raw());
      },
      "The only element as a Python number. Raises RuntimeError if there are more.");
  def_method("tolist", [](const Tensor& x) {
    tracer_warn("Converting a tensor to a Python list");
    return nested_list(x, 0, x.raw());
  });
  add_to_tensor("numpy",
                py::cpp_function(
                    [](py::object self, bool force) {
                      tracer_warn("Converting a tensor to a NumPy array");
                      if (force) self = py::reinterpret_steal<py::object>(wrap(unwrap(self.ptr()).alias()));
                      if (unwrap(self.ptr()).requires_grad())
                        throw AutogradError(
                            "Can't call numpy() on Tensor that requires grad. Use tensor.detach().numpy() instead.");
                      return to_numpy(self);
                    },
                    py::name("numpy"), py::is_method(py::handle(reinterpret_cast<PyObject*>(&TensorType))),
                    py::kw_only(), arg("force") = false,
                    "An array that shares the memory. Raises RuntimeError if the tensor requires grad, unless `force`: "
                    "then it is detached first."));
  add_to_tensor("__array__",
                py::cpp_function(
                    [](py::object self, py::object dtype, py::object) -> py::object {
                      tracer_warn("Converting a tensor to a NumPy array");
                      if (unwrap(self.ptr()).requires_grad())
                        throw AutogradError(
                            "Can't call numpy() on Tensor that requires grad. Use tensor.detach().numpy() instead.");
                      py::object a = to_numpy(self);
                      return dtype.is_none() ? a : py::object(a.attr("astype")(dtype));
                    },
                    py::name("__array__"), py::is_method(py::handle(reinterpret_cast<PyObject*>(&TensorType))),
                    arg("dtype") = py::none(), arg("copy") = py::none()));
}

}  // namespace tapescope::face
