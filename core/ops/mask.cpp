// Where a mask says: masked_fill and masked_select.
#include "core/ops/iterator.h"
#include "core/ops/record.h"
#include "core/ops/registry.h"

namespace tapescope::ops {
namespace {

const NodeType kMaskedFill{"MaskedFillBackward0", {"grad.masked_fill(mask, 0)", "where(mask, grad, 0).sum()"}};

class MaskedFillNode : public InlineNode<2> {
 public:
  MaskedFillNode(const Tensor& mask, const Dims& shape) : mask_(mask, false), shape_(shape) {}
  const NodeType& type() const override { return kMaskedFill; }
  void apply(std::span<Tensor> grads, std::span<Tensor> out) override {
    const Tensor& g = grads[0];
    if (!g.defined()) return;
    const Tensor mask = mask_.unpack(*this, "mask"), zero = scalar(0, g.dtype());
    if (edge(0)) out[0] = sum_to(where(mask, zero, g), shape_);
    if (edge(1)) out[1] = sum(where(mask, g, zero));
  }
  void release_saved() override { mask_.reset(); }
  std::vector<Slot> slots() const override { return {{"mask", &mask_}}; }

 private:
  SavedVariable mask_;
  Dims shape_;
};

// The value as an element of x: as PyTorch, without regard to what a cast loses, but not where it cannot hold it at
// all.
Tensor value_like(const char* op, const Tensor& x, const Tensor& mask, const Number& value) {
  if (mask.dtype() != DType::boolean)
    throw DTypeError("{}: expects a bool mask, but got {}; write the condition, such as mask != 0", op,
                     name_of(mask.dtype()));
  if (value.tensor.dim() > 0)
    throw ShapeError("{}: only supports a 0-dimensional value tensor, but got one with {} dimensions", op,
                     value.tensor.dim());
  if (is_complex(value.tensor.dtype()) && !is_complex(x.dtype()))
    throw DTypeError("{}: a value of {} can't be cast to {}", op, name_of(value.tensor.dtype()), name_of(x.dtype()));
  return needs_grad(value.tensor) ? to(value.tensor, x.dtype()) : full({}, value.tensor, x.dtype());
}

Tensor filled_data(const Tensor& x, const Tensor& mask, const Tensor& value) {
  const NoGrad off;
  const Unobserved part_of_the_op;
  return where(mask, value, x);
}

Tensor masked_fill(const Tensor& x, const Tensor& mask, const Number& operand) {
  static const OpSchema schema{"masked_fill"};
  const Tensor value = value_like("masked_fill", x, mask, operand);
  Tensor out = filled_data(x, mask, value);
  Ref<Node> node;
  if (needs_grad(x, value)) node = make_node<MaskedFillNode>(mask, x.shape());
  return finish(schema, std::move(out), std::move(node), x, value);
}

Tensor masked_fill_(const Tensor& self, const Tensor& mask, const Number& operand) {
  static const OpSchema schema{"masked_fill_", true};
  const Tensor value = value_like("masked_fill_", self, mask, operand);
  check_in_place("masked_fill_", self, value);
  if (!(broadcast_shapes("masked_fill_", self.shape(), mask.shape()) == self.shape()))
    throw ShapeError("masked_fill_: a mask of shape {} does not fit a tensor of shape {}", to_string(mask.shape()),
                     to_string(self.shape()));
  Ref<Node> node;
  if (needs_grad(self, value)) node = make_node<MaskedFillNode>(mask, self.shape());
  copy_elements(self, filled_data(self, mask, value));
  return finish_in_place(schema, self, std::move(node), self, value);
}

Tensor masked_select(const Tensor& x, const Tensor& mask) {
  if (mask.dtype() != DType::boolean)
    throw DTypeError("masked_select: expects a bool mask, but got {}", name_of(mask.dtype()));
  const Dims shape = broadcast_shapes("masked_select", x.shape(), mask.shape());
  return index(expand(x, shape), {expand(mask, shape)});
}

const Offered kMasked{
    op<&masked_fill>("masked_fill(input, mask, value)", "`value` where `mask`, else the input's elements."),
    op<&masked_fill_>("masked_fill_(self, mask, value)"),
    op<&masked_select>("masked_select(input, mask)", "The elements where `mask`, in a new 1-D tensor."),
};

}  // namespace
}  // namespace tapescope::ops
