// Attributes of the Tensor type.
#include "core/autograd/engine.h"
#include "core/graph/autograd_meta.h"
#include "core/ops/call.h"
#include "core/ops/view.h"
#include "core/python/python_tracer.h"
#include "core/python/tensor_members.h"

namespace tapescope::face {
namespace {

TensorImpl* impl_of(PyObject* self) {
  return reinterpret_cast<PyTensor*>(self)->impl;
}

PyObject* get_shape(PyObject* self, void*) {
  return guarded([&] {
    if (ops::calls_observed()) [[unlikely]]
      return py::object(traced_shape(unwrap(self))).release().ptr();
    return py::cast(impl_of(self)->shape).release().ptr();
  });
}
PyObject* get_dtype(PyObject* self, void*) {
  return wrap(impl_of(self)->dtype);
}
PyObject* get_ndim(PyObject* self, void*) {
  return PyLong_FromLong(impl_of(self)->shape.size());
}
PyObject* get_requires_grad(PyObject* self, void*) {
  return PyBool_FromLong(unwrap(self).requires_grad());
}
PyObject* get_is_leaf(PyObject* self, void*) {
  return PyBool_FromLong(unwrap(self).is_leaf());
}
PyObject* get_grad_fn(PyObject* self, void*) {
  return guarded([&]() -> PyObject* {
    const Tensor t = unwrap(self);
    if (t.impl()->meta && t.impl()->meta->base.defined()) gradient_edge(t);  // a stale view asks again
    return wrap(t.grad_fn());
  });
}
PyObject* get_output_nr(PyObject* self, void*) {
  return PyLong_FromUnsignedLong(impl_of(self)->output_nr);
}
PyObject* get_grad(PyObject* self, void*) {
  return guarded([&]() -> PyObject* {
    const TensorImpl* t = impl_of(self);
    if (t->meta && t->meta->grad.defined()) return wrap(t->meta->grad);
    if (t->grad_fn && !(t->meta && t->meta->retains_grad) &&
        PyErr_WarnEx(
            PyExc_UserWarning,
            "The .grad attribute of a Tensor that is not a leaf Tensor is being accessed. Its .grad attribute "
            "won't be populated during autograd.backward(). If you indeed want the .grad field to be populated "
            "for a non-leaf Tensor, use .retain_grad() on the non-leaf Tensor. If you access the non-leaf "
            "Tensor by mistake, make sure you access the leaf Tensor instead.",
            1) < 0)
      throw py::error_already_set();
    Py_RETURN_NONE;
  });
}
PyObject* get_version(PyObject* self, void*) {
  return guarded([&] {
    if (impl_of(self)->inference) throw AutogradError("Inference tensors do not track version counter.");
    return PyLong_FromUnsignedLong(unwrap(self).version());
  });
}
PyObject* get_id(PyObject* self, void*) {
  return PyLong_FromUnsignedLongLong(impl_of(self)->id);
}
PyObject* get_retains_grad(PyObject* self, void*) {
  return PyBool_FromLong(impl_of(self)->grad_fn && impl_of(self)->meta && impl_of(self)->meta->retains_grad);
}
PyObject* get_data(PyObject* self, void*) {
  return guarded([&] { return wrap(ops::called<&ops::uncounted>(unwrap(self))); });
}
PyObject* get_T(PyObject* self, void*) {
  return guarded([&] {
    const Tensor t = unwrap(self);
    Dims order;
    for (int d = t.dim() - 1; d >= 0; --d) order.push_back(d);
    return wrap(ops::called<&ops::permute>(t, order));
  });
}
PyObject* get_mT(PyObject* self, void*) {
  return guarded([&] { return wrap(ops::called<&ops::transpose>(unwrap(self), -2, -1)); });
}
PyObject* get_mH(PyObject* self, void*) {
  return guarded([&] { return wrap(ops::called<&ops::conj>(ops::called<&ops::transpose>(unwrap(self), -2, -1))); });
}
PyObject* get_real(PyObject* self, void*) {
  return guarded([&] { return wrap(ops::called<&ops::real>(unwrap(self))); });
}
PyObject* get_imag(PyObject* self, void*) {
  return guarded([&] { return wrap(ops::called<&ops::imag>(unwrap(self))); });
}
PyObject* get_itemsize(PyObject* self, void*) {
  return PyLong_FromLong(itemsize(impl_of(self)->dtype));
}
PyObject* get_nbytes(PyObject* self, void*) {
  return PyLong_FromLongLong(unwrap(self).nbytes());
}
PyObject* get_device(PyObject*, void*) {
  return guarded([] {
    static PyObject* cpu = py::object(py::module_::import("tapescope._device").attr("cpu")).release().ptr();
    return Py_NewRef(cpu);
  });
}
PyObject* get_base(PyObject* self, void*) {
  const AutogradMeta* m = impl_of(self)->meta;
  if (!m || !m->base.defined()) Py_RETURN_NONE;
  return guarded([&] { return wrap(m->base); });
}
PyObject* get_name(PyObject* self, void*) {
  const AutogradMeta* m = impl_of(self)->meta;
  if (!m || m->name.empty()) Py_RETURN_NONE;
  return PyUnicode_FromStringAndSize(m->name.data(), static_cast<Py_ssize_t>(m->name.size()));
}
PyObject* get_backward_hooks(PyObject* self, void*) {
  PyObject* h = reinterpret_cast<PyTensor*>(self)->backward_hooks;
  if (!h) Py_RETURN_NONE;
  // Those of the value before a write are the old node's.
  return guarded([&]() -> PyObject* {
    const Tensor& t = unwrap(self);
    const py::object node = py::getattr(h, "node", py::none());
    if (node.is_none() || (t.grad_fn() && node.cast<uint64_t>() == t.grad_fn()->id())) return Py_NewRef(h);
    Py_RETURN_NONE;
  });
}

int set_requires_grad(PyObject* self, PyObject* value, void*) {
  return guarded_int([&] {
    if (!value || !PyBool_Check(value)) throw TypeError("requires_grad must be a bool");
    const Tensor t = unwrap(self);
    const bool on = value == Py_True;
    if (!t.is_leaf() && !on)
      throw AutogradError(
          "you can only change requires_grad flags of leaf variables. If you want to use a computed variable "
          "in a subgraph that doesn't require differentiation use var_no_grad = var.detach().");
    if (on && !is_differentiable(t.dtype()))
      throw AutogradError("only Tensors of floating point and complex dtype can require gradients; this one is {}",
                          name_of(t.dtype()));
    if (on && t.impl()->inference && !inference_mode)
      throw AutogradError("Setting requires_grad=True on inference tensor outside InferenceMode is not allowed.");
    if (t.is_leaf()) t.impl()->requires_grad_flag = on;
  });
}
int set_grad(PyObject* self, PyObject* value, void*) {
  return guarded_int([&] {
    const Tensor t = unwrap(self);
    if (!value || value == Py_None) {
      if (t.impl()->meta) t.impl()->meta->grad = {};
      return;
    }
    if (!is_tensor(value))
      throw TypeError("assigned grad expected to be a Tensor or None but got grad of type {}", Py_TYPE(value)->tp_name);
    if (value == self) throw AutogradError("can't assign Variable as its own grad");
    const Tensor g = unwrap(value);
    if (g.dtype() != t.dtype())
      throw DTypeError("assigned grad has data of a different type: {} for a tensor of {}", name_of(g.dtype()),
                       name_of(t.dtype()));
    if (!(g.shape() == t.shape()))
      throw ShapeError("assigned grad has data of a different size: {} for a tensor of {}", to_string(g.shape()),
                       to_string(t.shape()));
    autograd_meta(t).grad = g;
  });
}
int set_data(PyObject* self, PyObject* value, void*) {
  return guarded_int([&] {
    if (!value || !is_tensor(value)) throw TypeError("data must be a Tensor");
    const Tensor t = unwrap(self), v = unwrap(value);
    if (v.dtype() != t.dtype()) {
      if (t.requires_grad() && !is_differentiable(v.dtype()))
        throw DTypeError("data: a tensor that requires grad cannot become {}: only floating and complex ones can",
                         name_of(v.dtype()));
      if (t.grad_fn())
        throw DTypeError("data: a {} tensor that an op made cannot become {}: its grad_fn gives gradients of its dtype",
                         name_of(t.dtype()), name_of(v.dtype()));
    }
    TensorImpl* i = t.impl();
    i->dtype = v.dtype();
    i->storage = v.impl()->storage;
    i->shape = v.shape();
    i->strides = v.strides();
    i->offset = v.impl()->offset;
    i->numel = v.numel();
    i->contiguous = v.is_contiguous();
    if (Node* a = i->meta ? i->meta->accumulator : nullptr) a->set_input_meta(0, intern_meta(t));
  });
}
// Writes a part of a complex tensor: x.real = v.
int write_part(PyObject* self, PyObject* value, Tensor (*part)(const Tensor&)) {
  return guarded_int([&] {
    if (!value) throw TypeError("the parts of a tensor cannot be deleted");
    const Tensor to = part(unwrap(self)), v = operand_from(value, to);
    if (!v.defined()) throw TypeError("a tensor or a number is wanted here, not a {}", Py_TYPE(value)->tp_name);
    ops::called<&ops::copy_>(to, v);
  });
}
int set_real(PyObject* self, PyObject* value, void*) {
  return write_part(self, value, ops::called<&ops::real, Tensor>);
}
int set_imag(PyObject* self, PyObject* value, void*) {
  return write_part(self, value, ops::called<&ops::imag, Tensor>);
}
int set_name(PyObject* self, PyObject* value, void*) {
  return guarded_int(
      [&] { autograd_meta(unwrap(self)).name = !value || value == Py_None ? "" : std::string(py::str(value)); });
}
int set_backward_hooks(PyObject* self, PyObject* value, void*) {
  auto* o = reinterpret_cast<PyTensor*>(self);
  Py_XINCREF(value);
  Py_XSETREF(o->backward_hooks, value == Py_None ? nullptr : value);
  if (o->backward_hooks && !PyObject_GC_IsTracked(self)) PyObject_GC_Track(self);
  return 0;
}

}  // namespace

PyGetSetDef* tensor_getset() {
  // clang-format off
  static PyGetSetDef defs[] = {
      {"shape", get_shape, nullptr, "Sizes, outermost first, as a tuple.", nullptr},
      {"dtype", get_dtype, nullptr, "Element type.", nullptr},
      {"ndim", get_ndim, nullptr, "Number of dimensions.", nullptr},
      {"device", get_device, nullptr, "Where the elements lie: device(type='cpu').", nullptr},
      {"requires_grad", get_requires_grad, set_requires_grad, "Whether gradients are computed for this tensor.", nullptr},
      {"is_leaf", get_is_leaf, nullptr, "True if no recorded op made it.", nullptr},
      {"grad_fn", get_grad_fn, nullptr, "Node that made it; None on leaves.", nullptr},
      {"output_nr", get_output_nr, nullptr, "Which output of grad_fn's op it is.", nullptr},
      {"grad", get_grad, set_grad, "Accumulated gradient, or None.", nullptr},
      {"data", get_data, set_data, "The same memory without history; writes through it are not counted.", nullptr},
      {"retains_grad", get_retains_grad, nullptr, "True on a non-leaf that keeps its gradient.", nullptr},
      {"T", get_T, nullptr, "Dimensions reversed, as a view.", nullptr},
      {"mT", get_mT, nullptr, "The last two dimensions swapped, as a view.", nullptr},
      {"mH", get_mH, nullptr, "The last two dimensions swapped, conjugated.", nullptr},
      {"real", get_real, set_real, "The real part of a complex tensor, as a view; a real tensor itself.", nullptr},
      {"imag", get_imag, set_imag, "The imaginary part of a complex tensor, as a view.", nullptr},
      {"itemsize", get_itemsize, nullptr, "Size of an element. Unit: bytes.", nullptr},
      {"nbytes", get_nbytes, nullptr, "Size of all elements. Unit: bytes.", nullptr},
      {"name", get_name, set_name, "Name shown in pictures, or None.", nullptr},
      {"is_cuda", [](PyObject*, void*) -> PyObject* { Py_RETURN_FALSE; }, nullptr, "False: all lie on the CPU.", nullptr},
      {"_base", get_base, nullptr, "The tensor that this one is a view of, or None.", nullptr},
      {"_version", get_version, nullptr, "Count of in-place writes to the memory.", nullptr},
      {"_id", get_id, nullptr, "The tensor's id in documents.", nullptr},
      {"_backward_hooks", get_backward_hooks, set_backward_hooks, nullptr, nullptr},
      {nullptr, nullptr, nullptr, nullptr, nullptr}};
  // clang-format on
  return defs;
}

}  // namespace tapescope::face
