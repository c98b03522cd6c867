#include "core/tensor/tensor.h"

#include <algorithm>
#include <new>

namespace tapescope {

void (*TensorImpl::drop_python)(void*) noexcept = nullptr;

Slab& TensorImpl::slab() {
  static Slab& slab = *new Slab(256);
  return slab;
}

uint64_t TensorImpl::next_id() noexcept {
  static std::atomic<uint64_t> next{1};
  return next.fetch_add(1, std::memory_order_relaxed);
}

TensorImpl::~TensorImpl() {
  if (grad_fn) tapescope::release(grad_fn);
  if (meta) tapescope::destroy(meta);
}

void TensorImpl::destroy() noexcept {
  if (owns_python) {
    // The object's destructor must find an impl that no longer owns it.
    owns_python = false;
    void* object = std::exchange(python, nullptr);
    drop_python(object);
  }
  this->~TensorImpl();
  slab().free(this);
}

bool is_contiguous(const Dims& shape, const Dims& strides) noexcept {
  int64_t expected = 1;
  for (int64_t s : shape)
    if (s == 0) return true;
  for (int i = shape.size() - 1; i >= 0; --i) {
    if (shape[i] != 1 && strides[i] != expected) return false;
    expected *= shape[i];
  }
  return true;
}

namespace {

// Dimensions of more than one element, by stride.
Dims by_stride(const Dims& shape, const Dims& strides) {
  Dims order;
  for (int d = 0; d < shape.size(); ++d)
    if (shape[d] > 1) order.push_back(d);
  std::sort(order.begin(), order.end(),
            [&](int64_t a, int64_t b) { return strides[static_cast<int>(a)] < strides[static_cast<int>(b)]; });
  return order;
}

}  // namespace

bool is_dense(const Dims& shape, const Dims& strides) noexcept {
  if (tapescope::numel(shape) == 0) return true;
  int64_t expected = 1;
  for (int64_t d : by_stride(shape, strides)) {
    const int i = static_cast<int>(d);
    if (strides[i] != expected) return false;
    expected *= shape[i];
  }
  return true;
}

bool may_overlap_itself(const Dims& shape, const Dims& strides) noexcept {
  if (tapescope::numel(shape) == 0) return false;
  int64_t reach = 0;  // offset of the last element of the dimensions so far
  for (int64_t d : by_stride(shape, strides)) {
    const int i = static_cast<int>(d);
    if (strides[i] <= reach) return true;
    reach += (shape[i] - 1) * strides[i];
  }
  return false;
}

Tensor Tensor::empty(const Dims& shape, DType dtype) {
  for (int64_t s : shape)
    if (s < 0) throw ShapeError("a tensor cannot have the negative size {}", s);
  const int64_t n = tapescope::numel(shape);
  int64_t bytes = 0;
  if (__builtin_mul_overflow(n, int64_t{itemsize(dtype)}, &bytes))
    throw MemoryError("cannot allocate {} elements of {}", n, name_of(dtype));
  auto storage = Storage::allocate(bytes);
  auto* impl = new (TensorImpl::slab().allocate()) TensorImpl(dtype, std::move(storage));
  Tensor t(Ref<TensorImpl>::adopt(impl));
  impl->shape = shape;
  impl->strides = contiguous_strides(shape);
  impl->numel = n;
  return t;
}

Tensor Tensor::alias(const Dims& shape, const Dims& strides, int64_t offset, DType dtype) const {
  auto* impl = new (TensorImpl::slab().allocate()) TensorImpl(dtype, impl_->storage);
  Tensor t(Ref<TensorImpl>::adopt(impl));
  impl->shape = shape;
  impl->strides = strides;
  impl->offset = offset;
  impl->numel = tapescope::numel(shape);
  impl->contiguous = tapescope::is_contiguous(shape, strides);
  impl->inference = impl_->inference;
  impl->has_private_version = impl_->has_private_version;
  impl->private_version = impl_->private_version;
  return t;
}

}  // namespace tapescope
