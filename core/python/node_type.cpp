// Nodes as Python sees them: one wrapper a node while it lives, of a class named like the node.
#include <cmath>
#include <cstddef>
#include <map>

#include "core/autograd/engine.h"
#include "core/graph/saved_variable.h"
#include "core/python/python_function.h"
#include "core/python/saved_tensor.h"

namespace tapescope::face {

PyTypeObject NodeBase{};

Node* check_legacy_fn_attr_access(PyObject* self, const char* attribute) {
  Node* node = reinterpret_cast<PyNodeObject*>(self)->node;
  if (!node)
    throw AutogradError(
        "Attribute '{}' is invalid for this instance of _C._FunctionBase. Accessing this attribute directly on an "
        "instance of autograd.Function is a legacy access pattern that is no longer supported: there is no node behind "
        "it, or it is gone with its graph. For examples on how to use new-style autograd functions, see "
        "autograd.Function.",
        attribute);
  return node;
}

int visit_node(const Node& node, visitproc visit, void* arg) {
  if (node.use_count() != 1) return 0;
  if (node.python && THPFunction_Check(static_cast<PyObject*>(node.python))) {
    Py_VISIT(static_cast<PyObject*>(node.python));
    return 0;
  }
  return visit_hook_dicts(node, visit, arg);
}

namespace {

// Of a node of the engine, which its object owns.
Node* node_of(PyObject* self) {
  return reinterpret_cast<PyNodeObject*>(self)->node;
}

void node_dealloc(PyObject* self) {
  auto* o = reinterpret_cast<PyNodeObject*>(self);
  PyTypeObject* type = Py_TYPE(self);
  PyObject_GC_UnTrack(self);
  if (o->weak) PyObject_ClearWeakRefs(self);
  Py_CLEAR(o->dict);
  if (o->node) {
    o->node->python = nullptr;
    o->node->release();
  }
  type->tp_free(self);
  Py_DECREF(type);
}
// The class is visited by the traverse function of the classes made below, whose base this one is.
int node_traverse(PyObject* self, visitproc visit, void* arg) {
  Py_VISIT(reinterpret_cast<PyNodeObject*>(self)->dict);
  const Node* node = node_of(self);
  return node && node->use_count() == 1 ? visit_hook_dicts(*node, visit, arg) : 0;
}
int node_clear(PyObject* self) {
  Py_CLEAR(reinterpret_cast<PyNodeObject*>(self)->dict);
  return 0;
}

// _saved_NAME: the value; _raw_saved_NAME: the slot.
PyObject* node_getattro(PyObject* self, PyObject* name) {
  PyObject* found = PyObject_GenericGetAttr(self, name);
  if (found || !PyErr_ExceptionMatches(PyExc_AttributeError)) return found;
  const char* text = PyUnicode_AsUTF8(name);
  if (!text) return nullptr;
  constexpr std::string_view kSaved = "_saved_", kRaw = "_raw_saved_";
  const std::string_view whole(text);
  const bool raw = whole.starts_with(kRaw);
  if ((!raw && !whole.starts_with(kSaved)) || !node_of(self)) return nullptr;
  const std::string_view slot = whole.substr(raw ? kRaw.size() : kSaved.size());
  PyObject *type, *value, *traceback;
  PyErr_Fetch(&type, &value, &traceback);
  bool known = false;
  PyObject* result = guarded([&]() -> PyObject* {
    const Node& n = *node_of(self);
    for (const Slot& s : n.slots()) {
      if (s.name != slot || (raw && !s.variable)) continue;
      known = true;
      if (raw) return py::cast(SavedTensor(Ref<Node>(node_of(self)), std::string(slot))).release().ptr();
      if (s.variable) return wrap(s.variable->unpack(n, s.name));
      if (s.text == "nan") return PyFloat_FromDouble(std::nan(""));
      return py::module_::import("ast").attr("literal_eval")(s.text).release().ptr();
    }
    return nullptr;
  });
  if (known) {
    Py_XDECREF(type);
    Py_XDECREF(value);
    Py_XDECREF(traceback);
    return result;
  }
  PyErr_Restore(type, value, traceback);
  return nullptr;
}

PyObject* node_call(PyObject* self, PyObject* args, PyObject* kwargs) {
  return guarded([&]() -> PyObject* {
    Node& n = *check_legacy_fn_attr_access(self, "__call__");
    if (kwargs && PyDict_Size(kwargs)) throw TypeError("{}() takes no keyword arguments", n.type().name);
    if (PyTuple_GET_SIZE(args) != n.num_inputs())
      throw TypeError("expected {} arguments, got {}", n.num_inputs(), PyTuple_GET_SIZE(args));
    std::vector<Tensor> grads;
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(args); ++i) {
      PyObject* a = PyTuple_GET_ITEM(args, i);
      if (a != Py_None && !is_tensor(a))
        throw TypeError("argument {}: expected a Tensor or None, not {}", i, Py_TYPE(a)->tp_name);
      grads.push_back(a == Py_None ? Tensor() : unwrap(a));
    }
    const std::vector<Tensor> out = call_node(n, std::move(grads));
    if (out.size() == 1) return wrap(out[0]);
    return py::cast(out).cast<py::tuple>().release().ptr();
  });
}

PyObject* get_next_functions(PyObject* self, void*) {
  return guarded([&] {
    const Node& n = *check_legacy_fn_attr_access(self, "next_functions");
    py::tuple out(static_cast<size_t>(n.num_edges()));
    for (int i = 0; i < n.num_edges(); ++i)
      out[static_cast<size_t>(i)] =
          py::make_tuple(py::reinterpret_steal<py::object>(wrap(n.edge(i).node.get())), n.edge(i).input_nr);
    return out.release().ptr();
  });
}
PyObject* get_variable(PyObject* self, void*) {
  return guarded([&]() -> PyObject* {
    const Node* n = node_of(self);
    const Tensor t = n ? n->leaf() : Tensor();
    if (!t.defined()) {
      PyErr_Format(PyExc_AttributeError, "'%s' object has no attribute 'variable': only AccumulateGrad has",
                   Py_TYPE(self)->tp_name);
      return nullptr;
    }
    return wrap(t);
  });
}
PyObject* get_metadata(PyObject* self, void*) {
  return guarded([&] { return node_metadata(*check_legacy_fn_attr_access(self, "metadata")).release().ptr(); });
}
PyObject* get_id(PyObject* self, void*) {
  return guarded([&] { return PyLong_FromUnsignedLongLong(check_legacy_fn_attr_access(self, "_id")->id()); });
}
PyObject* get_derivatives(PyObject* self, void*) {
  return guarded([&] {
    const Node* n = check_legacy_fn_attr_access(self, "_derivatives");
    return py::cast(n->type().derivatives).cast<py::tuple>().release().ptr();
  });
}
// What each gradient that comes in has to look like; None where nothing is said.
PyObject* get_input_metadata(PyObject* self, void*) {
  return guarded([&] {
    const Node& n = *check_legacy_fn_attr_access(self, "_input_metadata");
    const py::object made = py::module_::import("tapescope._returns").attr("InputMetadata");
    const py::object cpu = py::module_::import("tapescope._device").attr("cpu");
    py::list out;
    for (int i = 0; i < n.num_inputs(); ++i) {
      const TensorMeta* m = n.input_meta(i);
      out.append(m ? made(m->dtype, m->shape, cpu) : py::object(py::none()));
    }
    return out.release().ptr();
  });
}
PyObject* call_name(PyObject* self, PyObject*) {
  return guarded([&] { return PyUnicode_FromString(check_legacy_fn_attr_access(self, "name")->type().name.c_str()); });
}
PyObject* call_sequence_nr(PyObject* self, PyObject*) {
  return guarded(
      [&] { return PyLong_FromUnsignedLongLong(check_legacy_fn_attr_access(self, "_sequence_nr")->sequence_nr()); });
}
PyObject* call_set_sequence_nr(PyObject* self, PyObject* nr) {
  return guarded([&] {
    check_legacy_fn_attr_access(self, "_set_sequence_nr")->set_sequence_nr(py::handle(nr).cast<uint64_t>());
    return Py_NewRef(Py_None);
  });
}
PyObject* call_slots(PyObject* self, PyObject*) {
  return guarded([&] {
    py::list names;
    if (!node_of(self)) return names.release().ptr();
    for (const Slot& s : node_of(self)->slots()) names.append(std::string(s.name));
    return names.release().ptr();
  });
}
// Names of the slots that hold tensors.
PyObject* call_raw_slots(PyObject* self, PyObject*) {
  return guarded([&] {
    py::list names;
    if (!node_of(self)) return names.release().ptr();
    for (const Slot& s : node_of(self)->slots())
      if (s.variable) names.append(std::string(s.name));
    return names.release().ptr();
  });
}
PyObject* call_release(PyObject* self, PyObject*) {
  return guarded([&] {
    check_legacy_fn_attr_access(self, "_release_variables")->release_variables(0);
    return Py_NewRef(Py_None);
  });
}

// A subclass of Node named as the node's type.
PyTypeObject* class_of(const std::string& name) {
  static auto& classes = *new std::map<std::string, PyTypeObject*>;
  PyTypeObject*& c = classes[name];
  if (!c) {
    py::object made = py::reinterpret_steal<py::object>(
        PyObject_CallFunction(reinterpret_cast<PyObject*>(&PyType_Type), "s(O){s:s,s:()}", name.c_str(),
                              reinterpret_cast<PyObject*>(&NodeBase), "__module__", "tapescope.autograd", "__slots__"));
    if (!made) throw py::error_already_set();
    c = reinterpret_cast<PyTypeObject*>(made.release().ptr());
    c->tp_dealloc = node_dealloc;
  }
  return c;
}

}  // namespace

PyObject* wrap(Node* node) {
  if (!node) Py_RETURN_NONE;
  if (node->python) return Py_NewRef(static_cast<PyObject*>(node->python));
  PyTypeObject* type = class_of(node->type().name);
  auto* o = reinterpret_cast<PyNodeObject*>(type->tp_alloc(type, 0));
  if (!o) throw py::error_already_set();
  node->retain();
  o->node = node;
  node->python = o;
  return reinterpret_cast<PyObject*>(o);
}

Ref<Node> unwrap_node(PyObject* o) {
  return PyObject_TypeCheck(o, &NodeBase) ? Ref<Node>(node_of(o)) : Ref<Node>();
}

void init_node_type(py::module_& m) {
  static PyGetSetDef getset[] = {
      {"__dict__", PyObject_GenericGetDict, PyObject_GenericSetDict, nullptr, nullptr},
      {"next_functions", get_next_functions, nullptr,
       "((node or None, input_nr), …): where each gradient it returns goes.", nullptr},
      {"variable", get_variable, nullptr, "The leaf of an AccumulateGrad.", nullptr},
      {"metadata", get_metadata, nullptr,
       "A dict of the user's, kept for the node's life; anomaly mode puts traceback_ and parent_ there.", nullptr},
      {"_input_metadata", get_input_metadata, nullptr,
       "InputMetadata(dtype, shape, device) of each gradient that comes in; None where nothing is said.", nullptr},
      {"_id", get_id, nullptr, "The node's id in documents.", nullptr},
      {"_derivatives", get_derivatives, nullptr, "Formula of each gradient it returns.", nullptr},
      {nullptr, nullptr, nullptr, nullptr, nullptr}};
  static PyMethodDef methods[] = {{"name", call_name, METH_NOARGS, "The node's name."},
                                  {"_sequence_nr", call_sequence_nr, METH_NOARGS, "Number in order of creation."},
                                  {"_set_sequence_nr", call_set_sequence_nr, METH_O,
                                   "Sets the number by which the engine orders ready nodes: the highest runs first."},
                                  {"_slots", call_slots, METH_NOARGS, "Names of what it saved."},
                                  {"_raw_slots", call_raw_slots, METH_NOARGS, "Names of the tensors that it saved."},
                                  {"_release_variables", call_release, METH_NOARGS, "Drops the saved variables."},
                                  {nullptr, nullptr, 0, nullptr}};
  PyTypeObject& t = NodeBase;
  Py_SET_REFCNT(&t, 1);
  t.tp_name = "tapescope.autograd.Node";
  t.tp_doc = "A vertex of the backward graph.";
  t.tp_basicsize = sizeof(PyNodeObject);
  t.tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC;
  t.tp_dealloc = node_dealloc;
  t.tp_traverse = node_traverse;
  t.tp_clear = node_clear;
  t.tp_free = PyObject_GC_Del;
  t.tp_getattro = node_getattro;
  t.tp_call = node_call;
  t.tp_dictoffset = offsetof(PyNodeObject, dict);
  t.tp_weaklistoffset = offsetof(PyNodeObject, weak);
  t.tp_getset = getset;
  t.tp_methods = methods;
  if (PyType_Ready(&t) < 0) throw py::error_already_set();
  m.add_object("Node", reinterpret_cast<PyObject*>(&t));
  m.def("_add_to_node", [](const char* name, py::object value) {
    if (PyDict_SetItemString(NodeBase.tp_dict, name, value.ptr()) < 0) throw py::error_already_set();
    PyType_Modified(&NodeBase);
  });
  m.def("_add_to_tensor", [](const char* name, py::object value) { add_to_tensor(name, std::move(value)); });
}

}  // namespace tapescope::face
