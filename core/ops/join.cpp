// cat, stack.
#include "core/ops/iterator.h"
#include "core/ops/record.h"
#include "core/ops/registry.h"

namespace tapescope::ops {
namespace {

const NodeType kCat{"CatBackward0", {"grad.narrow(dim, start, length)"}};
const NodeType kStack{"StackBackward0", {"grad.select(dim, i)"}};

class JoinNode : public WideNode {
 public:
  JoinNode(int parts, int dim, bool stacked, std::vector<int64_t> lengths)
      : WideNode(parts), dim_(dim), stacked_(stacked), lengths_(std::move(lengths)) {}
  const NodeType& type() const override { return stacked_ ? kStack : kCat; }
  void apply(std::span<Tensor> grads, std::span<Tensor> out) override {
    if (!grads[0].defined()) return;
    int64_t start = 0;
    for (size_t i = 0; i < out.size(); start += lengths_[i++])
      if (edge(static_cast<int>(i)))
        out[i] = stacked_ ? select(grads[0], dim_, start) : slice(grads[0], dim_, start, start + lengths_[i], 1);
  }
  std::vector<Slot> slots() const override { return {{"dim", nullptr, std::to_string(dim_)}}; }

 private:
  int dim_;
  bool stacked_;
  std::vector<int64_t> lengths_;
};

Tensor join(const OpSchema& schema, const std::vector<Tensor>& parts, int dim, bool stacked) {
  DType dtype = parts[0].dtype();
  Dims shape = parts[0].shape();
  if (stacked) shape.insert(dim, 1);
  int64_t total = 0;
  std::vector<int64_t> lengths;
  bool needs = false;
  for (const Tensor& p : parts) {
    dtype = promote(dtype, p.dtype());
    lengths.push_back(stacked ? 1 : p.size(dim));
    total += lengths.back();
    needs = needs || needs_grad(p);
  }
  shape[dim] = total;
  Tensor out = Tensor::empty(shape, dtype);
  int64_t start = 0;
  for (size_t i = 0; i < parts.size(); start += lengths[i++]) {
    Dims region = shape;
    region[dim] = lengths[i];
    const Tensor window = out.alias(region, out.strides(), start * out.strides()[dim]);
    Dims strides = parts[i].strides();
    if (stacked) strides.insert(dim, 0);
    copy_elements(window, parts[i].alias(region, strides, parts[i].impl()->offset));
  }
  Ref<Node> node;
  if (needs) node = make_node<JoinNode>(static_cast<int>(parts.size()), dim, stacked, lengths);
  const Node* made = node.get();
  if (node) {
    for (size_t i = 0; i < parts.size(); ++i) node->set_edge(static_cast<int>(i), gradient_edge(parts[i]));
    set_history(out, std::move(node));
  }
  if (op_observer) {
    std::vector<const Tensor*> inputs;
    for (const Tensor& p : parts) inputs.push_back(&p);
    const Tensor* outputs[] = {&out};
    op_observer->op({schema, inputs, outputs, made});
  }
  return out;
}

}  // namespace

Tensor cat(const std::vector<Tensor>& parts, int64_t dim) {
  static const OpSchema schema{"cat"};
  if (parts.empty()) throw ValueError("cat: expected a non-empty list of Tensors");
  const int d = wrap_dim("cat", dim, parts[0].dim());
  for (size_t i = 0; i < parts.size(); ++i) {
    if (parts[i].dim() == 0)
      throw ShapeError("cat: zero-dimensional tensor (at position {}) cannot be concatenated; use stack", i);
    if (parts[i].dim() != parts[0].dim())
      throw ShapeError("cat: tensors must have the same number of dimensions: got {} and {}", parts[0].dim(),
                       parts[i].dim());
    for (int k = 0; k < parts[0].dim(); ++k)
      if (k != d && parts[i].size(k) != parts[0].size(k))
        throw ShapeError(
            "cat: sizes of tensors must match except in dimension {}. Expected size {} but got size {} in dimension {} "
            "for tensor number {} in the list.",
            d, parts[0].size(k), parts[i].size(k), k, i);
  }
  return join(schema, parts, d, false);
}

Tensor stack(const std::vector<Tensor>& parts, int64_t dim) {
  static const OpSchema schema{"stack"};
  if (parts.empty()) throw ValueError("stack: expected a non-empty list of Tensors");
  const int d = wrap_dim("stack", dim, parts[0].dim() + 1);
  for (size_t i = 1; i < parts.size(); ++i)
    if (!(parts[i].shape() == parts[0].shape()))
      throw ShapeError("stack: expects each tensor to be equal size, but got {} at entry 0 and {} at entry {}",
                       to_string(parts[0].shape()), to_string(parts[i].shape()), i);
  return join(schema, parts, d, true);
}

namespace {

const Offered kJoins{
    op<&cat>("cat(tensors, dim=0)", "The tensors one after another along `dim`; their other sizes are the same."),
    op<&stack>("stack(tensors, dim=0)", "Tensors of one shape along a new dimension."),
};

}  // namespace

}  // namespace tapescope::ops
