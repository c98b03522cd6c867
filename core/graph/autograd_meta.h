// AutogradMeta: what few tensors have. Made on demand.
#pragma once

#include "core/graph/hooks.h"
#include "core/graph/node.h"

namespace tapescope {

// How a view came to be, where that forbids to write through it.
enum class Creation : uint8_t {
  normal,
  no_grad,          // made in no_grad mode of a tensor with history
  inference,        // made in inference mode of a normal tensor
  multi_output,     // one of several views that an op returned
  custom_function,  // returned by a custom Function
};

struct AutogradMeta {
  Tensor grad;
  Node* accumulator = nullptr;               // the leaf's AccumulateGrad, not owned: it owns the leaf
  Ref<Node> shared_accumulator;              // that of the leaf which this one was unpacked for
  std::shared_ptr<TensorPreHook> leaf_hook;  // tensor pre-hooks of a leaf, so that they outlive its accumulator
  std::shared_ptr<PostAccumulateGradHook> post_accumulate_hook;
  bool retains_grad = false;
  std::string name;  // given by the user or a module: a parameter's path

  // A differentiable view: writes through it rebase the history of `base`.
  Tensor base;
  uint32_t base_version = 0;  // version when grad_fn was last right; a stale view asks again
  Creation creation = Creation::normal;
  std::vector<Ref<Storage>> former;  // memory that resize_ outgrew
};

AutogradMeta& autograd_meta(const Tensor& t);

// Throws AutogradError for a write to a view that was not made normally; `indirect`: the write went to its base.
void check_creation(const Tensor& view, bool indirect);

}  // namespace tapescope
