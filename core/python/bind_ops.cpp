// Factories, views, reductions, products, losses: convert, call, wrap.
#include <pybind11/numpy.h>

#include "core/ops/iterator.h"
#include "core/python/borrow.h"
#include "core/python/numbers.h"
#include "core/python/tensor_members.h"
#include "core/tensor/random.h"

namespace tapescope::face {
namespace {

using ops::OptionalDims;
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

ops::Reduction reduction_from(const std::string& name) {
  if (name == "mean") return ops::Reduction::mean;
  if (name == "sum") return ops::Reduction::sum;
  if (name == "none") return ops::Reduction::none;
  throw ValueError("'{}' is not a valid value for reduction: use 'none', 'mean' or 'sum'", name);
}

bool is_integer(py::handle h) {
  return PyLong_Check(h.ptr()) && !PyBool_Check(h.ptr());
}

// dtype of full and arange: that of the numbers given, unless asked for.
DType number_dtype(const MaybeDType& t, std::initializer_list<py::handle> numbers) {
  if (t) return *t;
  for (py::handle n : numbers)
    if (PyBool_Check(n.ptr())) return DType::boolean;
  for (py::handle n : numbers)
    if (PyComplex_Check(n.ptr())) return to_complex(default_dtype());
  for (py::handle n : numbers)
    if (!is_integer(n)) return default_dtype();
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

Tensor from_numpy(py::array a) {
  const auto dtype = dtype_of_numpy(a.dtype().kind(), a.itemsize());
  if (!dtype || a.dtype().byteorder() == '>')
    throw TypeError(
        "from_numpy: an array of {} cannot be shared; supported are bool, uint8, int8 to int64, float16 to float64, "
        "complex64 and complex128. tensor(array) makes a copy in a fitting dtype",
        std::string(py::str(a.dtype())));
  if (!a.writeable()) throw ValueError("from_numpy: the array is not writeable; tensor(array) makes a copy");
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

}  // namespace

void bind_factories(py::module_& m) {
  m.def(
      "tensor", [](py::object data, MaybeDType dtype, bool rg) { return with_grad(tensor_from(data, dtype), rg); },
      arg("data"), py::kw_only(), arg("dtype") = py::none(), arg("requires_grad") = false,
      "A tensor with a copy of `data`: a number, nested lists of numbers, an array, a tensor. dtype: that of the data "
      "(floats: the default dtype).");
  m.def(
      "as_tensor",
      [](py::object data, MaybeDType dtype) {
        if (is_tensor(data.ptr())) return dtype ? ops::to(unwrap(data.ptr()), *dtype) : unwrap(data.ptr());
        return tensor_from(data, dtype);
      },
      arg("data"), arg("dtype") = py::none());
  m.def("from_numpy", &from_numpy, arg("array"), "A tensor that shares the array's memory.");
  const auto filled = [&](const char* name, double value) {
    m.def(
        name,
        [value](const py::args& size, MaybeDType t, bool rg) {
          return with_grad(ops::full(dims_from(size), value, or_default(t)), rg);
        },
        py::kw_only(), arg("dtype") = py::none(), arg("requires_grad") = false);
    m.def((std::string(name) + "_like").c_str(),
          [value](const Tensor& x, MaybeDType t, bool rg) {
            return with_grad(ops::full(x.shape(), value, t.value_or(x.dtype())), rg);
          },
          arg("input"), py::kw_only(), arg("dtype") = py::none(), arg("requires_grad") = false);
  };
  filled("zeros", 0);
  filled("ones", 1);
  m.def(
      "empty",
      [](const py::args& size, MaybeDType t, bool rg) {
        return with_grad(ops::full(dims_from(size), 0, or_default(t)), rg);
      },
      py::kw_only(), arg("dtype") = py::none(), arg("requires_grad") = false);
  m.def(
      "empty_like", [](const Tensor& x) { return ops::full(x.shape(), 0, x.dtype()); }, arg("input"));
  m.def(
      "full",
      [](const Dims& size, py::object value, MaybeDType t, bool rg) {
        return with_grad(ops::full(size, scalar_from(value.ptr()), number_dtype(t, {value})), rg);
      },
      arg("size"), arg("fill_value"), py::kw_only(), arg("dtype") = py::none(), arg("requires_grad") = false);
  m.def(
      "full_like",
      [](const Tensor& x, py::object value, MaybeDType t) {
        return ops::full(x.shape(), scalar_from(value.ptr()), t.value_or(x.dtype()));
      },
      arg("input"), arg("fill_value"), py::kw_only(), arg("dtype") = py::none());
  m.def(
      "arange",
      [](const py::args& a, MaybeDType t, bool rg) {
        if (a.empty() || a.size() > 3) throw TypeError("arange takes end; start, end; or start, end, step");
        const py::object start = a.size() > 1 ? py::object(a[0]) : py::object(py::int_(0)),
                         end = a.size() > 1 ? py::object(a[1]) : py::object(a[0]),
                         step = a.size() > 2 ? py::object(a[2]) : py::object(py::int_(1));
        return with_grad(ops::arange(start.cast<double>(), end.cast<double>(), step.cast<double>(),
                                     number_dtype(t, {start, end, step})),
                         rg);
      },
      py::kw_only(), arg("dtype") = py::none(), arg("requires_grad") = false);
  m.def(
      "linspace",
      [](double a, double b, int64_t n, MaybeDType t, bool rg) {
        return with_grad(ops::linspace(a, b, n, or_default(t)), rg);
      },
      arg("start"), arg("end"), arg("steps"), py::kw_only(), arg("dtype") = py::none(), arg("requires_grad") = false);
  m.def(
      "eye",
      [](int64_t n, std::optional<int64_t> k, MaybeDType t, bool rg) {
        return with_grad(ops::eye(n, k.value_or(n), or_default(t)), rg);
      },
      arg("n"), arg("m") = py::none(), py::kw_only(), arg("dtype") = py::none(), arg("requires_grad") = false);
  const auto random = [&](const char* name, auto f) {
    m.def(
        name,
        [f](const py::args& size, MaybeDType t, bool rg) { return with_grad(f(dims_from(size), or_default(t)), rg); },
        py::kw_only(), arg("dtype") = py::none(), arg("requires_grad") = false);
    m.def((std::string(name) + "_like").c_str(),
          [f](const Tensor& x, MaybeDType t) { return f(x.shape(), t.value_or(x.dtype())); }, arg("input"),
          py::kw_only(), arg("dtype") = py::none());
  };
  random("rand", [](const Dims& s, DType t) { return ops::rand(s, t); });
  random("randn", [](const Dims& s, DType t) { return ops::randn(s, t); });
  m.def(
      "randint",
      [](int64_t low, int64_t high, const Dims& size, MaybeDType t) {
        return ops::randint(low, high, size, t.value_or(DType::int64));
      },
      arg("low"), arg("high"), arg("size"), py::kw_only(), arg("dtype") = py::none());
  m.def(
      "randint",
      [](int64_t high, const Dims& size, MaybeDType t) {
        return ops::randint(0, high, size, t.value_or(DType::int64));
      },
      arg("high"), arg("size"), py::kw_only(), arg("dtype") = py::none());
  m.def(
      "randint_like",
      [](const Tensor& x, int64_t low, int64_t high, MaybeDType t) {
        return ops::randint(low, high, x.shape(), t.value_or(x.dtype()));
      },
      arg("input"), arg("low"), arg("high"), py::kw_only(), arg("dtype") = py::none());
  m.def(
      "randint_like",
      [](const Tensor& x, int64_t high, MaybeDType t) {
        return ops::randint(0, high, x.shape(), t.value_or(x.dtype()));
      },
      arg("input"), arg("high"), py::kw_only(), arg("dtype") = py::none());
  m.def(
      "randperm", [](int64_t n, MaybeDType t) { return ops::randperm(n, t.value_or(DType::int64)); }, arg("n"),
      py::kw_only(), arg("dtype") = py::none());
  m.def(
      "manual_seed", [](uint64_t s) { Generator::global().seed(s); }, arg("seed"),
      "Seeds the default generator: same seed, same numbers.");
  m.def("initial_seed", [] { return Generator::global().initial_seed(); });
  m.def("get_rng_state", [] {
    const auto s = Generator::global().state();
    return py::make_tuple(s[0], s[1]);
  });
  m.def(
      "set_rng_state",
      [](std::pair<uint64_t, uint64_t> s) {
        Generator::global().set_state({s.first, s.second});
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

void bind_views(py::module_& m) {
  def_method("view", [](const Tensor& x, const py::args& a) {
    return a.size() == 1 && is_dtype(a[0]) ? ops::view_bits(x, dtype_from(a[0])) : ops::view(x, dims_from(a));
  });
  def_method("reshape", [](const Tensor& x, const py::args& a) { return ops::reshape(x, dims_from(a)); });
  m.def("reshape", &ops::reshape, arg("input"), arg("shape"));
  def_method("view_as", [](const Tensor& x, const Tensor& o) { return ops::view(x, o.shape()); });
  def_method("reshape_as", [](const Tensor& x, const Tensor& o) { return ops::reshape(x, o.shape()); });
  def_method("expand", [](const Tensor& x, const py::args& a) { return ops::expand(x, dims_from(a)); });
  def_method("expand_as", [](const Tensor& x, const Tensor& o) { return ops::expand(x, o.shape()); });
  def_method("permute", [](const Tensor& x, const py::args& a) { return ops::permute(x, dims_from(a)); });
  m.def("permute", &ops::permute, arg("input"), arg("dims"));
  def_op(m, "flatten", &ops::flatten, arg("start_dim") = 0, arg("end_dim") = -1);
  def_op(m, "transpose", &ops::transpose, arg("dim0"), arg("dim1"));
  def_op(m, "t", &ops::t);
  def_op(m, "squeeze", &ops::squeeze, arg("dim") = py::none());
  def_op(m, "unsqueeze", &ops::unsqueeze, arg("dim"));
  def_op(m, "select", &ops::select, arg("dim"), arg("index"));
  def_op(m, "narrow", &ops::narrow, arg("dim"), arg("start"), arg("length"));
  def_op(
      m, "as_strided",
      [](const Tensor& x, const Dims& size, const Dims& stride, int64_t offset) {
        return ops::as_strided(x, size, stride, offset);
      },
      arg("size"), arg("stride"), arg("storage_offset") = 0);
  def_op(m, "detach", &ops::detach);
  def_op(m, "clone", &ops::clone);
  def_method("contiguous", &ops::contiguous);
  def_method("is_contiguous", [](const Tensor& x) { return x.is_contiguous(); });
  def_method("stride", [](const Tensor& x) { return x.strides(); });
  def_method("storage_offset", [](const Tensor& x) { return x.impl()->offset; });
  def_method("data_ptr", [](const Tensor& x) { return reinterpret_cast<uintptr_t>(x.raw()); });
  def_method("size", [](const Tensor& x) { return x.shape(); });
  def_method(
      "size", [](const Tensor& x, int64_t d) { return x.size(wrap_dim("size", d, x.dim())); }, arg("dim"));
  def_op(m, "numel", [](const Tensor& x) { return x.numel(); });
  def_method("dim", [](const Tensor& x) { return x.dim(); });
  def_method("element_size", [](const Tensor& x) { return itemsize(x.dtype()); });
  def_method("to", &ops::to, arg("dtype"));
  def_method("type_as", [](const Tensor& x, const Tensor& o) { return ops::to(x, o.dtype()); });
  const std::pair<const char*, DType> casts[] = {
      {"float", DType::float32}, {"double", DType::float64}, {"long", DType::int64}, {"bool", DType::boolean}};
  for (auto [name, t] : casts) def_method(name, [t](const Tensor& x) { return ops::to(x, t); });
  def_method("cpu", [](const Tensor& x) { return x; });
  def_method(
      "item",
      [](const Tensor& x) -> py::object {
        ops::check_single(x);
        return nested_list(x.alias({}, {}, x.impl()->offset), 0, x.raw());
      },
      "The only element as a Python number. Raises RuntimeError if there are more.");
  def_method("tolist", [](const Tensor& x) { return nested_list(x, 0, x.raw()); });
  add_to_tensor("numpy",
                py::cpp_function(
                    [](py::object self) {
                      if (unwrap(self.ptr()).requires_grad())
                        throw AutogradError(
                            "Can't call numpy() on Tensor that requires grad. Use tensor.detach().numpy() instead.");
                      return to_numpy(self);
                    },
                    py::name("numpy"), py::is_method(py::handle(reinterpret_cast<PyObject*>(&TensorType))),
                    "An array that shares the memory."));
  add_to_tensor("__array__",
                py::cpp_function(
                    [](py::object self, py::object dtype, py::object) -> py::object {
                      if (unwrap(self.ptr()).requires_grad())
                        throw AutogradError(
                            "Can't call numpy() on Tensor that requires grad. Use tensor.detach().numpy() instead.");
                      py::object a = to_numpy(self);
                      return dtype.is_none() ? a : py::object(a.attr("astype")(dtype));
                    },
                    py::name("__array__"), py::is_method(py::handle(reinterpret_cast<PyObject*>(&TensorType))),
                    arg("dtype") = py::none(), arg("copy") = py::none()));
  m.def(
      "cat", [](const std::vector<Tensor>& ts, int64_t dim) { return ops::cat(ts, dim); }, arg("tensors"),
      arg("dim") = 0);
  m.def(
      "stack", [](const std::vector<Tensor>& ts, int64_t dim) { return ops::stack(ts, dim); }, arg("tensors"),
      arg("dim") = 0);
}

void bind_ops(py::module_& m) {
  def_op(
      m, "sum",
      [](const Tensor& x, const OptionalDims& d, bool k, MaybeDType t) {
        return t ? ops::to(ops::sum(ops::to(x, *t), d, k), *t) : ops::sum(x, d, k);
      },
      arg("dim") = py::none(), arg("keepdim") = false, py::kw_only(), arg("dtype") = py::none());
  def_op(
      m, "mean",
      [](const Tensor& x, const OptionalDims& d, bool k, MaybeDType t) {
        return ops::mean(t ? ops::to(x, *t) : x, d, k);
      },
      arg("dim") = py::none(), arg("keepdim") = false, py::kw_only(), arg("dtype") = py::none());
  def_op(
      m, "var", [](const Tensor& x, const OptionalDims& d, double c, bool k) { return ops::var(x, d, c, k); },
      arg("dim") = py::none(), py::kw_only(), arg("correction") = 1.0, arg("keepdim") = false);
  def_op(
      m, "std",
      [](const Tensor& x, const OptionalDims& d, double c, bool k) { return ops::math::sqrt(ops::var(x, d, c, k)); },
      arg("dim") = py::none(), py::kw_only(), arg("correction") = 1.0, arg("keepdim") = false);
  const auto extreme = [&](const char* name, Tensor (*all)(const Tensor&),
                           std::pair<Tensor, Tensor> (*along)(const Tensor&, int64_t, bool), const char* pointwise) {
    def_op(m, name, [all](const Tensor& x) { return all(x); });
    def_op(
        m, name,
        [along, name](const Tensor& x, int64_t dim, bool keepdim) {
          auto [values, indices] = along(x, dim, keepdim);
          return py::module_::import("tapescope._returns").attr(name)(values, indices);
        },
        arg("dim"), arg("keepdim") = false);
    def_op(
        m, name, [pointwise](const Tensor& x, const Tensor& other) { return ops::apply(pointwise, x, other); },
        arg("other"));
  };
  extreme("max", &ops::max, &ops::max, "maximum");
  extreme("min", &ops::min, &ops::min, "minimum");
  def_op(m, "argmax", &ops::argmax, arg("dim") = py::none(), arg("keepdim") = false);
  def_op(m, "argmin", &ops::argmin, arg("dim") = py::none(), arg("keepdim") = false);
  def_op(m, "any", &ops::any);
  def_op(m, "all", &ops::all);
  def_op(m, "matmul", &ops::matmul, arg("other"));
  def_op(m, "mm", &ops::mm, arg("mat2"));
  def_op(m, "mv", &ops::mv, arg("vec"));
  def_op(m, "dot", &ops::dot, arg("tensor"));
  def_op(m, "bmm", &ops::bmm, arg("mat2"));
  m.def("addmm", &ops::addmm, arg("input"), arg("mat1"), arg("mat2"));
  m.def("linear", &ops::linear, arg("input"), arg("weight"), arg("bias") = py::none());
  def_op(m, "softmax", &ops::softmax, arg("dim"));
  def_op(m, "log_softmax", &ops::log_softmax, arg("dim"));
  m.def(
      "nll_loss",
      [](const Tensor& x, const Tensor& t, const std::string& r) { return ops::nll_loss(x, t, reduction_from(r)); },
      arg("input"), arg("target"), arg("reduction") = "mean");
  m.def(
      "cross_entropy",
      [](const Tensor& x, const Tensor& t, const std::string& r) {
        return ops::cross_entropy(x, t, reduction_from(r));
      },
      arg("input"), arg("target"), arg("reduction") = "mean");
  m.def(
      "mse_loss",
      [](const Tensor& x, const Tensor& t, const std::string& r) { return ops::mse_loss(x, t, reduction_from(r)); },
      arg("input"), arg("target"), arg("reduction") = "mean");
  m.def(
      "where",
      [](const Tensor& c, py::object a, py::object b) {
        Tensor x = is_tensor(a.ptr()) ? unwrap(a.ptr()) : Tensor(), y = is_tensor(b.ptr()) ? unwrap(b.ptr()) : Tensor();
        const Tensor like = x.defined() ? x : y.defined() ? y : ops::scalar(0.0, default_dtype());
        if (!x.defined()) x = operand_from(a.ptr(), like);
        if (!y.defined()) y = operand_from(b.ptr(), like);
        if (!x.defined() || !y.defined()) throw TypeError("where: takes tensors or numbers");
        return ops::where(c, x, y);
      },
      arg("condition"), arg("input"), arg("other"));
  const std::pair<const char*, ops::Comparison> comparisons[] = {
      {"eq", ops::Comparison::eq}, {"ne", ops::Comparison::ne}, {"lt", ops::Comparison::lt},
      {"le", ops::Comparison::le}, {"gt", ops::Comparison::gt}, {"ge", ops::Comparison::ge}};
  for (auto [name, c] : comparisons)
    def_op(
        m, name,
        [c](const Tensor& x, py::object o) {
          const Tensor y = operand_from(o.ptr(), x);
          if (!y.defined())
            throw TypeError("a tensor is compared with a tensor or a number, not {}", Py_TYPE(o.ptr())->tp_name);
          return ops::compare(c, x, y);
        },
        arg("other"));
  def_op(m, "logical_and", &ops::logical_and, arg("other"));
  def_op(m, "logical_or", &ops::logical_or, arg("other"));
  def_op(m, "logical_not", &ops::logical_not);
  def_method("copy_", &ops::copy_, arg("src"));
  def_method(
      "fill_",
      [](const Tensor& x, py::object v) { return ops::fill_(x, ops::full({}, scalar_from(v.ptr()), x.dtype())); },
      arg("value"));
  def_method("zero_", [](const Tensor& x) { return ops::fill_(x, 0); });
  def_method("index_put_", &ops::index_put_, arg("indices"), arg("values"), arg("accumulate") = false);
}

}  // namespace tapescope::face
