// THPFunction as a Python type: `_C._FunctionBase`.
#include <cstddef>

#include "core/autograd/engine.h"
#include "core/python/python_function.h"
#include "core/python/saved_tensor.h"

namespace tapescope::face {

PyTypeObject THPFunctionType{};

namespace {

THPFunction* of(PyObject* self) {
  return reinterpret_cast<THPFunction*>(self);
}

PyObject* THPFunction_new(PyTypeObject* type, PyObject*, PyObject*) {
  PyObject* o = type->tp_alloc(type, 0);
  if (!o) return nullptr;
  THPFunction* self = of(o);
  self->materialize_grads = self->materialize_non_diff_grads = true;
  new (&self->output_info) std::vector<VariableInfo>;
  new (&self->input_info) std::vector<VariableInfo>;
  new (&self->saved_variables) std::vector<SavedVariable>;
  new (&self->is_variable_input) std::vector<bool>;
  return o;
}

int THPFunction_traverse(PyObject* o, visitproc visit, void* arg) {
  THPFunction* self = of(o);
  Py_VISIT(self->base.dict);
  Py_VISIT(self->needs_input_grad);
  Py_VISIT(self->to_save);
  Py_VISIT(self->non_differentiable);
  Py_VISIT(self->dirty_tensors);
  Py_VISIT(self->saved_for_forward);
  Py_VISIT(self->compiled_autograd_backward_state);
  return self->base.node ? visit_hook_dicts(*self->base.node, visit, arg) : 0;
}

int THPFunction_clear(PyObject* o) {
  THPFunction* self = of(o);
  Py_CLEAR(self->base.dict);
  Py_CLEAR(self->needs_input_grad);
  Py_CLEAR(self->to_save);
  Py_CLEAR(self->non_differentiable);
  Py_CLEAR(self->dirty_tensors);
  Py_CLEAR(self->saved_for_forward);
  Py_CLEAR(self->compiled_autograd_backward_state);
  return 0;
}

// The node is gone: it owned this object, or never was.
void THPFunction_dealloc(PyObject* o) {
  THPFunction* self = of(o);
  PyObject_GC_UnTrack(o);
  if (self->base.weak) PyObject_ClearWeakRefs(o);
  THPFunction_clear(o);
  std::destroy_at(&self->output_info);
  std::destroy_at(&self->input_info);
  std::destroy_at(&self->saved_variables);
  std::destroy_at(&self->is_variable_input);
  Py_TYPE(o)->tp_free(o);
}

// --- saved tensors

std::vector<py::object> saved_objects(THPFunction* self) {
  const Node& node = *self->base.node;
  std::vector<py::object> out;
  for (size_t i = 0; i < self->saved_variables.size(); ++i)
    out.push_back(
        py::reinterpret_steal<py::object>(wrap(self->saved_variables[i].unpack(node, saved_slot_name(i), true))));
  return out;
}

PyObject* THPFunction_saved_tensors(PyObject* o, void*) {
  return guarded([&] {
    THPFunction* self = of(o);
    if (self->saved_for_forward) return Py_NewRef(self->saved_for_forward);
    return unpack_saved_variables(self).release().ptr();
  });
}
PyObject* THPFunction_saved_variables(PyObject* o, void*) {
  if (PyErr_WarnEx(PyExc_DeprecationWarning, "'saved_variables' is deprecated; use 'saved_tensors'", 1) < 0)
    return nullptr;
  return THPFunction_saved_tensors(o, nullptr);
}
PyObject* THPFunction_raw_saved_tensors(PyObject* o, void*) {
  return guarded([&] {
    THPFunction* self = of(o);
    if (self->has_freed_buffers) throw AutogradError("{}", kBackwardTwice);
    py::tuple out(self->saved_variables.size());
    for (size_t i = 0; i < self->saved_variables.size(); ++i)
      out[i] = py::cast(SavedTensor(Ref<Node>(self->base.node), std::string(saved_slot_name(i))));
    return out.release().ptr();
  });
}
PyObject* THPFunction_maybe_clear_saved_tensors(PyObject* o, PyObject*) {
  return guarded([&] {
    THPFunction* self = of(o);
    if (self->base.node && !current_task_keeps_graph()) static_cast<PyNode*>(self->base.node)->release_variables();
    return Py_NewRef(Py_None);
  });
}

// --- plain fields: any object, None resets

template <PyObject* THPFunction::*Field>
PyObject* getObject(PyObject* o, void*) {
  PyObject* value = of(o)->*Field;
  return Py_NewRef(value ? value : Py_None);
}
template <PyObject* THPFunction::*Field>
int setObject(PyObject* o, PyObject* value, void*) {
  if (value == Py_None) value = nullptr;
  Py_XINCREF(value);
  Py_XSETREF(of(o)->*Field, value);
  return 0;
}
template <bool THPFunction::*Field>
PyObject* get_flag(PyObject* o, void*) {
  return PyBool_FromLong(of(o)->*Field);
}
int set_bool(bool& field, const char* name, PyObject* value) {
  if (!value || !PyBool_Check(value)) {
    PyErr_Format(PyExc_TypeError, "%s: expected a bool, got %s", name, value ? Py_TYPE(value)->tp_name : "nothing");
    return -1;
  }
  field = value == Py_True;
  return 0;
}
int THPFunction_set_materialize_grads(PyObject* o, PyObject* value, void*) {
  return set_bool(of(o)->materialize_grads, "set_materialize_grads", value);
}
int THPFunction_set_pure_view(PyObject* o, PyObject* value, void*) {
  return set_bool(of(o)->pure_view, "_is_pure_view", value);
}
int THPFunction_set_materialize_non_diff_grads(PyObject* o, PyObject* value, void*) {
  return set_bool(of(o)->materialize_non_diff_grads, "_materialize_non_diff_grads", value);
}
int THPFunction_set_compiled_autograd_backward_state(PyObject* o, PyObject* value, void*) {
  if (of(o)->compiled_autograd_backward_state) {
    PyErr_SetString(PyExc_RuntimeError, "_compiled_autograd_backward_state was set before; it is set once");
    return -1;
  }
  return setObject<&THPFunction::compiled_autograd_backward_state>(o, value, nullptr);
}
PyObject* THPFunction_requires_grad(PyObject*, void*) {
  Py_RETURN_TRUE;
}
PyObject* THPFunction_metadata(PyObject* o, void*) {
  return guarded([&] {
    if (!of(o)->base.node)
      throw AutogradError(
          "You attempted to access the anomaly metadata of a custom autograd function but the underlying PyNode has "
          "already been deallocated. The most likely reason this occurred is because you assigned x.grad_fn to a local "
          "variable and then let the original variable get deallocated. Don't do that! If you really have no way of "
          "restructuring your code so this is the case, please keep the tensor.");
    return node_metadata(*of(o)->base.node).release().ptr();
  });
}
PyObject* THPFunction_get_compiled_autograd_symints(PyObject*, PyObject*) {
  return PyTuple_New(0);  // there is no compiled autograd that could have lifted any
}

PyGetSetDef properties[] = {
    {"saved_tensors", THPFunction_saved_tensors, nullptr,
     "What save_for_backward was given, as a tuple. Raises RuntimeError once the graph was freed, or if one was "
     "written "
     "since.",
     nullptr},
    {"saved_variables", THPFunction_saved_variables, nullptr, "Deprecated name of saved_tensors.", nullptr},
    {"_raw_saved_tensors", THPFunction_raw_saved_tensors, nullptr, "The SavedTensors behind saved_tensors.", nullptr},
    {"to_save", getObject<&THPFunction::to_save>, setObject<&THPFunction::to_save>,
     "What save_for_backward was given, until apply() ends.", nullptr},
    {"non_differentiable", getObject<&THPFunction::non_differentiable>, setObject<&THPFunction::non_differentiable>,
     "What mark_non_differentiable was given, until apply() ends.", nullptr},
    {"dirty_tensors", getObject<&THPFunction::dirty_tensors>, setObject<&THPFunction::dirty_tensors>,
     "What mark_dirty was given, until apply() ends.", nullptr},
    {"saved_for_forward", getObject<&THPFunction::saved_for_forward>, setObject<&THPFunction::saved_for_forward>,
     "What save_for_forward was given, until apply() ends.", nullptr},
    {"needs_input_grad", getObject<&THPFunction::needs_input_grad>, setObject<&THPFunction::needs_input_grad>,
     "One bool an argument of forward.", nullptr},
    {"requires_grad", THPFunction_requires_grad, nullptr, "True.", nullptr},
    {"metadata", THPFunction_metadata, nullptr, "A dict of the program's, kept for the node's life.", nullptr},
    {"materialize_grads", nullptr, THPFunction_set_materialize_grads, "See set_materialize_grads.", nullptr},
    {"_is_pure_view", nullptr, THPFunction_set_pure_view,
     "True says that replaying the view is its right backward: the result may be written in place.", nullptr},
    {"_materialize_non_diff_grads", get_flag<&THPFunction::materialize_non_diff_grads>,
     THPFunction_set_materialize_non_diff_grads, "False: gradients of non-differentiable results stay None.", nullptr},
    {"_compiled_autograd_backward_state", getObject<&THPFunction::compiled_autograd_backward_state>,
     THPFunction_set_compiled_autograd_backward_state, "An object of the compiler's; set once.", nullptr},
    {nullptr, nullptr, nullptr, nullptr, nullptr}};

PyMethodDef methods[] = {
    {"apply", reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(THPFunction_apply)),
     METH_CLASS | METH_FASTCALL | METH_KEYWORDS, "Runs forward on the arguments and records the function as one node."},
    {"maybe_clear_saved_tensors", THPFunction_maybe_clear_saved_tensors, METH_NOARGS,
     "Drops the saved tensors if a backward is running that does not keep the graph."},
    {"_get_compiled_autograd_symints", THPFunction_get_compiled_autograd_symints, METH_NOARGS, "An empty tuple."},
    {nullptr, nullptr, 0, nullptr}};

// --- once_differentiable's end

class DelayedError final : public WideNode {
 public:
  DelayedError(std::string message, int edges, int outputs) : WideNode(edges, outputs), message_(std::move(message)) {}
  const NodeType& type() const override {
    static const NodeType t{"DelayedError", {}};
    return t;
  }
  void apply(std::span<Tensor>, std::span<Tensor>) override { throw AutogradError("{}", message_); }

 private:
  std::string message_;
};

// Aliases that require grad and cannot be differentiated.
py::tuple delayed_error(const std::string& message, const py::args& tensors) {
  std::vector<Tensor> given;
  for (py::handle t : tensors) given.push_back(is_tensor(t.ptr()) ? unwrap(t.ptr()) : Tensor());
  const auto node =
      Ref<Node>::adopt(new DelayedError(message, static_cast<int>(given.size()), static_cast<int>(given.size())));
  py::tuple out(given.size());
  for (size_t i = 0; i < given.size(); ++i) {
    if (!given[i].defined() || !is_differentiable(given[i].dtype())) {
      out[i] = tensors[i];
      continue;
    }
    node->set_edge(static_cast<int>(i), gradient_edge(given[i]));
    Tensor alias = given[i].alias();
    set_history(alias, node, static_cast<uint32_t>(i));
    out[i] = py::reinterpret_steal<py::object>(wrap(std::move(alias)));
  }
  return out;
}

}  // namespace

py::tuple unpack_saved_variables(THPFunction* self) {
  if (self->has_freed_buffers) {
    if (self->base.node) throw_backward_twice(*self->base.node);
    throw AutogradError("{}", kBackwardTwice);
  }
  if (self->saved_tensors_taken)
    throw AutogradError(
        "ctx.saved_tensors can only be accessed once: the Function sets clear_saved_tensors_on_access, so that the "
        "first "
        "access lets them go. Keep them in a variable.");
  if (self->saved_variables.empty()) return py::tuple();
  const std::vector<py::object> saved = saved_objects(self);
  py::tuple out(saved.size());
  for (size_t i = 0; i < saved.size(); ++i) out[i] = saved[i];
  if (self->clear_saved_tensors_on_access) {
    for (SavedVariable& s : self->saved_variables) s.reset();
    self->saved_tensors_taken = true;
  }
  return out;
}

void init_function_type(py::module_& m) {
  PyTypeObject& t = THPFunctionType;
  Py_SET_REFCNT(&t, 1);
  t.tp_name = "tapescope._C._FunctionBase";
  t.tp_doc = "A call of a custom Function: the ctx of forward and backward, and the node's face.";
  t.tp_base = &NodeBase;
  t.tp_basicsize = sizeof(THPFunction);
  t.tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC;
  t.tp_new = THPFunction_new;
  t.tp_dealloc = THPFunction_dealloc;
  t.tp_traverse = THPFunction_traverse;
  t.tp_clear = THPFunction_clear;
  t.tp_free = PyObject_GC_Del;
  t.tp_getset = properties;
  t.tp_methods = methods;
  if (PyType_Ready(&t) < 0) throw py::error_already_set();
  m.add_object("_FunctionBase", reinterpret_cast<PyObject*>(&t));
  m.def("_delayed_error", &delayed_error, py::arg("message"));
  THPFunction_initModule(m);
}

}  // namespace tapescope::face
