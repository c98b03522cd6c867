// Copies, casts, and filling in place.
#include "core/ops/device.h"
#include "core/ops/iterator.h"
#include "core/ops/record.h"
#include "core/ops/registry.h"

namespace tapescope::ops {
namespace {

const NodeType kClone{"CloneBackward0", {"grad"}};
const NodeType kTo{"ToCopyBackward0", {"grad.to(self.dtype)"}};
const NodeType kCopy{"CopyBackwards", {"0", "grad"}};
const NodeType kFill{"FillBackward0", {"0"}};

// The gradient passes; the engine casts it to the input's dtype.
class PassNode : public InlineNode<1> {
 public:
  explicit PassNode(const NodeType& type) : type_(type) {}
  const NodeType& type() const override { return type_; }
  void apply(std::span<Tensor> grads, std::span<Tensor> out) override { out[0] = grads[0]; }

 private:
  const NodeType& type_;
};

class CopyNode : public InlineNode<2> {
 public:
  const NodeType& type() const override { return kCopy; }
  void apply(std::span<Tensor> grads, std::span<Tensor> out) override {
    if (!grads[0].defined()) return;
    if (edge(0)) out[0] = full(grads[0].shape(), 0, grads[0].dtype());
    if (edge(1)) out[1] = grads[0];
  }
};

class FillNode : public InlineNode<1> {
 public:
  const NodeType& type() const override { return kFill; }
  void apply(std::span<Tensor> grads, std::span<Tensor> out) override {
    if (grads[0].defined()) out[0] = full(grads[0].shape(), 0, grads[0].dtype());
  }
};

}  // namespace

namespace {
Tensor clone_into(Tensor out, const Tensor& x) {
  static const OpSchema schema{"clone"};
  copy_elements(out, x);
  Ref<Node> node;
  if (needs_grad(x)) node = make_node<PassNode>(kClone);
  return finish(schema, std::move(out), std::move(node), x);
}
}  // namespace

Tensor clone(const Tensor& x) {
  Tensor out = Tensor::empty(x.shape(), x.dtype());
  if (!x.is_contiguous() && is_dense(x.shape(), x.strides())) out = out.alias(x.shape(), x.strides(), 0);
  return clone_into(std::move(out), x);
}

Tensor clone_in_order(const Tensor& x) {
  return clone_into(Tensor::empty(x.shape(), x.dtype()), x);
}

Tensor contiguous(const Tensor& x) {
  return x.is_contiguous() ? x : clone_in_order(x);
}

Tensor to(const Tensor& x, DType dtype) {
  static const OpSchema schema{"to"};
  if (x.dtype() == dtype) return x;
  Tensor out = Tensor::empty(x.shape(), dtype);
  copy_elements(out, x);
  Ref<Node> node;
  if (is_differentiable(dtype) && needs_grad(x)) node = make_node<PassNode>(kTo);
  return finish(schema, std::move(out), std::move(node), x);
}

Tensor copy_(const Tensor& self, const Tensor& src) {
  static const OpSchema schema{"copy_", true};
  check_in_place("copy_", self, src);
  if (!(broadcast_shapes("copy_", self.shape(), src.shape()) == self.shape()))
    throw ShapeError("copy_: a source of shape {} does not fit a tensor of shape {}", to_string(src.shape()),
                     to_string(self.shape()));
  if (src.impl()->storage == self.impl()->storage && !src.is_same(self)) {
    Tensor copy = Tensor::empty(src.shape(), src.dtype());
    copy_elements(copy, src);
    copy_elements(self, copy);
  } else {
    copy_elements(self, src);
  }
  Ref<Node> node;
  if (is_differentiable(self.dtype()) && needs_grad(self, src)) node = make_node<CopyNode>();
  return finish_in_place(schema, self, std::move(node), self, src);
}

Tensor fill_(const Tensor& self, double value) {
  return fill_(self, scalar(value, self.dtype()));
}

Tensor fill_(const Tensor& self, const Tensor& value) {
  static const OpSchema fill{"fill_", true}, zero{"zero_", true};
  const OpSchema& schema = visit(value.dtype(), [&]<class T>(T) { return *value.data<T>() == T(0); }) ? zero : fill;
  check_fill(schema.name, self);
  copy_elements(self, value);
  Ref<Node> node;
  if (needs_grad(self)) node = make_node<FillNode>();
  return finish_in_place(schema, self, std::move(node), self);
}

void check_single(const Tensor& x) {
  if (x.numel() != 1)
    throw ShapeError("item: a Tensor with {} elements cannot be converted to Scalar; it has shape {}", x.numel(),
                     to_string(x.shape()));
}

double item(const Tensor& x) {
  check_single(x);
  return visit(x.dtype(), [&]<class T>(T) {
    if constexpr (is_complex_type<T>)
      if (x.data<T>()->imag() != 0)
        throw DTypeError("item: a {} with an imaginary part cannot be converted to a real number; take .real or .abs()",
                         name_of(x.dtype()));
    return cast<double>(*x.data<T>());
  });
}

int64_t item_int(const Tensor& x) {
  item(x);  // checks the size
  return visit(x.dtype(), [&]<class T>(T) { return cast<int64_t>(*x.data<T>()); });
}

namespace {

// Where it fits already, the tensor itself.
Tensor moved(const Tensor& x, std::optional<std::string> device, std::optional<DType> dtype, bool, bool copy) {
  if (device) check_device(*device);
  const DType t = dtype.value_or(x.dtype());
  return copy && t == x.dtype() ? clone(x) : to(x, t);
}

template <DType T>
Tensor cast_to(const Tensor& x) {
  return to(x, T);
}

const Offered kCopies{
    op<&clone>(
        "clone(input)",
        "A copy with the same strides, or in order where elements share memory or have gaps; gradients pass through."),
    op<&contiguous>("contiguous(self)", "Itself if its elements lie in order without gaps, else such a copy."),
    op<[](const Tensor& x, DType dtype, bool, bool copy) { return moved(x, {}, dtype, false, copy); }>(
        "to(self, dtype, non_blocking=False, copy=False)"),
    op<&moved>("to(self, device=None, dtype=None, non_blocking=False, copy=False)"),
    op<[](const Tensor& x, const Tensor& other, bool, bool copy) { return moved(x, {}, other.dtype(), false, copy); }>(
        "to(self, other, non_blocking=False, copy=False)",
        "Cast; itself where nothing changes and no copy is asked for."),
    op<[](const Tensor& x, const Tensor& other) { return to(x, other.dtype()); }>("type_as(self, other)"),
    op<&cast_to<DType::float32>>("float(self)"),
    op<&cast_to<DType::float64>>("double(self)"),
    op<&cast_to<DType::int64>>("long(self)"),
    op<&cast_to<DType::boolean>>("bool(self)"),
    op<&copy_>("copy_(self, src)"),
    op<[](const Tensor& self, const Number& value) {
      check_single(value.tensor);
      // With the gradient of a copy.
      if (grad_enabled() && value.tensor.requires_grad()) return copy_(self, reshape(value.tensor, {}));
      return fill_(self, full({}, value.tensor.alias({}, {}, value.tensor.impl()->offset), self.dtype()));
    }>("fill_(self, value)"),
    op<[](const Tensor& x) { return fill_(x, 0.0); }>("zero_(self)"),
    internal<&to>("to(self, dtype)"),
};

}  // namespace

}  // namespace tapescope::ops
