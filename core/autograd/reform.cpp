// What changes a tensor itself, and not its elements: detach_, resize_.
#include <cstring>

#include "core/ops/record.h"
#include "core/ops/registry.h"

namespace tapescope::ops {
namespace {

Tensor detach_(const Tensor& self) {
  if (const AutogradMeta* m = self.impl()->meta; m && m->base.defined() && (m->base.requires_grad() || self.grad_fn()))
    throw AutogradError("Can't detach views in-place. Use detach() instead.");
  TensorImpl* impl = self.impl();
  if (Node* node = std::exchange(impl->grad_fn, nullptr)) release(node);
  impl->requires_grad_flag = false;
  impl->output_nr = 0;
  return self;
}

Tensor resize_(const Tensor& self, const Dims& shape) {
  if (self.requires_grad()) throw AutogradError("cannot resize variables that require grad");
  for (int64_t s : shape)
    if (s < 0) throw ShapeError("resize_: the size {} is negative", s);
  if (shape == self.shape()) return self;
  TensorImpl* impl = self.impl();
  const int64_t n = numel(shape), item = itemsize(self.dtype());
  int64_t bytes = 0;
  if (__builtin_mul_overflow(n, item, &bytes) || bytes > INT64_MAX - impl->offset * item)
    throw MemoryError("resize_: cannot allocate {} elements of {}", n, name_of(self.dtype()));
  const Dims strides = contiguous_strides(shape);
  if (bytes + impl->offset * item > impl->storage->bytes()) {
    if (impl->storage->use_count() > 1)
      throw ValueError(
          "resize_: {} elements need more memory than the {} bytes that this tensor shares with others; clone() it "
          "first",
          n, impl->storage->bytes());
    Ref<Storage> larger = Storage::allocate(bytes);
    std::memcpy(larger->data(), self.raw(),
                static_cast<size_t>(std::min(bytes, impl->storage->bytes() - impl->offset * item)));
    // An array that shares the old memory keeps this tensor alive, not the memory.
    autograd_meta(self).former.push_back(std::exchange(impl->storage, std::move(larger)));
    impl->offset = 0;
  }
  impl->shape = shape;
  impl->strides = strides;
  impl->numel = n;
  impl->contiguous = true;
  self.bump_version();  // what saved it finds another tensor
  return self;
}

const Offered kReforms{
    op<&detach_>("detach_(self)", "Cuts the tensor from its history, in place; it becomes a leaf."),
    op<&resize_>("resize_(self, *sizes)",
                 "Another shape in the same memory, or in more of it; elements that come anew are not set."),
    op<[](const Tensor& self, const Tensor& other) { return resize_(self, other.shape()); }>(
        "resize_as_(self, the_template)"),
};

}  // namespace
}  // namespace tapescope::ops
