// Random numbers written in place. What was there before gets no gradient.
#include <cmath>

#include "core/ops/iterator.h"
#include "core/ops/math.h"
#include "core/ops/record.h"
#include "core/ops/registry.h"

namespace tapescope::ops {
namespace {

const NodeType kRefill{"FillBackward0", {"zeros_like(grad)"}};

class RefillNode : public InlineNode<1> {
 public:
  const NodeType& type() const override { return kRefill; }
  void apply(std::span<Tensor> grads, std::span<Tensor> out) override {
    if (grads[0].defined()) out[0] = full(grads[0].shape(), 0, grads[0].dtype());
  }
};

// self = draw(shape), computed in no_grad mode and cast.
template <class F>
Tensor refill(const OpSchema& schema, const Tensor& self, F draw) {
  check_in_place(schema.name, self);
  {
    const NoGrad off;
    const Unobserved part_of_the_op;
    copy_elements(self, draw(self.shape(), is_floating(self.dtype()) ? self.dtype() : DType::float64));
  }
  Ref<Node> node;
  if (needs_grad(self)) node = make_node<RefillNode>();
  return finish_in_place(schema, self, std::move(node), self);
}

void floating_only(const char* op, const Tensor& self) {
  if (!is_floating(self.dtype()))
    throw DTypeError("{}: fills floating tensors; this one is {}", op, name_of(self.dtype()));
}

Tensor uniform_(const Tensor& self, double from, double to) {
  static const OpSchema schema{"uniform_", true};
  floating_only("uniform_", self);
  if (!(from <= to))
    throw ValueError("uniform_: expects to return a [from, to) range, but found from={:g} > to={:g}", from, to);
  return refill(schema, self, [&](const Dims& s, DType t) { return rand(s, t) * (to - from) + from; });
}

Tensor normal_(const Tensor& self, double mean, double std) {
  static const OpSchema schema{"normal_", true};
  floating_only("normal_", self);
  if (!(std >= 0)) throw ValueError("normal_: expects std >= 0.0, but found std {:g}", std);
  return refill(schema, self, [&](const Dims& s, DType t) { return randn(s, t) * std + mean; });
}

Tensor exponential_(const Tensor& self, double lambd) {
  static const OpSchema schema{"exponential_", true};
  floating_only("exponential_", self);
  if (!(lambd > 0)) throw ValueError("exponential_: expects lambda > 0.0, but found lambda={:g}", lambd);
  return refill(schema, self, [&](const Dims& s, DType t) { return math::log(1 - rand(s, t)) * (-1 / lambd); });
}

Tensor bernoulli_(const Tensor& self, double p) {
  static const OpSchema schema{"bernoulli_", true};
  if (!(p >= 0 && p <= 1)) throw ValueError("bernoulli_: expects p to be in [0, 1], but got p={:g}", p);
  return refill(schema, self,
                [&](const Dims& s, DType t) { return to(compare(Comparison::lt, rand(s, t), scalar(p, t)), t); });
}

Tensor random_(const Tensor& self, int64_t from, std::optional<int64_t> to) {
  static const OpSchema schema{"random_", true};
  // Without bounds: all integers from 0 on that the dtype holds exactly.
  const int bits = self.dtype() == DType::boolean    ? 1
                   : self.dtype() == DType::uint8    ? 8
                   : self.dtype() == DType::bfloat16 ? 8
                   : self.dtype() == DType::float16  ? 11
                   : self.dtype() == DType::float32  ? 24
                   : self.dtype() == DType::float64  ? 53
                                                     : 8 * itemsize(self.dtype()) - 1;
  if (is_complex(self.dtype())) throw DTypeError("random_: fills real tensors; this one is {}", name_of(self.dtype()));
  const int64_t most = bits < 63 ? int64_t{1} << bits : INT64_MAX;
  check_in_place("random_", self);
  return refill(schema, self, [&](const Dims& s, DType) { return randint(from, to.value_or(most), s, DType::int64); });
}

const Offered kRandomFills{
    op<&uniform_>("uniform_(self, from=0, to=1)", "Uniform in [from, to)."),
    op<&normal_>("normal_(self, mean=0, std=1)"),
    op<&exponential_>("exponential_(self, lambd=1)", "Density lambd * exp(-lambd * x)."),
    op<&bernoulli_>("bernoulli_(self, p=0.5)", "1 with probability p, else 0."),
    op<[](const Tensor& self) { return random_(self, 0, {}); }>("random_(self)"),
    op<[](const Tensor& self, int64_t to) { return random_(self, 0, to); }>("random_(self, to)"),
    op<[](const Tensor& self, int64_t from, int64_t to) { return random_(self, from, to); }>("random_(self, from, to)",
                                                                                             "Integers in [from, to)."),
};

}  // namespace
}  // namespace tapescope::ops
