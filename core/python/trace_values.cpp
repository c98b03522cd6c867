#include "core/python/trace_values.h"

namespace tapescope::face {

using jit::IValue;

namespace {

constexpr int kDeepest = 100;
constexpr size_t kMost = 1000000;

const char* remedy_for(py::handle o, bool is_result) {
  if (PyCoro_CheckExact(o.ptr())) return ": the function is async. Trace the function that it awaits";
  if ((PyObject_CheckBuffer(o.ptr()) && !PyBytes_Check(o.ptr())) || py::hasattr(o, "__array__"))
    return ". Make a tensor of it first, with tapescope.as_tensor";
  if (PyComplex_Check(o.ptr())) return ". Make a tensor of it first, with tapescope.tensor";
  if (PyIter_Check(o.ptr())) return ", which can be gone through once. Make a tuple of it first, with tuple(...)";
  if (PyAnySet_Check(o.ptr())) return ", which has no order. Make a tuple of it first, with tuple(sorted(...))";
  if (is_result) return ". Return tensors, or tuples, lists and dicts of them";
  return ". Give its tensors one by one, or bind it before the trace, with functools.partial";
}

// As errors call what a traced function returned.
constexpr std::string_view kResult = "the result";

IValue converted(py::handle o, const std::string& what, int depth, size_t& count) {
  if (depth > kDeepest)
    throw ValueError("{}: its tuples, lists and dicts are nested more than {} deep, or hold themselves", what,
                     kDeepest);
  if (++count > kMost) throw ValueError("{}: it holds more than {} values", what, kMost);
  if (is_tensor(o.ptr())) return unwrap(o.ptr());
  if (o.is_none()) return {};
  if (PyBool_Check(o.ptr())) return o.ptr() == Py_True;
  if (PyLong_Check(o.ptr())) {
    int overflow = 0;
    const long long v = PyLong_AsLongLongAndOverflow(o.ptr(), &overflow);
    if (overflow)
      throw TypeError("{}: the int {} does not fit the 64 bits that a graph has", what, std::string(py::str(o)));
    return int64_t{v};
  }
  if (PyFloat_Check(o.ptr())) return PyFloat_AS_DOUBLE(o.ptr());
  if (PyUnicode_Check(o.ptr())) return std::string(py::str(o));
  if (PyTuple_Check(o.ptr())) {
    auto tuple = std::make_shared<jit::Tuple>();
    for (py::handle i : py::reinterpret_borrow<py::tuple>(o))
      tuple->items.push_back(converted(i, what, depth + 1, count));
    return tuple;
  }
  if (PyList_Check(o.ptr())) {
    auto list = std::make_shared<jit::List>();
    for (py::handle i : py::reinterpret_borrow<py::list>(o))
      list->items.push_back(converted(i, what, depth + 1, count));
    return list;
  }
  if (PyDict_Check(o.ptr())) {
    auto dict = std::make_shared<jit::Dict>();
    for (auto [key, value] : py::reinterpret_borrow<py::dict>(o))
      dict->items.emplace_back(converted(key, what, depth + 1, count), converted(value, what, depth + 1, count));
    return dict;
  }
  if (py::isinstance<jit::Object>(o)) return o.cast<std::shared_ptr<jit::Object>>();
  throw TypeError(
      "{}: a traced graph has tensors, None, bools, ints, floats, strings, and tuples, lists and dicts of them; this "
      "is a {}{}",
      what, Py_TYPE(o.ptr())->tp_name, remedy_for(o, what == kResult));
}

}  // namespace

IValue to_ivalue(py::handle o, const std::string& what) {
  size_t count = 0;
  return converted(o, what, 0, count);
}

py::object to_python(const IValue& v) {
  struct Visitor {
    py::object operator()(std::monostate) const { return py::none(); }
    py::object operator()(const Tensor& t) const { return py::reinterpret_steal<py::object>(wrap(t)); }
    py::object operator()(bool b) const { return py::bool_(b); }
    py::object operator()(int64_t i) const { return py::int_(i); }
    py::object operator()(double d) const { return py::float_(d); }
    py::object operator()(const std::string& s) const { return py::str(s); }
    py::object operator()(const std::shared_ptr<jit::Tuple>& t) const {
      py::tuple out(t->items.size());
      for (size_t i = 0; i < t->items.size(); ++i) out[i] = to_python(t->items[i]);
      return out;
    }
    py::object operator()(const std::shared_ptr<jit::List>& l) const {
      py::list out;
      for (const IValue& i : l->items) out.append(to_python(i));
      return out;
    }
    py::object operator()(const std::shared_ptr<jit::Dict>& d) const {
      py::dict out;
      for (const auto& [key, value] : d->items) out[to_python(key)] = to_python(value);
      return out;
    }
    py::object operator()(const std::shared_ptr<jit::Object>& o) const { return py::cast(o); }
  };
  return std::visit(Visitor{}, v);
}

namespace {

std::shared_ptr<jit::Object> object_of(py::handle module,
                                       std::unordered_map<PyObject*, std::shared_ptr<jit::Object>>& known, int depth) {
  if (depth > kDeepest) throw ValueError("modules are nested more than {} deep", kDeepest);
  if (const auto found = known.find(module.ptr()); found != known.end()) {
    if (!found->second)
      throw ValueError("a {} is a submodule of itself; a traced module is a tree of modules",
                       Py_TYPE(module.ptr())->tp_name);
    return found->second;
  }
  auto o = std::make_shared<jit::Object>();
  known[module.ptr()] = nullptr;
  const py::object type = py::type::of(module);
  std::string name = "__module__." + std::string(py::str(type.attr("__module__"))) + "." +
                     std::string(py::str(type.attr("__qualname__")));
  for (char& c : name)
    if (c == '<' || c == '>') c = '_';
  const py::object traced = py::getattr(module, "_object", py::none());
  o->type = py::isinstance<jit::Object>(traced) ? traced.cast<std::shared_ptr<jit::Object>>()->type
                                                : jit::Type::module(std::move(name));
  o->training = py::cast<bool>(module.attr("training"));
  for (const char* table : {"_parameters", "_buffers"})
    for (auto [key, value] : py::reinterpret_borrow<py::dict>(module.attr(table)))
      if (is_tensor(value.ptr())) {
        o->attributes.emplace_back(std::string(py::str(key)), unwrap(value.ptr()));
        if (table == std::string_view("_buffers")) o->buffers.push_back(std::string(py::str(key)));
      }
  for (auto [key, value] : py::reinterpret_borrow<py::dict>(module.attr("_modules")))
    if (!value.is_none()) o->attributes.emplace_back(std::string(py::str(key)), object_of(value, known, depth + 1));
  known[module.ptr()] = o;
  return o;
}

}  // namespace

std::shared_ptr<jit::Object> object_of(py::handle module) {
  std::unordered_map<PyObject*, std::shared_ptr<jit::Object>> known;
  return object_of(module, known, 0);
}

}  // namespace tapescope::face
