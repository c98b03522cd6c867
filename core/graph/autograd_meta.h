// AutogradMeta: what few tensors have. Made on demand.
#pragma once

#include "core/graph/hooks.h"
#include "core/graph/node.h"

namespace tapescope {

struct AutogradMeta {
  Tensor grad;
  Node* accumulator = nullptr;               // the leaf's AccumulateGrad, not owned: it owns the leaf
  std::shared_ptr<TensorPreHook> leaf_hook;  // tensor pre-hooks of a leaf, so that they outlive its accumulator
  std::shared_ptr<PostAccumulateGradHook> post_accumulate_hook;
  bool retains_grad = false;
  std::string name;  // given by the user or a module: a parameter's path

  // A differentiable view: writes through it rebase the history of `base`.
  Tensor base;
  uint32_t base_version = 0;  // version when grad_fn was last right; a stale view asks again
};

AutogradMeta& autograd_meta(const Tensor& t);

}  // namespace tapescope
