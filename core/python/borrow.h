// Tensors over memory that belongs to a Python object or to another library.
#pragma once

#include "core/python/face.h"

namespace tapescope::face {

struct Borrowed {
  void* data;  // of the first element
  DType dtype;
  Dims shape, strides;  // in elements; strides are not negative
};

// `owner` is handed to `drop` when the last view is gone, on any thread and without the GIL.
inline Tensor borrow(const Borrowed& b, void* owner, void (*drop)(void*) noexcept) {
  int64_t extent = 1;
  for (int d = 0; d < b.shape.size(); ++d)
    if (b.shape[d]) extent += (b.shape[d] - 1) * b.strides[d];
  auto storage = Storage::borrow(b.data, extent * itemsize(b.dtype), owner, drop);
  auto* impl = new (TensorImpl::slab().allocate()) TensorImpl(b.dtype, std::move(storage));
  Tensor t(Ref<TensorImpl>::adopt(impl));
  impl->shape = b.shape;
  impl->strides = b.strides;
  impl->numel = numel(b.shape);
  impl->contiguous = is_contiguous(b.shape, b.strides);
  return t;
}

}  // namespace tapescope::face
