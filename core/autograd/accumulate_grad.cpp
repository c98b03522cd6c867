#include "core/autograd/accumulate_grad.h"

#include <mutex>

#include "core/ops/iterator.h"
#include "core/ops/ops.h"
#include "core/tensor/interpreter_lock.h"

namespace tapescope {

AccumulateGrad::AccumulateGrad(const Tensor& leaf) : InlineNode<1>(0), leaf_(leaf) {
  run_last();
  set_input_meta(0, intern_meta(leaf));
  autograd_meta(leaf).accumulator = this;
}

AccumulateGrad::~AccumulateGrad() {
  if (leaf_.impl()->meta && leaf_.impl()->meta->accumulator == this) leaf_.impl()->meta->accumulator = nullptr;
}

const NodeType& AccumulateGrad::type() const {
  static const NodeType type{"AccumulateGrad", {}};
  return type;
}

void AccumulateGrad::add(Tensor& g) {
  Tensor before;  // dies after the lock is given back: what ends with it may run a backward
  std::unique_lock lock(adding_, std::try_to_lock);
  if (!lock) {
    const WithoutLock unlocked(true);  // whoever adds will want it back
    lock.lock();
  }
  Tensor& have = autograd_meta(leaf_).grad;
  if (!have.defined()) {
    // The layout contract: strides of a dense leaf, else row-major order.
    const bool dense = is_dense(leaf_.shape(), leaf_.strides());
    const bool laid =
        dense ? g.strides() == leaf_.strides() || (g.is_contiguous() && leaf_.is_contiguous()) : g.is_contiguous();
    if (laid && g.use_count() == 1 && g.impl()->storage->use_count() == 1) {
      have = std::move(g);
    } else if (grad_enabled() || !dense || leaf_.is_contiguous()) {
      have = ops::clone_in_order(g);
    } else {
      const Tensor copy = Tensor::empty(g.shape(), g.dtype()).alias(g.shape(), leaf_.strides(), 0);
      ops::copy_elements(copy, g);
      have = copy;
    }
    return;
  }
  before = have;  // another thread may take .grad away meanwhile
  if (grad_enabled())
    have = before + g;
  else
    ops::binary_(ops::pointwise("add", 2), before, g);
}

void AccumulateGrad::apply(std::span<Tensor> grads, std::span<Tensor>) {
  if (grads[0].defined() && leaf_.requires_grad()) {
    if (!leaf_.is_leaf())
      throw AutogradError("AccumulateGrad: the leaf variable has been moved into the graph interior by an in-place op");
    add(grads[0]);
  }
  const AutogradMeta& meta = autograd_meta(leaf_);
  if (meta.post_accumulate_hook) {
    const auto hook = meta.post_accumulate_hook;
    (*hook)(leaf_);
  }
}

namespace {

// A view whose base was written since: its history is the base's, seen through the view.
void regenerate(const Tensor& t, AutogradMeta& meta) {
  if (meta.base.requires_grad()) check_creation(t, true);
  meta.base_version = t.version();
  if (!meta.base.requires_grad()) return;
  GradMode on(true);
  const Tensor fresh = ops::as_strided(ops::view_parts(meta.base, t.dtype()), t.shape(), t.strides(), t.impl()->offset);
  if (!fresh.grad_fn()) return;
  Node* node = fresh.grad_fn();
  set_history(t, Ref<Node>(node));
}

}  // namespace

Edge gradient_edge(const Tensor& t) {
  TensorImpl* impl = t.impl();
  if (impl->meta && impl->meta->base.defined() && impl->meta->base_version != t.version()) [[unlikely]]
    regenerate(t, *impl->meta);
  if (impl->grad_fn) return {Ref<Node>(impl->grad_fn), impl->output_nr};
  if (!impl->requires_grad_flag) return {};
  Edge e = existing_gradient_edge(t);
  if (!e) e.node = Ref<Node>::adopt(new AccumulateGrad(t));
  return e;
}

}  // namespace tapescope
