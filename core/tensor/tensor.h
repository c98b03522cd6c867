// Tensor: a value handle on a TensorImpl.
//
// struct TensorImpl is what a tensor is: a storage, an offset, a shape and strides over it, an element type; and its
// place in history: the node that computed it (grad_fn) and which of that node's outputs it is.
//
// Invariants
//   * `grad_fn` is null on leaves. A tensor requires grad if it has a grad_fn, its flag is set, or it is a view of what
//     does, which a view made in no_grad mode shows by this alone; only floating and complex tensors may.
//   * What few tensors have (a gradient, hooks, an accumulator, a view's base) is in AutogradMeta, made on demand.
//   * The Python object. While it is alive it owns one count of the impl. When it would die first, and something would
//     be lost with it (attributes, weak references, a subclass), the impl takes over the object's last count instead
//     (`owns_python`), and the same object comes back when the tensor next meets Python.
//   * `id` names the tensor for the life of the process; an alias made to save an output keeps its original's.
#pragma once

#include <memory>

#include "core/tensor/dtype.h"
#include "core/tensor/shape.h"
#include "core/tensor/storage.h"

namespace tapescope {

class Node;
struct AutogradMeta;
void retain(Node* node) noexcept;  // in core/graph/node.cpp
void release(Node* node) noexcept;
void destroy(AutogradMeta* meta) noexcept;  // in core/graph/autograd_meta.cpp
struct TensorImpl;
// True for a view whose base was written since, and got a history by that: it has one too as soon as it is asked for.
bool history_awaits(const TensorImpl& view) noexcept;
// True for a view of what requires grad, however it was made.
bool base_requires_grad(const TensorImpl& view) noexcept;

// On while a thread works in inference mode: tensors made then have no version that others could rely on, and are never
// saved for a backward.
inline constinit thread_local bool inference_mode = false;

struct TensorImpl {
  void* unused_ = nullptr;  // the slab's link while the slot is free
  std::atomic<uint32_t> count{1};
  DType dtype;
  bool requires_grad_flag = false;
  bool contiguous = true;
  bool owns_python = false;
  bool saved = false;               // it, or a view of it, was kept by a node: an in-place op has to look for circles
  bool inference = inference_mode;  // made in inference mode, or a view of what was
  bool number = false;              // stands for a number of the program's: hooks of saved tensors do not see it
  uint64_t id;
  Ref<Storage> storage;
  int64_t offset = 0;  // in elements
  int64_t numel = 0;
  Dims shape;
  Dims strides;             // in elements
  Node* grad_fn = nullptr;  // owned
  uint32_t output_nr = 0;
  uint32_t private_version = 0;  // counts instead of the storage's once `.data` cut the sharing
  bool has_private_version = false;
  AutogradMeta* meta = nullptr;  // owned
  void* python = nullptr;        // the PyObject; owned if owns_python

  TensorImpl(DType t, Ref<Storage> s) noexcept : dtype(t), id(next_id()), storage(std::move(s)) {}
  ~TensorImpl();

  void retain() noexcept { count.fetch_add(1, std::memory_order_relaxed); }
  void release() noexcept {
    if (count.load(std::memory_order_acquire) == 1 || count.fetch_sub(1, std::memory_order_acq_rel) == 1) destroy();
  }

  static Slab& slab();
  static uint64_t next_id() noexcept;
  // Set by the Python face: drops an owned PyObject (takes the GIL).
  static void (*drop_python)(void* object) noexcept;

 private:
  void destroy() noexcept;
};
static_assert(sizeof(TensorImpl) <= 256, "a tensor's record is four cache lines");

class Tensor {
 public:
  Tensor() = default;
  explicit Tensor(Ref<TensorImpl> impl) : impl_(std::move(impl)) {}

  // A fresh contiguous tensor with uninitialised elements.
  static Tensor empty(const Dims& shape, DType dtype);
  // A view of the same storage, with no history.
  Tensor alias(const Dims& shape, const Dims& strides, int64_t offset) const {
    return alias(shape, strides, offset, dtype());
  }
  // The same memory as elements of another type, which strides and offset count.
  Tensor alias(const Dims& shape, const Dims& strides, int64_t offset, DType dtype) const;
  Tensor alias() const { return alias(shape(), strides(), impl_->offset); }

  bool defined() const noexcept { return bool(impl_); }
  explicit operator bool() const noexcept { return defined(); }
  TensorImpl* impl() const noexcept { return impl_.get(); }
  TensorImpl* detach_impl() noexcept { return impl_.detach(); }
  bool is_same(const Tensor& o) const noexcept { return impl_ == o.impl_; }
  void reset() { impl_.reset(); }

  const Dims& shape() const noexcept { return impl_->shape; }
  const Dims& strides() const noexcept { return impl_->strides; }
  int64_t size(int d) const noexcept { return impl_->shape[d]; }
  int dim() const noexcept { return impl_->shape.size(); }
  int64_t numel() const noexcept { return impl_->numel; }
  DType dtype() const noexcept { return impl_->dtype; }
  uint64_t id() const noexcept { return impl_->id; }
  bool is_contiguous() const noexcept { return impl_->contiguous; }
  int64_t nbytes() const noexcept { return numel() * itemsize(dtype()); }
  uint32_t use_count() const noexcept { return impl_->count.load(std::memory_order_acquire); }

  char* raw() const noexcept { return impl_->storage->data() + impl_->offset * itemsize(impl_->dtype); }
  template <class T>
  T* data() const noexcept {
    return reinterpret_cast<T*>(raw());
  }

  uint32_t version() const noexcept {
    return impl_->has_private_version ? impl_->private_version : impl_->storage->version();
  }
  void bump_version() const noexcept {
    if (impl_->has_private_version)
      ++impl_->private_version;
    else
      impl_->storage->bump_version();
  }

  Node* grad_fn() const noexcept { return impl_->grad_fn; }
  bool is_leaf() const noexcept { return !impl_->grad_fn && !(impl_->meta && history_awaits(*impl_)); }
  bool requires_grad() const noexcept {
    return impl_->requires_grad_flag || impl_->grad_fn || (impl_->meta && base_requires_grad(*impl_));
  }

 private:
  Ref<TensorImpl> impl_;
};

// True if the strides are those of a fresh tensor of this shape (dimensions of size 1 do not matter).
bool is_contiguous(const Dims& shape, const Dims& strides) noexcept;
// True if the elements fill a piece of memory without gaps and without sharing, in any order of the dimensions.
bool is_dense(const Dims& shape, const Dims& strides) noexcept;
// True if two indices may mean the same element. Never false where they do; dimensions that interleave count as such.
bool may_overlap_itself(const Dims& shape, const Dims& strides) noexcept;

}  // namespace tapescope
