// From what forward returned to results with a history.
#include "core/python/python_function.h"
#include "core/python/python_tracer.h"

namespace tapescope::face {
namespace {

py::object owned(PyObject*& field) {
  return py::reinterpret_steal<py::object>(std::exchange(field, nullptr));
}

// What the program saves, None as an undefined tensor. `seen`: those that a context set up after forward saves.
std::vector<Tensor> _get_tensors_to_save(THPFunction* self, std::vector<TensorImpl*>& seen,
                                         bool overridden_setup_context, bool is_executable) {
  std::vector<Tensor> out;
  if (self->saved_for_forward && overridden_setup_context && PyTuple_Check(self->saved_for_forward))
    for (py::handle o : py::reinterpret_borrow<py::tuple>(self->saved_for_forward))
      if (is_tensor(o.ptr())) seen.push_back(reinterpret_cast<PyTensor*>(o.ptr())->impl);
  if (!self->to_save) return out;
  if (!PyTuple_Check(self->to_save))
    throw TypeError("saved_tensors must be a tuple, but is {}", Py_TYPE(self->to_save)->tp_name);
  size_t i = 0;
  for (py::handle o : py::reinterpret_borrow<py::tuple>(self->to_save)) {
    if (o.is_none()) {
      out.emplace_back();
    } else if (is_tensor(o.ptr())) {
      out.push_back(unwrap(o.ptr()));
      if (overridden_setup_context) seen.push_back(out.back().impl());
    } else if (is_executable) {
      throw TypeError("save_for_backward can only save variables, but argument {} is of type {}", i,
                      Py_TYPE(o.ptr())->tp_name);
    }
    ++i;
  }
  return out;
}

std::vector<TensorImpl*> _mark_dirty(THPFunction* self) {
  std::vector<TensorImpl*> dirty;
  if (!self->dirty_tensors) return dirty;
  const py::object list = owned(self->dirty_tensors);
  if (!PyTuple_Check(list.ptr()))
    throw AutogradError("autograd internal error: dirty_tensors attribute is expected to be a tuple but is {}",
                        Py_TYPE(list.ptr())->tp_name);
  size_t i = 0;
  for (py::handle o : py::reinterpret_borrow<py::tuple>(list)) {
    if (!is_tensor(o.ptr()))
      throw AutogradError("mark_dirty can only accept variables, but argument {} is of type {}", i,
                          Py_TYPE(o.ptr())->tp_name);
    dirty.push_back(reinterpret_cast<PyTensor*>(o.ptr())->impl);
    tapescope::_mark_dirty(unwrap(o.ptr()));
    ++i;
  }
  return dirty;
}

std::vector<TensorImpl*> _parse_non_differentiable(THPFunction* self) {
  std::vector<TensorImpl*> out;
  if (!self->non_differentiable) return out;
  const py::object list = owned(self->non_differentiable);
  if (!PyTuple_Check(list.ptr()))
    throw AutogradError("autograd internal error: non_differentiable attribute is expected to be a tuple but is {}",
                        Py_TYPE(list.ptr())->tp_name);
  size_t i = 0;
  for (py::handle o : py::reinterpret_borrow<py::tuple>(list)) {
    if (!is_tensor(o.ptr()))
      throw AutogradError("mark_non_differentiable only accepts variable arguments, but got {} at position {}",
                          Py_TYPE(o.ptr())->tp_name, i);
    out.push_back(reinterpret_cast<PyTensor*>(o.ptr())->impl);
    ++i;
  }
  return out;
}

// After the results have their history: one of them is saved without owning its node.
void _save_variables(THPFunction* self, const std::vector<Tensor>& to_save, std::span<const Tensor> outputs) {
  self->saved_variables.reserve(to_save.size());
  for (const Tensor& t : to_save) {
    bool is_output = false;
    for (const Tensor& o : outputs) is_output |= t.defined() && o.defined() && o.is_same(t);
    self->saved_variables.emplace_back(t, is_output);
  }
}

const OpSchema& schema_of(const NodeType& type, bool in_place) {
  static auto& known = *new std::unordered_map<std::string, std::unique_ptr<std::pair<std::string, OpSchema>>>;
  auto& entry = known[type.name + (in_place ? "!" : "")];
  if (!entry) {
    std::string name = type.name;
    if (name.ends_with("Backward")) name.resize(name.size() - 8);
    entry = std::make_unique<std::pair<std::string, OpSchema>>(name, OpSchema{nullptr, in_place});
    entry->second.name = entry->first.c_str();
  }
  return entry->second;
}

void tell_observer(const PyNode& node, bool recorded, bool in_place, const UnpackedInput& in,
                   std::span<const Tensor> outputs) {
  if (!op_observer) return;
  std::vector<const Tensor*> inputs;
  for (const Tensor& t : in.input_vars) inputs.push_back(&t);
  for (const Tensor& t : outputs) {
    const Tensor* one[] = {&t};
    if (t.defined()) op_observer->op({schema_of(node.type(), in_place), inputs, one, recorded ? &node : nullptr});
  }
}

void warn_of_dirty_outsiders(const WrapRules& rules) {
  for (TensorImpl* d : rules.dirty)
    if (std::find(rules.inputs.begin(), rules.inputs.end(), d) == rules.inputs.end()) {
      if (PyErr_WarnEx(PyExc_UserWarning,
                       "Only input Tensors should be given to ctx.mark_dirty(). If a Tensor is not an input, there is "
                       "no need to pass it to mark_dirty().",
                       1) < 0)
        throw py::error_already_set();
      return;
    }
}

}  // namespace

void process_outputs(PyNode& node, THPFunction* ctx, const UnpackedInput& in, py::tuple& outputs, bool is_executable,
                     bool overridden_setup_context, const TracedCall& traced) {
  const auto n = static_cast<size_t>(PyTuple_GET_SIZE(outputs.ptr()));
  constexpr size_t kInline = 4;
  Tensor few[kInline];
  std::vector<Tensor> many(n > kInline ? n : 0);
  const std::span<Tensor> tensors(n > kInline ? many.data() : few, n);
  for (size_t i = 0; i < n; ++i)
    if (PyObject* o = PyTuple_GET_ITEM(outputs.ptr(), static_cast<Py_ssize_t>(i)); is_tensor(o)) tensors[i] = unwrap(o);
  node.resize_inputs(static_cast<int>(n));

  WrapRules rules;
  rules.pure_view = ctx->pure_view;
  for (const Tensor& t : in.input_vars) rules.inputs.push_back(t.impl());
  const std::vector<Tensor> to_save =
      _get_tensors_to_save(ctx, rules.saved_by_setup, overridden_setup_context, is_executable);
  rules.dirty = _mark_dirty(ctx);
  if (!rules.dirty.empty()) warn_of_dirty_outsiders(rules);
  rules.non_differentiable = _parse_non_differentiable(ctx);
  if (is_executable) {
    ctx->output_info.reserve(n);
    for (const Tensor& t : tensors) ctx->output_info.push_back(t.defined() ? intern_meta(t) : nullptr);
    for (const Tensor& t : in.input_vars) ctx->input_info.push_back(intern_meta(t));
  }
  _wrap_outputs(rules, is_executable ? Ref<Node>(&node) : Ref<Node>(), tensors);
  _trace_post_record(traced.node, traced.cls, tensors, !rules.dirty.empty(), traced.unpack_output);
  if (is_executable) _save_variables(ctx, to_save, tensors);
  tell_observer(node, is_executable, !rules.dirty.empty(), in, tensors);
  owned(ctx->to_save);
  owned(ctx->saved_for_forward);

  py::tuple wrapped(n);
  for (size_t i = 0; i < n; ++i) {
    PyObject* raw = PyTuple_GET_ITEM(outputs.ptr(), static_cast<Py_ssize_t>(i));
    PyObject* o = tensors[i].defined() ? wrap(std::move(tensors[i])) : Py_NewRef(raw);
    // A ctx that holds its result is a circle that the collector finds through the tensor.
    if (is_tensor(o) && is_executable && !PyObject_GC_IsTracked(o)) PyObject_GC_Track(o);
    PyTuple_SET_ITEM(wrapped.ptr(), static_cast<Py_ssize_t>(i), o);
  }
  outputs = std::move(wrapped);
}

}  // namespace tapescope::face
