// dtype objects, what types become together, and tensors seen as or cast to other types.
#include "core/ops/call.h"
#include "core/ops/iterator.h"
#include "core/python/numbers.h"
#include "core/python/python_tracer.h"
#include "core/python/tensor_members.h"

namespace tapescope::face {
namespace {

using py::arg;

struct DTypeObject {
  DType value;
};

std::vector<py::object>& dtype_objects() {
  static auto& all = *new std::vector<py::object>;
  return all;
}

// Tensors with dimensions decide; then those without, then numbers, each only by a higher category.
DType result_type_of(const py::args& operands) {
  std::optional<DType> of_kind[3];
  for (const py::handle o : operands) {
    const Tensor t = is_tensor(o.ptr()) ? unwrap(o.ptr()) : scalar_from(o.ptr(), default_dtype());
    std::optional<DType>& d = of_kind[!is_tensor(o.ptr()) ? 2 : t.dim() == 0 ? 1 : 0];
    d = d ? promote(*d, t.dtype()) : t.dtype();
  }
  std::optional<DType> result;
  for (const auto& d : of_kind)
    if (d) result = result ? with_weak(*result, *d) : *d;
  if (!result) throw ValueError("result_type: takes at least one tensor or number");
  return *result;
}

// "tapescope.FloatTensor", as x.type() says.
std::string type_name(DType t) {
  constexpr const char* names[kDTypes] = {"Bool", "Byte",     "Char",  "Short",  "Int",          "Long",
                                          "Half", "BFloat16", "Float", "Double", "ComplexFloat", "ComplexDouble"};
  return fmt::format("tapescope.{}Tensor", names[static_cast<int>(t)]);
}

}  // namespace

PyObject* wrap(DType t) {
  return Py_NewRef(dtype_objects()[static_cast<size_t>(t)].ptr());
}
DType default_dtype() {
  return tapescope::default_dtype;
}
void set_default_dtype(DType t) {
  if (!is_floating(t))
    throw TypeError("only floating-point types are supported as the default type, not {}", name_of(t));
  tapescope::default_dtype = t;
}

bool is_dtype(py::handle o) {
  return py::isinstance<DTypeObject>(o);
}
DType dtype_from(py::handle o) {
  if (is_dtype(o)) return o.cast<DTypeObject&>().value;
  if (o.ptr() == reinterpret_cast<PyObject*>(&PyFloat_Type)) return DType::float64;
  if (o.ptr() == reinterpret_cast<PyObject*>(&PyLong_Type)) return DType::int64;
  if (o.ptr() == reinterpret_cast<PyObject*>(&PyBool_Type)) return DType::boolean;
  if (o.ptr() == reinterpret_cast<PyObject*>(&PyComplex_Type)) return DType::complex128;
  throw TypeError("expected a dtype, such as tapescope.float32, not {}", std::string(py::str(py::type::of(o))));
}

void init_dtypes(py::module_& m) {
  py::class_<DTypeObject>(m, "dtype", "Element type of a tensor.")
      .def("__repr__", [](const DTypeObject& t) { return fmt::format("tapescope.{}", name_of(t.value)); })
      .def_property_readonly(
          "itemsize", [](const DTypeObject& t) { return itemsize(t.value); }, "Unit: bytes.")
      .def_property_readonly("is_floating_point", [](const DTypeObject& t) { return is_floating(t.value); })
      .def_property_readonly("is_complex", [](const DTypeObject& t) { return is_complex(t.value); })
      .def_property_readonly("is_signed", [](const DTypeObject& t) { return is_signed(t.value); })
      .def(
          "to_complex", [](const DTypeObject& t) { return to_complex(t.value); },
          "The complex type of this precision. Of bfloat16 and float16: complex64, for there is no smaller one.")
      .def(
          "to_real", [](const DTypeObject& t) { return to_real(t.value); }, "The type of a complex type's parts.")
      // By name: pickle finds the one object of it in this module.
      .def("__reduce__", [](const DTypeObject& t) { return std::string(name_of(t.value)); });
  for (int i = 0; i < kDTypes; ++i) {
    dtype_objects().push_back(py::cast(DTypeObject{static_cast<DType>(i)}));
    m.attr(std::string(name_of(static_cast<DType>(i))).c_str()) = dtype_objects().back();
  }
}

void bind_dtypes(py::module_& m) {
  m.def("promote_types", &promote, arg("type1"), arg("type2"),
        "The smallest type that holds the values of both, by PyTorch's table.");
  m.def("result_type", &result_type_of,
        "The type of an op's result: numbers and tensors without dimensions give way inside a category.");
  m.def("can_cast", &can_cast, arg("from_"), arg("to"), "Whether an in-place op may cast `from_` to `to`.");
  const auto ask = [&](const char* name, bool (*of)(DType)) {
    def_op(m, name, [of](const Tensor& x) { return of(x.dtype()); });
  };
  ask("is_floating_point", [](DType t) { return is_floating(t); });
  ask("is_complex", [](DType t) { return is_complex(t); });
  def_method("is_signed", [](const Tensor& x) { return is_signed(x.dtype()); });

  const std::pair<const char*, DType> casts[] = {{"half", DType::float16},     {"bfloat16", DType::bfloat16},
                                                 {"byte", DType::uint8},       {"char", DType::int8},
                                                 {"short", DType::int16},      {"int", DType::int32},
                                                 {"cfloat", DType::complex64}, {"cdouble", DType::complex128}};
  for (auto [name, t] : casts) def_method(name, [t](const Tensor& x) { return ops::called<&ops::to>(x, t); });
  def_method(
      "type",
      [](const Tensor& x, const std::optional<DType>& t) -> py::object {
        return t ? py::cast(ops::called<&ops::to>(x, *t)) : py::cast(type_name(x.dtype()));
      },
      arg("dtype") = py::none(), "The tensor cast to `dtype`; without one the type's name.");
  def_method("__complex__", [](const Tensor& x) {
    ops::check_single(x);
    tracer_warn("Converting a tensor to a Python complex");
    return number_at(DType::complex128, ops::to(ops::detach(x), DType::complex128).raw());
  });
}

}  // namespace tapescope::face
