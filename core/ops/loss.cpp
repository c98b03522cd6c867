// Losses.
#include "core/ops/iterator.h"
#include "core/ops/record.h"
#include "core/ops/registry.h"

namespace tapescope::ops {
namespace {

const NodeType kNll{"NllLossBackward0", {"-grad / N at [n, target[n]]"}};
const NodeType kMse{"MseLossBackward0", {"grad * 2 * (self - target) / N", "-grad * 2 * (self - target) / N"}};

// Picks -x[n, target[n]]. The gradient is a constant pattern times the incoming one.
class NllNode : public InlineNode<1> {
 public:
  NllNode(const Tensor& x, const Tensor& target, Reduction r)
      : shape_(x.shape()), self_(x, false), target_(target, false), reduction_(r) {}
  const NodeType& type() const override { return kNll; }
  void apply(std::span<Tensor> grads, std::span<Tensor> out) override {
    if (!grads[0].defined()) return;
    const Tensor target = target_.unpack(*this, "target");
    Tensor pattern;
    {
      NoGrad off;
      pattern = full(shape_, 0, grads[0].dtype());
      const double share = reduction_ == Reduction::mean ? -1.0 / static_cast<double>(shape_[0]) : -1.0;
      visit_floating(pattern.dtype(), [&]<class T>(T) {
        for (int64_t n = 0; n < shape_[0]; ++n)
          pattern.data<T>()[n * shape_[1] + target.data<int64_t>()[n]] = static_cast<T>(share);
      });
    }
    out[0] = (reduction_ == Reduction::none ? unsqueeze(grads[0], 1) : grads[0]) * pattern;
  }
  void release_saved() override { self_.reset(), target_.reset(); }
  std::vector<Slot> slots() const override { return {{"self", &self_}, {"target", &target_}}; }

 private:
  Dims shape_;
  SavedVariable self_, target_;
  Reduction reduction_;
};

class MseNode : public InlineNode<2> {
 public:
  MseNode(const Tensor& x, const Tensor& target, Reduction r)
      : self_(x, false), target_(target, false), reduction_(r) {}
  const NodeType& type() const override { return kMse; }
  void apply(std::span<Tensor> grads, std::span<Tensor> out) override {
    if (!grads[0].defined()) return;
    const Tensor x = self_.unpack(*this, "self"), target = target_.unpack(*this, "target");
    const double scale = reduction_ == Reduction::mean ? 2.0 / static_cast<double>(x.numel()) : 2.0;
    const Tensor g = (x - target) * (grads[0] * scale);
    if (edge(0)) out[0] = g;
    if (edge(1)) out[1] = -g;
  }
  void release_saved() override { self_.reset(), target_.reset(); }
  std::vector<Slot> slots() const override { return {{"self", &self_}, {"target", &target_}}; }

 private:
  SavedVariable self_, target_;
  Reduction reduction_;
};

Tensor reduced(const Tensor& each, Reduction r) {
  if (r == Reduction::none) return each;
  return r == Reduction::mean ? mean(each) : sum(each);
}

}  // namespace

Tensor nll_loss(const Tensor& x, const Tensor& target, Reduction r) {
  static const OpSchema schema{"nll_loss"};
  if (x.dim() != 2)
    throw ShapeError("nll_loss: expects log-probabilities of shape (N, C), but got {}", to_string(x.shape()));
  if (!is_floating(x.dtype()))
    throw DTypeError("nll_loss: the input is {}, and has to be floating", name_of(x.dtype()));
  if (target.dtype() != DType::int64)
    throw DTypeError("nll_loss: expected target of int64 class indices, but got {}", name_of(target.dtype()));
  if (target.dim() != 1 || target.size(0) != x.size(0))
    throw ShapeError("nll_loss: expected target size ({},), got {}", x.size(0), to_string(target.shape()));
  const Tensor labels = contiguous_data(target), in = contiguous_data(x);
  Tensor each = Tensor::empty({x.size(0)}, x.dtype());
  const int64_t classes = x.size(1);
  visit_floating(x.dtype(), [&]<class T>(T) {
    for (int64_t n = 0; n < x.size(0); ++n) {
      const int64_t c = labels.data<int64_t>()[n];
      if (c < 0 || c >= classes)
        throw IndexError("nll_loss: Target {} is out of bounds: there are {} classes", c, classes);
      each.data<T>()[n] = T(-in.data<T>()[n * classes + c]);
    }
  });
  Tensor out;
  {
    const NoGrad off;
    const Unobserved part_of_the_op;
    out = reduced(each, r);
  }
  Ref<Node> node;
  if (needs_grad(x)) node = make_node<NllNode>(x, labels, r);
  return finish(schema, std::move(out), std::move(node), x, target);
}

Tensor cross_entropy(const Tensor& logits, const Tensor& target, Reduction r) {
  if (logits.dim() != 2)
    throw ShapeError("cross_entropy: expects logits of shape (N, C), but got {}", to_string(logits.shape()));
  if (is_floating(target.dtype())) {
    if (!(target.shape() == logits.shape()))
      throw ShapeError("cross_entropy: class probabilities of shape {} do not fit logits of shape {}",
                       to_string(target.shape()), to_string(logits.shape()));
    const Tensor each = -sum(log_softmax(logits, 1) * target, Dims{1});
    return reduced(each, r);
  }
  return nll_loss(log_softmax(logits, 1), target, r);
}

Tensor mse_loss(const Tensor& x, const Tensor& target, Reduction r) {
  static const OpSchema schema{"mse_loss"};
  if (!is_floating(x.dtype()))
    throw DTypeError("mse_loss: the input is {}, and has to be floating", name_of(x.dtype()));
  Tensor out;
  {
    const NoGrad off;
    const Unobserved part_of_the_op;
    const Tensor d = x - target;
    out = reduced(d * d, r);
  }
  Ref<Node> node;
  if (needs_grad(x, target)) node = make_node<MseNode>(x, target, r);
  return finish(schema, std::move(out), std::move(node), x, target);
}

// By its name.
template <>
struct Boxed<Reduction> {
  static constexpr Kind kind = Kind::text;
  static constexpr bool none = false;
  static Reduction get(const Value& v) {
    const auto& name = std::get<std::string>(v);
    if (name == "mean") return Reduction::mean;
    if (name == "sum") return Reduction::sum;
    if (name == "none") return Reduction::none;
    throw ValueError("'{}' is not a valid value for reduction: use 'none', 'mean' or 'sum'", name);
  }
};

namespace {

const Offered kLosses{
    function<&nll_loss>("nll_loss(input, target, reduction='mean')"),
    function<&cross_entropy>("cross_entropy(input, target, reduction='mean')"),
    function<&mse_loss>("mse_loss(input, target, reduction='mean')"),
};

}  // namespace

}  // namespace tapescope::ops
