// record_function: a range of time with a name, as a context manager.
//
// A type of C, so that it has no Python frame of its own: the range begins and ends in the block's frame, and nests
// with the calls that a tracer records.
#include "core/python/callable.h"
#include "core/python/profile.h"

namespace tapescope::face {
namespace {

struct RecordFunction {
  PyObject_HEAD PyObject* name;
  PyObject* args;
  profile::RangeKind kind;
  std::vector<uint64_t>* open;  // tokens of the ranges that were entered; null: none was while a profile ran
};

PyTypeObject RecordFunctionType = {};

RecordFunction* of(PyObject* self) {
  return reinterpret_cast<RecordFunction*>(self);
}

int init(PyObject* self, PyObject* args, PyObject* kwargs) {
  static const char* names[] = {"name", "args", nullptr};
  PyObject *name = nullptr, *text = Py_None;
  // What almost every range is made with costs a third of what parsing does.
  if (!kwargs && PyTuple_GET_SIZE(args) == 1 && PyUnicode_Check(PyTuple_GET_ITEM(args, 0)))
    name = PyTuple_GET_ITEM(args, 0);
  else if (!PyArg_ParseTupleAndKeywords(args, kwargs, "U|O:record_function", const_cast<char**>(names), &name, &text))
    return -1;
  if (text != Py_None && !PyUnicode_Check(text)) {
    PyErr_Format(PyExc_TypeError, "record_function: args must be a str or None, not %s", Py_TYPE(text)->tp_name);
    return -1;
  }
  Py_XSETREF(of(self)->name, Py_NewRef(name));
  Py_XSETREF(of(self)->args, Py_NewRef(text));
  of(self)->kind = profile::RangeKind::user;
  return 0;
}

// The range of a hook that Python calls, named by its callable; outside of a profile the same one for all.
py::object hook_range(py::handle callable) {
  auto* const type = reinterpret_cast<PyObject*>(&RecordFunctionType);
  static PyObject* const nothing = PyObject_CallFunction(type, "s", "");
  if (!profile::running()) return py::reinterpret_borrow<py::object>(nothing);
  py::object range = py::handle(type)("hook: " + describe_callable(callable).name);
  of(range.ptr())->kind = profile::RangeKind::hook;
  return range;
}

void dealloc(PyObject* self) {
  PyTypeObject* type = Py_TYPE(self);
  Py_XDECREF(of(self)->name);
  Py_XDECREF(of(self)->args);
  delete of(self)->open;
  type->tp_free(self);
}

PyObject* enter(PyObject* self, PyObject*) {
  if (profile::running()) [[unlikely]] {
    return guarded([&] {
      RecordFunction* r = of(self);
      if (!r->name) throw TypeError("record_function: __init__ was not called");
      if (!r->open) r->open = new std::vector<uint64_t>;
      std::vector<profile::Argument> arguments;
      if (r->args != Py_None) arguments.push_back({{}, false, text_of(r->args)});
      r->open->push_back(profile::begin_range(text_of(r->name), r->kind, profile::kNoSequence, std::move(arguments)));
      return Py_NewRef(self);
    });
  }
  return Py_NewRef(self);
}

PyObject* exit(PyObject* self, PyObject* const*, Py_ssize_t) {
  if (std::vector<uint64_t>* open = of(self)->open; open && !open->empty()) {
    profile::end_range(open->back(), of(self)->kind);
    open->pop_back();
  }
  Py_RETURN_NONE;
}

PyMethodDef methods[] = {
    {"__enter__", enter, METH_NOARGS, "__enter__(self) -> record_function"},
    {"__exit__", reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(exit)), METH_FASTCALL,
     "__exit__(self, *error) -> None"},
    {},
};

PyObject* get_name(PyObject* self, void*) {
  PyObject* name = of(self)->name;
  return Py_NewRef(name ? name : Py_None);
}
PyObject* get_args(PyObject* self, void*) {
  PyObject* args = of(self)->args;
  return Py_NewRef(args ? args : Py_None);
}
PyGetSetDef getset[] = {
    {"name", get_name, nullptr, nullptr, nullptr},
    {"args", get_args, nullptr, nullptr, nullptr},
    {},
};

}  // namespace

std::string text_of(PyObject* str) {
  Py_ssize_t size = 0;
  if (const char* data = PyUnicode_AsUTF8AndSize(str, &size)) return {data, static_cast<size_t>(size)};
  PyErr_Clear();
  const auto bytes = py::reinterpret_steal<py::bytes>(PyUnicode_AsEncodedString(str, "utf-8", "backslashreplace"));
  if (!bytes) throw py::error_already_set();
  return bytes;
}

void init_record_function(py::module_& m) {
  PyTypeObject& t = RecordFunctionType;
  t.ob_base.ob_base.ob_refcnt = 1;
  t.tp_name = "tapescope._C._RecordFunction";
  t.tp_basicsize = sizeof(RecordFunction);
  t.tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE;
  t.tp_new = PyType_GenericNew;
  t.tp_init = init;
  t.tp_dealloc = dealloc;
  t.tp_methods = methods;
  t.tp_getset = getset;
  if (PyType_Ready(&t) < 0) throw py::error_already_set();
  m.def("_hook_range", &hook_range);
  m.attr("_RecordFunction") = py::handle(reinterpret_cast<PyObject*>(&t));
}

}  // namespace tapescope::face
