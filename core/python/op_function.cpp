// The registry's ops as Python calls them: one callable a name, which tries its overloads in order. As a member of the
// Tensor type it is a method descriptor, so that x.op(…) makes no bound method.
#include <fmt/ranges.h>

#include <map>

#include "core/ops/call.h"
#include "core/python/face.h"
#include "core/python/numbers.h"
#include "core/trace/tracer.h"

namespace tapescope::face {
namespace {

using ops::Kind;
using ops::Offer;
using ops::Param;
using ops::Value;

constexpr size_t kMostParams = 12;

struct OpFunction {
  PyObject_HEAD vectorcallfunc vectorcall;
  const std::string* name;
  const std::vector<const Offer*>* overloads;
  bool method;
};

PyTypeObject OpFunctionType{};

const OpFunction& of(PyObject* o) {
  return *reinterpret_cast<OpFunction*>(o);
}

// --- arguments

const char* expected(const Param& p) {
  switch (p.kind) {
    case Kind::tensor:
      return p.may_be_none ? "Tensor | None" : "Tensor";
    case Kind::tensors:
      return p.may_be_none ? "Sequence[Tensor | None]" : "Sequence[Tensor]";
    case Kind::operand:
    case Kind::number:
      return "Tensor | Number";
    case Kind::boolean:
      return "bool";
    case Kind::integer:
      return p.may_be_none ? "int | None" : "int";
    case Kind::real:
      return p.may_be_none ? "float | None" : "float";
    case Kind::dims:
      return p.spread ? "int" : p.may_be_none ? "int | tuple[int, ...] | None" : "int | tuple[int, ...]";
    case Kind::dtype:
      return p.may_be_none ? "dtype | None" : "dtype";
    case Kind::text:
      return p.may_be_none ? "str | None" : "str";
  }
  return "object";
}

bool is_bool(PyObject* o) {
  if (PyBool_Check(o)) return true;
  const std::string_view type = Py_TYPE(o)->tp_name;
  return type == "numpy.bool_" || type == "numpy.bool";
}

// Where the argument stands that is boxed next, for a size that a trace follows.
struct Place {
  size_t param = 0, element = 0;
};
thread_local constinit Place place_of;

int64_t integer_of(PyObject* o) {
  if (ops::calls_observed() && is_tensor(o) && jit::is_tracing()) {
    jit::tracing_state()->stash.push_back({place_of.param, place_of.element, unwrap(o)});
    return ops::item_int(unwrap(o));
  }
  const py::object i = py::reinterpret_steal<py::object>(PyNumber_Index(o));
  if (!i) throw py::error_already_set();
  const long long v = PyLong_AsLongLong(i.ptr());
  if (v == -1 && PyErr_Occurred()) throw py::error_already_set();
  return v;
}

bool is_integer(PyObject* o) {
  return PyIndex_Check(o) && !is_bool(o) && !(is_tensor(o) && (unwrap(o).dim() || !is_integral(unwrap(o).dtype())));
}

bool dims_of(PyObject* o, Dims& out) {
  place_of.element = 0;
  if (is_integer(o)) {
    out.push_back(integer_of(o));
    return true;
  }
  if (!PyTuple_Check(o) && !PyList_Check(o)) return false;
  const Py_ssize_t n = PySequence_Fast_GET_SIZE(o);
  for (Py_ssize_t i = 0; i < n; ++i) {
    PyObject* item = PySequence_Fast_GET_ITEM(o, i);
    if (!is_integer(item)) return false;
    place_of.element = static_cast<size_t>(i);
    out.push_back(integer_of(item));
  }
  return true;
}

// Boxes `o` for `p`; false where it is of another type. `like` is the first tensor argument.
bool box(const Param& p, PyObject* o, const Tensor& like, Value& out) {
  if (o == Py_None && p.may_be_none && p.kind != Kind::tensors) {
    out = std::monostate();
    return true;
  }
  switch (p.kind) {
    case Kind::tensor:
      if (!is_tensor(o)) return false;
      out = unwrap(o);
      return true;
    case Kind::tensors: {
      if (!PyTuple_Check(o) && !PyList_Check(o)) return false;
      std::vector<Tensor> all;
      const Py_ssize_t n = PySequence_Fast_GET_SIZE(o);
      for (Py_ssize_t i = 0; i < n; ++i) {
        PyObject* item = PySequence_Fast_GET_ITEM(o, i);
        if (!(item == Py_None && p.may_be_none) && !is_tensor(item)) return false;
        all.push_back(item == Py_None ? Tensor() : unwrap(item));
      }
      out = std::move(all);
      return true;
    }
    case Kind::operand: {
      Tensor t = operand_from(o, like.defined() ? like : ops::scalar(0.0, default_dtype()));
      if (!t.defined()) return false;
      out = ops::Operand{std::move(t)};
      return true;
    }
    case Kind::number:
      if (!is_tensor(o) && !PyNumber_Check(o)) return false;
      out = ops::Operand{is_tensor(o) ? unwrap(o) : scalar_from(o)};
      return true;
    case Kind::boolean:
      if (!is_bool(o)) return false;
      out = PyObject_IsTrue(o) == 1;
      return true;
    case Kind::integer:
      if (!is_integer(o)) return false;
      out = integer_of(o);
      return true;
    case Kind::real: {
      if (PyFloat_Check(o)) {
        out = PyFloat_AS_DOUBLE(o);
        return true;
      }
      if (is_tensor(o)) {
        if (unwrap(o).numel() != 1) return false;
        out = ops::item(unwrap(o));
        return true;
      }
      const PyNumberMethods* number = Py_TYPE(o)->tp_as_number;
      if (!number || (!number->nb_float && !number->nb_index)) return false;
      const double v = PyFloat_AsDouble(o);
      if (v == -1 && PyErr_Occurred()) throw py::error_already_set();
      out = v;
      return true;
    }
    case Kind::dims: {
      Dims d;
      if (!dims_of(o, d)) return false;
      out = std::move(d);
      return true;
    }
    case Kind::dtype:
      if (!is_dtype(o) && !PyType_Check(o)) return false;
      out = dtype_from(o);
      return true;
    case Kind::text: {
      if (!PyUnicode_Check(o)) return false;
      out = std::string(py::str(o));
      return true;
    }
  }
  return false;
}

// NumPy's names, which PyTorch takes too.
std::string_view known_as(std::string_view keyword) {
  if (keyword == "axis") return "dim";
  if (keyword == "keepdims") return "keepdim";
  return keyword;
}

std::string shown(const Param& p) {
  return fmt::format("{}{}{}{}", p.spread ? "*" : "", p.name, p.fallback ? "=" : "", p.fallback_text);
}

std::string parameters(const Offer& o, bool typed, bool method) {
  std::string out;
  bool starred = false;
  for (size_t i = 0; i < o.params.size(); ++i) {
    const Param& p = o.params[i];
    if (!out.empty()) out += ", ";
    if (p.keyword_only && !std::exchange(starred, true)) out += "*, ";
    const std::string name = i == 0 && method ? "self" : p.name;
    if (typed && p.fallback)
      out += fmt::format("{}{}: {} = {}", p.spread ? "*" : "", name, expected(p), p.fallback_text);
    else if (typed)
      out += fmt::format("{}{}: {}", p.spread ? "*" : "", name, expected(p));
    else
      out += i == 0 && method ? "self" : shown(p);
  }
  return out;
}

// Boxes the arguments for one overload. On a mismatch says why, if someone asks, and returns false.
bool fit(const Offer& o, PyObject* const* args, size_t n, PyObject* names, Value* out, std::string* why) {
  const auto no = [&](const char* words, const auto&... facts) {
    if (why) *why = fmt::format(fmt::runtime(words), facts...);
    return false;
  };
  const size_t count = o.params.size();
  PyObject* given[kMostParams] = {};
  size_t place = 0, next = 0;
  Dims sizes;
  const Param* spread = nullptr;
  while (next < n && place < count && !o.params[place].keyword_only) {
    const Param& p = o.params[place];
    if (p.spread && is_integer(args[next])) {
      spread = &p;
      for (place_of = {place, 0}; next < n && is_integer(args[next]); ++place_of.element)
        sizes.push_back(integer_of(args[next++]));
    } else {
      given[place] = args[next++];
    }
    ++place;
  }
  if (next < n) {
    return no("takes {} positional arguments, but {} were given", place, n);
  }
  const size_t keywords = names ? static_cast<size_t>(PyTuple_GET_SIZE(names)) : 0;
  for (size_t k = 0; k < keywords; ++k) {
    const std::string keyword = py::str(PyTuple_GET_ITEM(names, static_cast<Py_ssize_t>(k)));
    size_t i = 0;
    while (i < count && o.params[i].name != keyword && o.params[i].name != known_as(keyword)) ++i;
    if (i == count) {
      return no("got an unexpected keyword argument '{}'", keyword);
    }
    if (given[i] || spread == &o.params[i]) {
      return no("got several values for argument '{}'", keyword);
    }
    given[i] = args[n + k];
  }
  Tensor like;
  // A number beside a tensor operand takes after it; else after the op's first tensor.
  for (const bool operands : {true, false})
    for (size_t i = 0; i < count && !like.defined(); ++i)
      if (given[i] && is_tensor(given[i]) && (o.params[i].kind == Kind::operand || !operands)) like = unwrap(given[i]);
  for (size_t i = 0; i < count; ++i) {
    const Param& p = o.params[i];
    place_of = {i, 0};
    if (spread == &p) {
      out[i] = sizes;
    } else if (!given[i]) {
      if (!p.fallback) {
        return no("missing argument '{}'", p.name);
      }
      out[i] = *p.fallback;
    } else if (!box(p, given[i], like, out[i])) {
      if (p.kind == Kind::tensors && (PyTuple_Check(given[i]) || PyList_Check(given[i])))
        for (Py_ssize_t k = 0; k < PySequence_Fast_GET_SIZE(given[i]); ++k)
          if (PyObject* item = PySequence_Fast_GET_ITEM(given[i], k); !is_tensor(item))
            return no("argument '{}' must be {}, but its element {} is {}", p.name, expected(p), k,
                      Py_TYPE(item)->tp_name);
      const char* type = p.kind == Kind::operand || p.kind == Kind::number ? "Tensor or a number" : expected(p);
      return no("argument '{}' must be {}, not {}", p.name, type, Py_TYPE(given[i])->tp_name);
    }
  }
  return true;
}

PyObject* unbox(Value v) {
  return std::visit(
      []<class T>(T&& value) -> PyObject* {
        using V = std::remove_cvref_t<T>;
        if constexpr (std::is_same_v<V, std::monostate>) {
          Py_RETURN_NONE;
        } else if constexpr (std::is_same_v<V, Tensor>) {
          return wrap(std::move(value));
        } else if constexpr (std::is_same_v<V, ops::Operand>) {
          return wrap(value.tensor);
        } else if constexpr (std::is_same_v<V, DType>) {
          return wrap(value);
        } else if constexpr (std::is_same_v<V, ops::Several>) {
          py::tuple all(value.tensors.size());
          for (size_t i = 0; i < value.tensors.size(); ++i)
            all[i] = py::reinterpret_steal<py::object>(wrap(value.tensors[i]));
          if (!value.type) return all.release().ptr();
          return py::module_::import("tapescope._returns").attr(value.type)(*all).release().ptr();
        } else if constexpr (std::is_same_v<V, std::vector<Tensor>>) {
          py::tuple all(value.size());
          for (size_t i = 0; i < value.size(); ++i) all[i] = py::reinterpret_steal<py::object>(wrap(value[i]));
          return all.release().ptr();
        } else {
          return py::cast(value).release().ptr();
        }
      },
      std::move(v));
}

[[noreturn]] void no_fit(const OpFunction& f, PyObject* const* args, size_t n, PyObject* names,
                         const std::string& why) {
  if (f.overloads->size() == 1)
    throw TypeError("{}({}): {}", *f.name, parameters(*(*f.overloads)[0], false, f.method), why);
  std::vector<std::string> got, taken;
  const size_t keywords = names ? static_cast<size_t>(PyTuple_GET_SIZE(names)) : 0;
  for (size_t i = 0; i < n + keywords; ++i) {
    const std::string key =
        i < n ? "" : std::string(py::str(PyTuple_GET_ITEM(names, static_cast<Py_ssize_t>(i - n)))) + "=";
    got.push_back(key + Py_TYPE(args[i])->tp_name);
  }
  for (const Offer* o : *f.overloads) taken.push_back(fmt::format("({})", parameters(*o, false, f.method)));
  throw TypeError("{}() received an invalid combination of arguments: got ({}), but takes {}", *f.name,
                  fmt::join(got, ", "), fmt::join(taken, " or "));
}

PyObject* call(PyObject* self, PyObject* const* args, size_t flagged, PyObject* names) {
  return guarded([&]() -> PyObject* {
    const OpFunction& f = of(self);
    const auto n = static_cast<size_t>(PyVectorcall_NARGS(flagged));
    Value values[kMostParams];
    for (const Offer* o : *f.overloads) {
      if (ops::calls_observed() && jit::is_tracing()) jit::tracing_state()->stash.clear();
      if (fit(*o, args, n, names, values, nullptr))
        return unbox(ops::calls_observed() ? ops::call(*o, {values, o->params.size()})
                                           : o->call({values, o->params.size()}));
    }
    std::string why;
    fit(*(*f.overloads)[0], args, n, names, values, &why);
    if (ops::calls_observed() && jit::is_tracing()) jit::tracing_state()->stash.clear();
    no_fit(f, args, n, names, why);
  });
}

// --- the type

PyObject* bind(PyObject* self, PyObject* object, PyObject*) {
  if (!object || object == Py_None) return Py_NewRef(self);
  return PyMethod_New(self, object);
}

PyObject* describe(PyObject* self) {
  return PyUnicode_FromFormat("<%s %s of tapescope%s>", of(self).method ? "method" : "function", of(self).name->c_str(),
                              of(self).method ? ".Tensor" : "");
}

PyObject* get_name(PyObject* self, void*) {
  return PyUnicode_FromString(of(self).name->c_str());
}
PyObject* get_qualified(PyObject* self, void*) {
  return PyUnicode_FromFormat(of(self).method ? "Tensor.%s" : "%s", of(self).name->c_str());
}
PyObject* get_module(PyObject*, void*) {
  return PyUnicode_FromString("tapescope");
}
PyObject* get_signature(PyObject* self, void*) {
  if (of(self).overloads->size() > 1) Py_RETURN_NONE;
  std::string text = parameters(*(*of(self).overloads)[0], false, of(self).method);
  if (of(self).method) text.insert(0, "$");
  return PyUnicode_FromFormat("(%s)", text.c_str());
}
PyObject* get_doc(PyObject* self, void*) {
  std::string text, doc;
  for (const Offer* o : *of(self).overloads) {
    text += fmt::format("{}({}) -> {}\n", *of(self).name, parameters(*o, true, of(self).method), o->result);
    if (!o->doc.empty()) doc += "\n" + o->doc + "\n";
  }
  return PyUnicode_FromString((text + doc).c_str());
}

PyGetSetDef getset[] = {
    {"__name__", get_name, nullptr, nullptr, nullptr},
    {"__qualname__", get_qualified, nullptr, nullptr, nullptr},
    {"__module__", get_module, nullptr, nullptr, nullptr},
    {"__text_signature__", get_signature, nullptr, nullptr, nullptr},
    {"__doc__", get_doc, nullptr, nullptr, nullptr},
    {},
};

void ready_type() {
  PyTypeObject& t = OpFunctionType;
  t.ob_base.ob_base.ob_refcnt = 1;
  t.tp_name = "tapescope._C.Op";
  t.tp_basicsize = sizeof(OpFunction);
  t.tp_vectorcall_offset = offsetof(OpFunction, vectorcall);
  t.tp_call = PyVectorcall_Call;
  t.tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_VECTORCALL | Py_TPFLAGS_METHOD_DESCRIPTOR;
  t.tp_descr_get = bind;
  t.tp_repr = describe;
  t.tp_getset = getset;
  if (PyType_Ready(&t) < 0) throw py::error_already_set();
}

py::object make(const std::string& name, const std::vector<const Offer*>& overloads, bool method) {
  auto* f = PyObject_New(OpFunction, &OpFunctionType);
  if (!f) throw py::error_already_set();
  f->vectorcall = call;
  f->name = &name;
  f->overloads = &overloads;
  f->method = method;
  return py::reinterpret_steal<py::object>(reinterpret_cast<PyObject*>(f));
}

}  // namespace

void bind_offers(py::module_& m) {
  ready_type();
  using Named = std::map<std::string, std::vector<const Offer*>>;
  static Named& functions = *new Named;
  static Named& methods = *new Named;
  for (const Offer* o : ops::all_offers()) {
    if (o->params.size() > kMostParams)
      throw InternalError("{} takes {} arguments; {} are the most", o->name, o->params.size(), kMostParams);
    if (o->is_function) functions[o->name].push_back(o);
    if (o->is_method) methods[o->name].push_back(o);
  }
  for (const auto& [name, overloads] : functions) m.attr(name.c_str()) = make(name, overloads, false);
  for (const auto& [name, overloads] : methods) add_to_tensor(name.c_str(), make(name, overloads, true));
}

}  // namespace tapescope::face
