// The buffer protocol: memoryview(tensor), without a copy.
#include "core/python/python_tracer.h"
#include "core/python/tensor_members.h"

namespace tapescope::face {
namespace {

// What a Py_buffer points to; the view's owner (the tensor object) keeps the memory.
struct Shape {
  Py_ssize_t sizes[Dims::kMax], strides[Dims::kMax];
};

const char* format_of(DType t) {
  constexpr const char* codes[kDTypes] = {"?", "B", "b", "h", "i", "q", "e", nullptr, "f", "d", "Zf", "Zd"};
  return codes[static_cast<int>(t)];
}

bool is_fortran_contiguous(const Tensor& t) {
  int64_t step = 1;
  for (int d = 0; d < t.dim(); ++d) {
    if (t.size(d) != 1 && t.strides()[d] != step) return false;
    step *= t.size(d);
  }
  return true;
}

int refuse(Py_buffer* view, const char* why) {
  view->obj = nullptr;
  PyErr_SetString(PyExc_BufferError, why);
  return -1;
}

int get_buffer(PyObject* self, Py_buffer* view, int flags) {
  const Tensor t = unwrap(self);
  if (guarded_int([] { tracer_warn("Converting a tensor to a NumPy array"); }) < 0) {
    view->obj = nullptr;
    return -1;
  }
  if (t.requires_grad())
    return refuse(view, "Can't export the memory of a Tensor that requires grad. Use tensor.detach() instead.");
  if (t.dtype() == DType::bfloat16)
    return refuse(view, "the buffer protocol has no bfloat16; cast with .float() first");
  const bool c = t.is_contiguous(), f = is_fortran_contiguous(t);
  if ((flags & PyBUF_C_CONTIGUOUS) == PyBUF_C_CONTIGUOUS && !c)
    return refuse(view, "the tensor is not contiguous; use tensor.contiguous()");
  if ((flags & PyBUF_F_CONTIGUOUS) == PyBUF_F_CONTIGUOUS && !f)
    return refuse(view, "the tensor is not contiguous in Fortran's order");
  if ((flags & PyBUF_ANY_CONTIGUOUS) == PyBUF_ANY_CONTIGUOUS && !c && !f)
    return refuse(view, "the tensor is not contiguous; use tensor.contiguous()");
  if ((flags & PyBUF_STRIDES) != PyBUF_STRIDES && !c)
    return refuse(view, "the tensor is not contiguous, and the reader asks for no strides; use tensor.contiguous()");
  auto* shape = new Shape;
  for (int d = 0; d < t.dim(); ++d) {
    shape->sizes[d] = t.size(d);
    shape->strides[d] = t.strides()[d] * itemsize(t.dtype());
  }
  view->buf = t.raw();
  view->obj = Py_NewRef(self);
  view->len = t.nbytes();
  view->itemsize = itemsize(t.dtype());
  view->readonly = 0;
  view->ndim = t.dim();
  view->format = flags & PyBUF_FORMAT ? const_cast<char*>(format_of(t.dtype())) : nullptr;
  view->shape = flags & PyBUF_ND ? shape->sizes : nullptr;
  view->strides = (flags & PyBUF_STRIDES) == PyBUF_STRIDES ? shape->strides : nullptr;
  view->suboffsets = nullptr;
  view->internal = shape;
  return 0;
}

void release_buffer(PyObject*, Py_buffer* view) {
  delete static_cast<Shape*>(view->internal);
}

}  // namespace

PyBufferProcs* tensor_buffer() {
  static PyBufferProcs procs{get_buffer, release_buffer};
  return &procs;
}

}  // namespace tapescope::face
