// The Tensor object: a hand-written CPython type, for this is where eager time goes.
#include <cstddef>

#include "core/autograd/engine.h"
#include "core/graph/autograd_meta.h"
#include "core/python/node_object.h"
#include "core/python/number.h"
#include "core/python/python_tracer.h"
#include "core/python/tensor_members.h"

namespace tapescope::face {

PyTypeObject TensorType{};

namespace {

PyTypeObject TensorMetaType{};

// Dead objects of the exact type, kept for the next tensor.
constexpr int kSpare = 256;
PyTensor* spare[kSpare];
int spares = 0;

PyTensor* allocate() {
  if (spares) {
    PyTensor* o = spare[--spares];
    _Py_NewReference(reinterpret_cast<PyObject*>(o));
    return o;
  }
  PyTensor* o = PyObject_GC_New(PyTensor, &TensorType);
  if (!o) throw py::error_already_set();
  o->dict = o->weak = o->backward_hooks = nullptr;
  return o;
}

void drop_python(void* object) noexcept {
  if (!Py_IsInitialized()) return;
  const PyGILState_STATE gil = PyGILState_Ensure();
  static_cast<PyTensor*>(object)->impl = nullptr;
  Py_DECREF(static_cast<PyObject*>(object));
  PyGILState_Release(gil);
}

void tensor_dealloc(PyObject* self) {
  auto* o = reinterpret_cast<PyTensor*>(self);
  PyTypeObject* type = Py_TYPE(self);
  TensorImpl* impl = o->impl;
  if (impl && (o->dict || o->weak || type != &TensorType) && impl->count.load() > 1) {
    // The tensor outlives its object, which holds what would be lost: the impl keeps the object.
    Py_SET_REFCNT(self, 1);
    impl->owns_python = true;
    impl->release();
    return;
  }
  PyObject_GC_UnTrack(self);
  if (o->weak) PyObject_ClearWeakRefs(self);
  Py_CLEAR(o->dict);
  Py_CLEAR(o->backward_hooks);
  if (impl) {
    impl->python = nullptr;
    o->impl = nullptr;
    impl->release();
  }
  if (type == &TensorType && spares < kSpare) {
    spare[spares++] = o;
    return;
  }
  type->tp_free(self);
  if (type->tp_flags & Py_TPFLAGS_HEAPTYPE) Py_DECREF(type);
}

int tensor_traverse(PyObject* self, visitproc visit, void* arg) {
  auto* o = reinterpret_cast<PyTensor*>(self);
  Py_VISIT(o->dict);
  // Hooks live on in the graph if somebody else holds the tensor.
  if (o->impl && o->impl->count.load() == 1) {
    Py_VISIT(o->backward_hooks);
    if (const AutogradMeta* meta = o->impl->meta; meta && meta->leaf_hook && meta->leaf_hook.use_count() == 1)
      Py_VISIT(dict_of(meta->leaf_hook.get()));
    if (const AutogradMeta* meta = o->impl->meta;
        meta && meta->post_accumulate_hook && meta->post_accumulate_hook.use_count() == 1)
      Py_VISIT(dict_of(meta->post_accumulate_hook.get()));
    // What only this tensor keeps: its node, and with it the ctx of a custom function and the hooks there.
    if (const Node* node = o->impl->grad_fn)
      if (const int r = visit_node(*node, visit, arg)) return r;
  }
  if (Py_TYPE(self)->tp_flags & Py_TPFLAGS_HEAPTYPE) Py_VISIT(Py_TYPE(self));
  return 0;
}

int tensor_clear(PyObject* self) {
  auto* o = reinterpret_cast<PyTensor*>(self);
  Py_CLEAR(o->dict);
  Py_CLEAR(o->backward_hooks);
  if (o->impl && o->impl->meta && o->impl->count.load() == 1) {
    o->impl->meta->leaf_hook.reset();
    o->impl->meta->post_accumulate_hook.reset();
  }
  return 0;
}

// The garbage collector need not look at a tensor until it has attributes.
int tensor_setattro(PyObject* self, PyObject* name, PyObject* value) {
  const int result = PyObject_GenericSetAttr(self, name, value);
  if (reinterpret_cast<PyTensor*>(self)->dict && !PyObject_GC_IsTracked(self)) PyObject_GC_Track(self);
  return result;
}

PyObject* tensor_new(PyTypeObject* type, PyObject* args, PyObject*) {
  return guarded([&]() -> PyObject* {
    const Py_ssize_t n = PyTuple_GET_SIZE(args);
    Dims sizes;
    while (sizes.size() < n && PyLong_CheckExact(PyTuple_GET_ITEM(args, sizes.size())))
      sizes.push_back(py::handle(PyTuple_GET_ITEM(args, sizes.size())).cast<int64_t>());
    if (sizes.size() < n && n > 1)
      throw TypeError("Tensor(): takes sizes or one sequence of numbers, but argument {} is {}; tensor(data) is meant?",
                      sizes.size(), Py_TYPE(PyTuple_GET_ITEM(args, sizes.size()))->tp_name);
    Tensor t = sizes.size() < n ? tensor_from(PyTuple_GET_ITEM(args, 0), default_dtype())
                                : literal(ops::full(n ? sizes : Dims{0}, 0, default_dtype()));
    if (type == &TensorType) return wrap(std::move(t));
    return make_subclass(type, t.alias(), false);
  });
}

// Subclasses are made by Python with a destructor of its own, which would clear the object before it can be saved.
int meta_init(PyObject* cls, PyObject* args, PyObject* kwargs) {
  if (PyType_Type.tp_init(cls, args, kwargs) < 0) return -1;
  reinterpret_cast<PyTypeObject*>(cls)->tp_dealloc = tensor_dealloc;
  return 0;
}

Py_ssize_t tensor_length(PyObject* self) {
  const auto* impl = reinterpret_cast<PyTensor*>(self)->impl;
  if (impl->shape.empty()) {
    PyErr_SetString(PyExc_TypeError, "len() of a 0-d tensor");
    return -1;
  }
  return guarded_as<Py_ssize_t>(-1, [&] {
    if (jit::is_tracing())
      jit::tracing_state()->warn(
          "Using len to get tensor shape might cause the trace to be incorrect. Recommended usage would be "
          "tensor.shape[0]. Passing a tensor of different shape might lead to errors or silently give incorrect "
          "results.");
    return static_cast<Py_ssize_t>(impl->shape[0]);
  });
}

Py_hash_t tensor_hash(PyObject* self) {
  return _Py_HashPointer(self);
}

PyObject* tensor_repr(PyObject* self) {
  static PyObject* format = nullptr;
  if (!format) {
    PyObject* m = PyImport_ImportModule("tapescope._tensor_str");
    if (!m) return nullptr;
    format = PyObject_GetAttrString(m, "tensor_repr");
    Py_DECREF(m);
    if (!format) return nullptr;
  }
  return PyObject_CallOneArg(format, self);
}

}  // namespace

PyObject* wrap(Tensor t) {
  if (!t.defined()) Py_RETURN_NONE;
  TensorImpl* impl = t.impl();
  if (impl->python) {
    auto* o = static_cast<PyTensor*>(impl->python);
    if (impl->owns_python) {
      impl->owns_python = false;
      o->impl = t.detach_impl();
    } else {
      Py_INCREF(reinterpret_cast<PyObject*>(o));
    }
    return reinterpret_cast<PyObject*>(o);
  }
  PyTensor* o = allocate();
  o->impl = t.detach_impl();
  impl->python = o;
  return reinterpret_cast<PyObject*>(o);
}

PyObject* make_subclass(PyTypeObject* type, Tensor t, bool requires_grad) {
  if (requires_grad && !is_differentiable(t.dtype()))
    throw AutogradError("only Tensors of floating point and complex dtype can require gradients; this one is {}",
                        name_of(t.dtype()));
  auto* o = reinterpret_cast<PyTensor*>(type->tp_alloc(type, 0));
  if (!o) throw py::error_already_set();
  t.impl()->requires_grad_flag = requires_grad;
  t.impl()->python = o;
  o->impl = t.detach_impl();
  return reinterpret_cast<PyObject*>(o);
}

void add_to_tensor(const char* name, py::object value) {
  if (PyDict_SetItemString(TensorType.tp_dict, name, value.ptr()) < 0) throw py::error_already_set();
  PyType_Modified(&TensorType);
}

void init_tensor_type(py::module_& m) {
  TensorImpl::drop_python = drop_python;

  Py_SET_REFCNT(&TensorMetaType, 1);
  TensorMetaType.tp_name = "tapescope._C._TensorMeta";
  TensorMetaType.tp_base = &PyType_Type;
  TensorMetaType.tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE;
  TensorMetaType.tp_init = meta_init;
  if (PyType_Ready(&TensorMetaType) < 0) throw py::error_already_set();

  PyTypeObject& t = TensorType;
  Py_SET_REFCNT(&t, 1);
  Py_SET_TYPE(&t, &TensorMetaType);
  t.tp_name = "tapescope.Tensor";
  t.tp_doc = "A multi-dimensional array of one dtype that remembers how it was computed.";
  t.tp_basicsize = sizeof(PyTensor);
  t.tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC;
  t.tp_dealloc = tensor_dealloc;
  t.tp_traverse = tensor_traverse;
  t.tp_clear = tensor_clear;
  t.tp_free = PyObject_GC_Del;
  t.tp_new = tensor_new;
  t.tp_setattro = tensor_setattro;
  t.tp_dictoffset = offsetof(PyTensor, dict);
  t.tp_weaklistoffset = offsetof(PyTensor, weak);
  t.tp_repr = tensor_repr;
  t.tp_hash = tensor_hash;
  t.tp_richcompare = tensor_compare;
  t.tp_iter = tensor_iter;
  t.tp_as_number = number_slots();
  static PyMappingMethods mapping = {tensor_length, tensor_subscript, tensor_assign};
  t.tp_as_mapping = &mapping;
  t.tp_as_buffer = tensor_buffer();
  t.tp_getset = tensor_getset();
  t.tp_methods = tensor_methods();
  if (PyType_Ready(&t) < 0) throw py::error_already_set();
  m.add_object("Tensor", reinterpret_cast<PyObject*>(&t));
}

}  // namespace tapescope::face
