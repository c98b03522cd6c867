#include "core/python/number.h"

#include <fmt/ranges.h>

#include <deque>
#include <limits>

#include "core/ops/call.h"
#include "core/ops/math.h"
#include "core/python/python_tracer.h"
#include "core/python/tensor_members.h"

namespace tapescope::face {
namespace {

using ops::PointwiseInfo;

const PointwiseInfo& op_of(const char* name, int arity) {
  return ops::pointwise(name, arity);
}

Tensor operand_of(const PointwiseInfo& op, PyObject* o, const Tensor& like) {
  if (PyBool_Check(o) && op.name == "sub")
    throw DTypeError("sub: subtraction with a bool is not supported; int({}) is a number",
                     o == Py_True ? "True" : "False");
  return operand_from(o, like);
}

// a ∘ b where at least one is a tensor; the number, if there is one, takes the tensor's dtype.
PyObject* binary_slot(const PointwiseInfo& op, PyObject* a, PyObject* b) {
  return guarded([&]() -> PyObject* {
    if (is_tensor(a)) {
      const auto* self = reinterpret_cast<PyTensor*>(a);
      if (is_tensor(b)) return wrap(ops::call_binary(op, unwrap(a), unwrap(b)));
      const Tensor x = Tensor(Ref<TensorImpl>(self->impl)), y = operand_of(op, b, x);
      if (!y.defined()) Py_RETURN_NOTIMPLEMENTED;
      return wrap(ops::call_binary(op, x, y));
    }
    const Tensor y = unwrap(b), x = operand_of(op, a, y);
    if (!x.defined()) Py_RETURN_NOTIMPLEMENTED;
    return wrap(ops::call_binary(op, x, y));
  });
}

PyObject* in_place_slot(const PointwiseInfo& op, PyObject* a, PyObject* b) {
  return guarded([&]() -> PyObject* {
    const Tensor x = unwrap(a), y = operand_of(op, b, x);
    if (!y.defined()) Py_RETURN_NOTIMPLEMENTED;
    ops::call_binary_(op, x, y);
    Py_INCREF(a);
    return a;
  });
}

Tensor power(const Tensor& x, PyObject* exponent) {
  // Of bools alone there is one power, of a tensor and a number.
  if (PyBool_Check(exponent) && x.dtype() == DType::boolean)
    return exponent == Py_True ? ops::called<&ops::clone>(x)
                               : ops::called<&ops::ones_like>(x, std::optional(DType::boolean));
  const bool number = PyFloat_Check(exponent) || PyLong_Check(exponent);
  if (number && (is_differentiable(x.dtype()) || PyFloat_Check(exponent))) {
    const double e = PyFloat_AsDouble(exponent);
    if (e == -1 && PyErr_Occurred()) throw py::error_already_set();
    return ops::call_unary(op_of("pow", 1), x, &e);
  }
  if (PyLong_Check(exponent) && !PyBool_Check(exponent) && is_integral(x.dtype()) && Py_SIZE(exponent) < 0)
    throw ValueError("pow: integers to negative integer powers are not allowed; use a float as exponent");
  const Tensor e = operand_from(exponent, x);
  return e.defined() ? ops::call_binary(op_of("pow", 2), x, e) : Tensor();
}

// clang-format off
PyObject* nb_add(PyObject* a, PyObject* b) { static const auto& op = op_of("add", 2); return binary_slot(op, a, b); }
PyObject* nb_sub(PyObject* a, PyObject* b) { static const auto& op = op_of("sub", 2); return binary_slot(op, a, b); }
PyObject* nb_mul(PyObject* a, PyObject* b) { static const auto& op = op_of("mul", 2); return binary_slot(op, a, b); }
PyObject* nb_div(PyObject* a, PyObject* b) { static const auto& op = op_of("div", 2); return binary_slot(op, a, b); }
PyObject* nb_mod(PyObject* a, PyObject* b) { static const auto& op = op_of("remainder", 2); return binary_slot(op, a, b); }
PyObject* nb_floor(PyObject* a, PyObject* b) { static const auto& op = op_of("floor_divide", 2); return binary_slot(op, a, b); }
PyObject* nb_and(PyObject* a, PyObject* b) { static const auto& op = op_of("bitwise_and", 2); return binary_slot(op, a, b); }
PyObject* nb_or(PyObject* a, PyObject* b) { static const auto& op = op_of("bitwise_or", 2); return binary_slot(op, a, b); }
PyObject* nb_xor(PyObject* a, PyObject* b) { static const auto& op = op_of("bitwise_xor", 2); return binary_slot(op, a, b); }
PyObject* nb_iadd(PyObject* a, PyObject* b) { static const auto& op = op_of("add", 2); return in_place_slot(op, a, b); }
PyObject* nb_isub(PyObject* a, PyObject* b) { static const auto& op = op_of("sub", 2); return in_place_slot(op, a, b); }
PyObject* nb_imul(PyObject* a, PyObject* b) { static const auto& op = op_of("mul", 2); return in_place_slot(op, a, b); }
PyObject* nb_idiv(PyObject* a, PyObject* b) { static const auto& op = op_of("div", 2); return in_place_slot(op, a, b); }
PyObject* nb_imod(PyObject* a, PyObject* b) { static const auto& op = op_of("remainder", 2); return in_place_slot(op, a, b); }
PyObject* nb_iand(PyObject* a, PyObject* b) { static const auto& op = op_of("bitwise_and", 2); return in_place_slot(op, a, b); }
PyObject* nb_ior(PyObject* a, PyObject* b) { static const auto& op = op_of("bitwise_or", 2); return in_place_slot(op, a, b); }
PyObject* nb_ixor(PyObject* a, PyObject* b) { static const auto& op = op_of("bitwise_xor", 2); return in_place_slot(op, a, b); }
PyObject* nb_ifloor(PyObject* a, PyObject* b) { static const auto& op = op_of("floor_divide", 2); return in_place_slot(op, a, b); }
// clang-format on

PyObject* nb_ipow(PyObject* a, PyObject* b, PyObject*) {
  return PyObject_CallMethod(a, "pow_", "O", b);
}
PyObject* nb_pow(PyObject* a, PyObject* b, PyObject*) {
  return guarded([&]() -> PyObject* {
    const Tensor out = is_tensor(a) ? power(unwrap(a), b) : [&] {
      const Tensor e = unwrap(b), x = operand_from(a, e);
      return x.defined() ? ops::call_binary(op_of("pow", 2), x, e) : Tensor();
    }();
    if (!out.defined()) Py_RETURN_NOTIMPLEMENTED;
    return wrap(out);
  });
}

PyObject* nb_matmul(PyObject* a, PyObject* b) {
  return guarded([&]() -> PyObject* {
    if (!is_tensor(a) || !is_tensor(b)) Py_RETURN_NOTIMPLEMENTED;
    return wrap(ops::called<&ops::matmul>(unwrap(a), unwrap(b)));
  });
}

PyObject* nb_negative(PyObject* a) {
  return guarded([&] { return wrap(ops::call_unary(op_of("neg", 1), unwrap(a))); });
}
PyObject* nb_absolute(PyObject* a) {
  return guarded([&] { return wrap(ops::call_unary(op_of("abs", 1), unwrap(a))); });
}
PyObject* nb_positive(PyObject* a) {
  return Py_NewRef(a);
}

PyObject* nb_invert(PyObject* a) {
  return guarded([&]() -> PyObject* {
    const DType t = unwrap(a).dtype();
    if (is_differentiable(t))
      throw TypeError("~ (operator.invert) is only implemented on integer and Boolean-type tensors; this one is {}",
                      name_of(t));
    return wrap(ops::call_unary(op_of("bitwise_not", 1), unwrap(a)));
  });
}

int nb_bool(PyObject* a) {
  return guarded_int([&]() -> int {
    const Tensor t = unwrap(a);
    tracer_warn("Converting a tensor to a Python boolean");
    if (t.numel() != 1)
      throw ShapeError("Boolean value of Tensor with {} value{} is ambiguous; use .any() or .all()", t.numel(),
                       t.numel() == 0 ? "s" : "s, more than one,");
    return visit(t.dtype(), [&]<class T>(T) { return *t.data<T>() != T(0); });
  });
}
PyObject* nb_float(PyObject* a) {
  return guarded([&] {
    tracer_warn("Converting a tensor to a Python float");
    return PyFloat_FromDouble(ops::item(unwrap(a)));
  });
}
PyObject* nb_int(PyObject* a) {
  return guarded([&]() -> PyObject* {
    const Tensor t = unwrap(a);
    tracer_warn("Converting a tensor to a Python integer");
    if (is_differentiable(t.dtype())) return PyLong_FromDouble(ops::item(t));
    return PyLong_FromLongLong(ops::item_int(t));
  });
}
PyObject* nb_index(PyObject* a) {
  return guarded([&]() -> PyObject* {
    const Tensor t = unwrap(a);
    tracer_warn("Converting a tensor to a Python index");
    if (is_differentiable(t.dtype()) || t.numel() != 1)
      throw TypeError("only integer tensors of a single element can be converted to an index");
    return PyLong_FromLongLong(ops::item_int(t));
  });
}

// --- the pointwise ops as methods and functions: one stub an op of the registry

constexpr int kStubs = 64;

const PointwiseInfo& registered(int i) {
  return *ops::all_pointwise()[static_cast<size_t>(i)];
}

double number_argument(PyObject* o, const char* op) {
  if (is_tensor(o)) {
    const Tensor t = unwrap(o);
    if (t.requires_grad() && grad_enabled())
      throw TypeError(
          "{}: takes numbers here, and a tensor that requires grad would lose its gradient; give its .item(), or use "
          "maximum and minimum",
          op);
    return ops::item(t);
  }
  const double v = PyFloat_AsDouble(o);
  if (v == -1 && PyErr_Occurred()) {
    PyErr_Clear();
    throw TypeError("{}: takes a number here, not {}", op, Py_TYPE(o)->tp_name);
  }
  return v;
}

// x.op(…) for unary ops with numbers as further arguments, and for binary ones.
PyObject* call_pointwise(const PointwiseInfo& op, PyObject* self, PyObject* const* args, Py_ssize_t n, PyObject* names,
                         bool in_place) {
  return guarded([&]() -> PyObject* {
    const Tensor x = unwrap(self);
    PyObject* given[2] = {};
    for (Py_ssize_t i = 0; i < n && i < 2; ++i) given[i] = args[i];
    double alpha = 1;
    bool fraction = false;  // a float was given
    const Py_ssize_t keywords = names ? PyTuple_GET_SIZE(names) : 0;
    for (Py_ssize_t k = 0; k < keywords; ++k) {
      const std::string key = py::str(PyTuple_GET_ITEM(names, k));
      if (op.scalar_args == 2 && key == "min") {
        given[0] = args[n + k];
      } else if (op.scalar_args == 2 && key == "max") {
        given[1] = args[n + k];
      } else if (op.arity == 2 && (key == "other" || key == "exponent")) {
        given[0] = args[n + k];
      } else if (op.scalar_args == 1 && key == "exponent") {
        given[0] = args[n + k];
      } else if (key == "alpha" && (op.name == "add" || op.name == "sub")) {
        alpha = number_argument(args[n + k], op.schema.name);
        fraction = PyFloat_Check(args[n + k]);
      } else {
        throw TypeError("{}() got an unexpected keyword argument '{}'", op.name, key);
      }
    }
    const int most = op.arity == 2 ? 1 : op.scalar_args;
    if (n > most)
      throw TypeError("{}() takes {} argument{}, but {} were given", op.name, most, most == 1 ? "" : "s", n);
    Tensor out;
    if (op.arity == 2 || op.name == "pow") {
      if (!given[0]) throw TypeError("{}() missing its other operand", op.name);
      if (op.name == "pow" && !in_place) {
        out = power(x, given[0]);
        if (!out.defined())
          throw TypeError("pow(): the exponent must be a tensor or a number, not {}", Py_TYPE(given[0])->tp_name);
        return wrap(out);
      }
      Tensor y = operand_of(op, given[0], x);
      if (!y.defined())
        throw TypeError("{}(): the operand must be a tensor or a number, not {}", op.name, Py_TYPE(given[0])->tp_name);
      if (fraction && !is_differentiable(x.dtype()) && !is_differentiable(y.dtype()))
        throw DTypeError(
            "{}(): for operands of whole numbers, alpha must be a whole number, not {}; cast an operand with .float()",
            op.name, alpha);
      if (alpha != 1) y = ops::call_binary(op_of("mul", 2), y, ops::number_like(alpha, y));
      const PointwiseInfo& binary_op = op.arity == 2 ? op : ops::pointwise("pow", 2);
      out = in_place ? ops::call_binary_(binary_op, x, y) : ops::call_binary(binary_op, x, y);
    } else {
      constexpr double inf = std::numeric_limits<double>::infinity();
      double numbers[2] = {-inf, inf};
      bool any = op.scalar_args == 0;
      for (int i = 0; i < op.scalar_args; ++i)
        if (given[i] && given[i] != Py_None) {
          numbers[i] = number_argument(given[i], op.schema.name), any = true;
          fraction =
              fraction || PyFloat_Check(given[i]) || (is_tensor(given[i]) && is_floating(unwrap(given[i]).dtype()));
        }
      if (!any) throw ValueError("{}: at least one of 'min' or 'max' must not be None", op.name);
      // Bounds decide with the tensor what the result is: a float makes integers floating, an integer makes truths
      // integers.
      const DType wide = op.scalar_args && any && !is_differentiable(x.dtype()) ? fraction ? default_dtype()
                                                                                  : x.dtype() == DType::boolean
                                                                                      ? DType::int64
                                                                                      : x.dtype()
                                                                                : x.dtype();
      if (in_place && wide != x.dtype())
        throw DTypeError("{}: result type {} can't be cast to the tensor's type {}", op.in_place_schema.name,
                         name_of(wide), name_of(x.dtype()));
      out = in_place ? ops::call_unary_(op, x, numbers)
                     : ops::call_unary(op, wide == x.dtype() ? x : ops::called<&ops::to>(x, wide), numbers);
    }
    return wrap(std::move(out));
  });
}

template <int I>
PyObject* method_stub(PyObject* self, PyObject* const* args, Py_ssize_t n, PyObject* names) {
  return call_pointwise(registered(I), self, args, n, names, false);
}
template <int I>
PyObject* in_place_stub(PyObject* self, PyObject* const* args, Py_ssize_t n, PyObject* names) {
  return call_pointwise(registered(I), self, args, n, names, true);
}
template <int I>
PyObject* function_stub(PyObject*, PyObject* const* args, Py_ssize_t n, PyObject* names) {
  const PointwiseInfo& op = registered(I);
  if (n < 1) {
    PyErr_Format(PyExc_TypeError, "%s() missing its input", op.name.c_str());
    return nullptr;
  }
  if (!is_tensor(args[0])) {
    if (op.arity == 2 && n == 2 && is_tensor(args[1])) return binary_slot(op, args[0], args[1]);
    PyErr_Format(PyExc_TypeError, "%s(): argument 'input' must be Tensor, not %s", op.name.c_str(),
                 Py_TYPE(args[0])->tp_name);
    return nullptr;
  }
  return call_pointwise(op, args[0], args + 1, n - 1, names, false);
}

template <int... I>
void fill(std::integer_sequence<int, I...>, _PyCFunctionFastWithKeywords* methods,
          _PyCFunctionFastWithKeywords* in_place, _PyCFunctionFastWithKeywords* functions) {
  ((methods[I] = method_stub<I>, in_place[I] = in_place_stub<I>, functions[I] = function_stub<I>), ...);
}

struct Stubs {
  _PyCFunctionFastWithKeywords methods[kStubs], in_place[kStubs], functions[kStubs];
  Stubs() { fill(std::make_integer_sequence<int, kStubs>(), methods, in_place, functions); }
};

PyCFunction erased(_PyCFunctionFastWithKeywords f) {
  return reinterpret_cast<PyCFunction>(reinterpret_cast<void*>(f));
}

}  // namespace

PyNumberMethods* number_slots() {
  static PyNumberMethods n = {};
  n.nb_add = nb_add;
  n.nb_subtract = nb_sub;
  n.nb_multiply = nb_mul;
  n.nb_true_divide = nb_div;
  n.nb_remainder = nb_mod;
  n.nb_floor_divide = nb_floor;
  n.nb_inplace_add = nb_iadd;
  n.nb_inplace_subtract = nb_isub;
  n.nb_inplace_multiply = nb_imul;
  n.nb_inplace_true_divide = nb_idiv;
  n.nb_inplace_remainder = nb_imod;
  n.nb_inplace_floor_divide = nb_ifloor;
  n.nb_power = nb_pow;
  n.nb_inplace_power = nb_ipow;
  n.nb_matrix_multiply = nb_matmul;
  n.nb_negative = nb_negative;
  n.nb_positive = nb_positive;
  n.nb_absolute = nb_absolute;
  n.nb_bool = nb_bool;
  n.nb_float = nb_float;
  n.nb_int = nb_int;
  n.nb_index = nb_index;
  n.nb_and = nb_and;
  n.nb_or = nb_or;
  n.nb_xor = nb_xor;
  n.nb_inplace_and = nb_iand;
  n.nb_inplace_or = nb_ior;
  n.nb_inplace_xor = nb_ixor;
  n.nb_invert = nb_invert;
  return &n;
}

PyObject* tensor_compare(PyObject* a, PyObject* b, int op) {
  return guarded([&]() -> PyObject* {
    using enum ops::Comparison;
    constexpr ops::Comparison by_op[] = {lt, le, eq, ne, gt, ge};  // in the order of Py_LT …
    const Tensor x = unwrap(a), y = operand_from(b, x);
    if (!y.defined()) Py_RETURN_NOTIMPLEMENTED;
    if (!ops::calls_observed()) return wrap(ops::compare(by_op[op], x, y));
    constexpr const char* names[] = {"lt", "le", "eq", "ne", "gt", "ge"};
    ops::Value args[] = {x, ops::Operand{y}};
    return wrap(std::get<Tensor>(ops::call(*ops::offers_named(names[op])[0], args)));
  });
}

PyMethodDef* tensor_methods() {
  static const Stubs stubs;
  static std::deque<std::string>& docs = *new std::deque<std::string>;
  static std::vector<PyMethodDef>& defs = *new std::vector<PyMethodDef>;
  for (size_t i = 0; i < ops::all_pointwise().size(); ++i) {
    const PointwiseInfo& op = *ops::all_pointwise()[i];
    if (op.name == "pow" && op.arity == 2) continue;  // reached through the unary one
    docs.push_back(fmt::format("{}. Pointwise; gradient: {}.", op.name, fmt::join(op.type.derivatives, "; ")));
    defs.push_back({op.name.c_str(), erased(stubs.methods[i]), METH_FASTCALL | METH_KEYWORDS, docs.back().c_str()});
    defs.push_back(
        {op.in_place_name.c_str(), erased(stubs.in_place[i]), METH_FASTCALL | METH_KEYWORDS, docs.back().c_str()});
  }
  defs.push_back({nullptr, nullptr, 0, nullptr});
  return defs.data();
}

void bind_pointwise(py::module_& m) {
  static const Stubs stubs;
  static std::vector<PyMethodDef>& defs = *new std::vector<PyMethodDef>;
  for (size_t i = 0; i < ops::all_pointwise().size(); ++i) {
    const PointwiseInfo& op = *ops::all_pointwise()[i];
    if (op.name == "pow" && op.arity == 2) continue;
    defs.push_back({op.name.c_str(), erased(stubs.functions[i]), METH_FASTCALL | METH_KEYWORDS, nullptr});
  }
  defs.push_back({nullptr, nullptr, 0, nullptr});
  if (PyModule_AddFunctions(m.ptr(), defs.data()) < 0) throw py::error_already_set();
  // The record of every op: what the document's formulas and the op table of the documentation are made from.
  m.def("_pointwise_ops", [] {
    py::list out;
    for (const PointwiseInfo* op : ops::all_pointwise())
      out.append(py::make_tuple(op->name, op->arity, op->scalar_args, op->type.name, op->type.derivatives));
    return out;
  });
}

}  // namespace tapescope::face
