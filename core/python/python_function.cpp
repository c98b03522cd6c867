#include "core/python/python_function.h"

#include <unordered_map>

#include "core/ops/ops.h"
#include "core/python/with_gil.h"

namespace tapescope::face {
namespace {

// The class's name without its module, as PyTorch has it.
const NodeType* node_type_of(PyTypeObject* cls) {
  static auto& known = *new std::unordered_map<std::string, const NodeType*>;
  const char* name = cls->tp_name;
  if (const char* dot = std::strrchr(name, '.')) name = dot + 1;
  const NodeType*& type = known[name];
  if (!type) type = new NodeType{name, {}};
  return type;
}

[[noreturn]] void wrong_count(const std::string& name, size_t expected, size_t got) {
  throw AutogradError(
      "function {} returned an incorrect number of gradients (expected {}, got {}): backward returns one for each "
      "argument of forward, None for those that need none.",
      name, expected, got);
}

}  // namespace

PyNode::PyNode(PyObject* o, int edges) : WideNode(edges), obj(o), type_(node_type_of(Py_TYPE(o))) {
  python = obj;
  reinterpret_cast<PyNodeObject*>(obj)->node = this;
}

PyNode::~PyNode() {
  if (!Py_IsInitialized()) return;  // the object is left alone
  const WithGil gil;
  auto* self = reinterpret_cast<THPFunction*>(obj);
  self->base.node = nullptr;
  self->has_freed_buffers = 1;
  // Destructors of the program's run here: an error that is on its way stays.
  PyObject *error, *value, *traceback;
  PyErr_Fetch(&error, &value, &traceback);
  self->saved_variables.clear();
  Py_DECREF(obj);
  PyErr_Restore(error, value, traceback);
}

std::vector<Slot> PyNode::slots() const {
  const auto* self = reinterpret_cast<const THPFunction*>(obj);
  std::vector<Slot> out;
  for (size_t i = 0; i < self->saved_variables.size(); ++i)
    out.push_back({saved_slot_name(i), &self->saved_variables[i]});
  return out;
}

void PyNode::release_variables() {
  if (!Py_IsInitialized()) return;
  const WithGil gil;
  auto* self = reinterpret_cast<THPFunction*>(obj);
  // The list stays, so that what looks at it knows what was saved; each lets its tensor go.
  for (SavedVariable& s : self->saved_variables) s.reset();
  self->has_freed_buffers = 1;
}

bool ensure_tuple(py::object& obj) {
  if (PyTuple_Check(obj.ptr())) return false;
  obj = py::make_tuple(obj);
  return true;
}

py::tuple PyNode::to_py_args(std::span<const Tensor> grads) const {
  const auto* self = reinterpret_cast<const THPFunction*>(obj);
  py::tuple args(grads.size());
  for (size_t i = 0; i < grads.size(); ++i) {
    Tensor g = grads[i];
    const VariableInfo info = i < self->output_info.size() ? self->output_info[i] : nullptr;
    const bool differentiable = input_meta(static_cast<int>(i)) != nullptr;
    if (!g.defined() && info && self->materialize_grads && (differentiable || self->materialize_non_diff_grads))
      g = ops::full(info->shape, 0, info->dtype);
    PyTuple_SET_ITEM(args.ptr(), static_cast<Py_ssize_t>(i), wrap(std::move(g)));
  }
  return args;
}

void PyNode::to_variable_list(const py::tuple& results, std::span<Tensor> out) const {
  const auto& is_variable = reinterpret_cast<const THPFunction*>(obj)->is_variable_input;
  size_t next = 0;
  for (size_t i = 0; i < is_variable.size(); ++i) {
    PyObject* r = PyTuple_GET_ITEM(results.ptr(), static_cast<Py_ssize_t>(i));
    if (!is_variable[i]) {
      if (r != Py_None)
        throw AutogradError(
            "function {} returned a gradient different than None at position {}, but the corresponding forward input "
            "was not a Variable",
            type().name, i + 1);
      continue;
    }
    if (r == Py_None) {
      ++next;
      continue;
    }
    if (!is_tensor(r))
      throw AutogradError("expected Variable or None (got {}): function {} returned it at position {}",
                          Py_TYPE(r)->tp_name, type().name, i + 1);
    if (next < out.size()) out[next] = unwrap(r);
    ++next;
  }
}

// The program's backward, or vjp, with its ctx.
void PyNode::apply(std::span<Tensor> grads, std::span<Tensor> out) {
  const WithGil gil;
  auto* self = reinterpret_cast<THPFunction*>(obj);
  const py::object kept = py::reinterpret_borrow<py::object>(obj);
  static PyObject* const apply_name = PyUnicode_InternFromString("apply");
  py::tuple args = to_py_args(grads);
  for (Tensor& g : grads) g.reset();  // the program may drop them
  if (self->boxed_grads_call) args = py::make_tuple(py::list(args));
  py::object result = checked_call([&] {
    const py::object method = py::reinterpret_steal<py::object>(PyObject_GetAttr(obj, apply_name));
    return method ? PyObject_CallObject(method.ptr(), args.ptr()) : nullptr;
  });
  ensure_tuple(result);
  const size_t expected = self->is_variable_input.size();
  auto count = static_cast<size_t>(PyTuple_GET_SIZE(result.ptr()));
  while (count > expected && PyTuple_GET_ITEM(result.ptr(), static_cast<Py_ssize_t>(count) - 1) == Py_None) --count;
  if (count != expected) wrong_count(type().name, expected, static_cast<size_t>(PyTuple_GET_SIZE(result.ptr())));
  to_variable_list(py::reinterpret_borrow<py::tuple>(result), out);
}

}  // namespace tapescope::face
