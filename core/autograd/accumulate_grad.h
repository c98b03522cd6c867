// AccumulateGrad: the end of every path. Adds the gradient it is given to its leaf's `.grad`.
//
// Invariants
//   * It owns its leaf; the leaf refers to it without owning it, so there is at most one a leaf while any graph uses
//   it.
//   * A gradient that nobody else holds is taken over as `.grad` without a copy.
//   * One thread at a time adds: a long addition lets the interpreter's lock go, and another backward may come here.
#pragma once

#include "core/graph/autograd_meta.h"
#include "core/tensor/fork_lock.h"

namespace tapescope {

class AccumulateGrad final : public InlineNode<1> {
 public:
  explicit AccumulateGrad(const Tensor& leaf);
  ~AccumulateGrad() override;
  const NodeType& type() const override;
  void apply(std::span<Tensor> grads, std::span<Tensor> out) override;
  Tensor leaf() const override { return leaf_; }

 private:
  void add(Tensor& grad);

  Tensor leaf_;
  ForkLock adding_;
};

}  // namespace tapescope
