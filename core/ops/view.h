// Views: tensors that share storage with their input. One node class, with the way back as a function.
#pragma once

#include "core/ops/record.h"

namespace tapescope::ops {

// Gradient of a view: `back` undoes what the view did, given the input's shape and the view's arguments.
struct ViewArgs {
  Dims shape = {};  // of the input
  Dims numbers = {};
};
using Back = Tensor (*)(const Tensor& grad, const ViewArgs& v);

struct ViewKind {
  OpSchema schema;
  NodeType type;
  Back back;
};

class ViewNode : public InlineNode<1> {
 public:
  ViewNode(const ViewKind& kind, ViewArgs args) : kind_(kind), args_(std::move(args)) {}
  const NodeType& type() const override { return kind_.type; }
  void apply(std::span<Tensor> grads, std::span<Tensor> out) override {
    if (grads[0].defined()) out[0] = kind_.back(grads[0], args_);
  }
  std::vector<Slot> slots() const override { return {{"self_sym_sizes", nullptr, to_string(args_.shape)}}; }

 private:
  const ViewKind& kind_;
  ViewArgs args_;
};

// What `.data` gives: the same memory without history, with a version of its own; writes through it are not counted.
Tensor uncounted(const Tensor& x);

inline Tensor make_view(const ViewKind& kind, const Tensor& x, const Dims& shape, const Dims& strides, int64_t offset,
                        Dims numbers = {}) {
  Ref<Node> node;
  if (needs_grad(x)) node = make_node<ViewNode>(kind, ViewArgs{x.shape(), std::move(numbers)});
  return finish_view(kind.schema, x.alias(shape, strides, offset), std::move(node), x);
}

}  // namespace tapescope::ops
