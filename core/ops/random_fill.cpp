// Random numbers written in place. What was there before gets no gradient.
#include <cmath>
#include <limits>
#include <numbers>

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
  const double most = self.dtype() == DType::float64    ? std::numeric_limits<double>::max()
                      : self.dtype() == DType::float16  ? 65504
                      : self.dtype() == DType::bfloat16 ? 0x1.fep127
                                                        : double{std::numeric_limits<float>::max()};
  if (!(from >= -most && to <= most && to - from <= most))
    throw ValueError("uniform_: from {:g} to {:g} is more than {} holds: its largest number is {:g}", from, to,
                     name_of(self.dtype()), most);
  return refill(schema, self, [&](const Dims& s, DType t) { return rand(s, t) * (to - from) + from; });
}

Tensor normal_(const Tensor& self, double mean, double std) {
  static const OpSchema schema{"normal_", true};
  floating_only("normal_", self);
  if (!(std >= 0)) throw ValueError("normal_: expects std >= 0.0, but found std {:g}", std);
  return refill(schema, self, [&](const Dims& s, DType t) { return randn(s, t) * std + mean; });
}

Tensor log_normal_(const Tensor& self, double mean, double std) {
  static const OpSchema schema{"log_normal_", true};
  floating_only("log_normal_", self);
  if (!(std > 0)) throw ValueError("log_normal_: expects std > 0.0, but found std={:g}", std);
  return refill(schema, self, [&](const Dims& s, DType t) { return math::exp(randn(s, t) * std + mean); });
}

Tensor cauchy_(const Tensor& self, double median, double sigma) {
  static const OpSchema schema{"cauchy_", true};
  floating_only("cauchy_", self);
  if (!(sigma > 0)) throw ValueError("cauchy_: expects sigma > 0.0, but found sigma={:g}", sigma);
  return refill(schema, self, [&](const Dims& s, DType) {
    const Tensor angle = (rand(s, DType::float64) - 0.5) * std::numbers::pi;
    return math::sin(angle) / math::cos(angle) * sigma + median;
  });
}

Tensor geometric_(const Tensor& self, double p) {
  static const OpSchema schema{"geometric_", true};
  if (!(p > 0 && p < 1)) throw ValueError("geometric_: expects p to be in (0, 1), but got p={:g}", p);
  return refill(schema, self, [&](const Dims& s, DType) {
    return unary(pointwise("ceil", 1), math::log(1 - rand(s, DType::float64)) * (1 / std::log1p(-p)));
  });
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

// 1 where a number of [0, 1) lies below `p`, else 0; of p's shape and dtype.
Tensor draws_of(const char* op, const Tensor& p) {
  if (!is_floating(p.dtype())) throw DTypeError("{}: probabilities are floats; these are {}", op, name_of(p.dtype()));
  const NoGrad off;
  const Unobserved part_of_the_op;
  if (!item(all(compare(Comparison::ge, p, scalar(0, p.dtype())))) ||
      !item(all(compare(Comparison::le, p, scalar(1, p.dtype())))))
    throw ValueError("{}: expects probabilities in [0, 1]", op);
  return compare(Comparison::lt, rand(p.shape(), DType::float64), to(p, DType::float64));
}

Tensor bernoulli_by(const Tensor& self, const Tensor& p) {
  static const OpSchema schema{"bernoulli_", true};
  if (!(broadcast_shapes("bernoulli_", self.shape(), p.shape()) == self.shape()))
    throw ShapeError("bernoulli_: probabilities of shape {} do not fit a tensor of shape {}", to_string(p.shape()),
                     to_string(self.shape()));
  return refill(schema, self, [&](const Dims& s, DType) { return draws_of("bernoulli_", expand(p, s)); });
}

Tensor bernoulli(const Tensor& p) {
  static const OpSchema schema{"bernoulli"};
  Tensor out = to(draws_of("bernoulli", p), p.dtype());
  Ref<Node> node;
  if (needs_grad(p)) node = make_node<RefillNode>();
  return finish(schema, std::move(out), std::move(node), p);
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
  const int64_t last = to.value_or(most);
  const bool whole_dtype = is_integral(self.dtype()) || self.dtype() == DType::boolean;
  const int64_t least = self.dtype() == DType::uint8 || self.dtype() == DType::boolean ? 0
                        : most == INT64_MAX                                            ? INT64_MIN
                                                                                       : -most;
  if (whole_dtype && (from < least || (most < INT64_MAX && last > most)))
    throw ValueError("random_: from {} to {} is more than {} holds", from, last, name_of(self.dtype()));
  return refill(schema, self, [&](const Dims& s, DType) { return randint(from, last, s, DType::int64); });
}

const Offered kRandomFills{
    op<&uniform_>("uniform_(self, from=0, to=1)", "Uniform in [from, to)."),
    op<&normal_>("normal_(self, mean=0, std=1)"),
    op<&log_normal_>("log_normal_(self, mean=1, std=2)", "e to the power of normal numbers."),
    op<&cauchy_>("cauchy_(self, median=0, sigma=1)"),
    op<&geometric_>("geometric_(self, p)", "Number of draws until the first that succeeds with probability p: 1, 2, …"),
    op<&exponential_>("exponential_(self, lambd=1)", "Density lambd * exp(-lambd * x)."),
    op<&bernoulli_by>("bernoulli_(self, p)", "1 with probability p, else 0."),
    op<&bernoulli_>("bernoulli_(self, p=0.5)", "1 with probability p, else 0."),
    op<&bernoulli>("bernoulli(input)", "1 with the probability that the element is, else 0."),
    op<[](const Tensor& self) { return random_(self, 0, {}); }>("random_(self)"),
    op<[](const Tensor& self, int64_t to) { return random_(self, 0, to); }>("random_(self, to)"),
    op<[](const Tensor& self, int64_t from, int64_t to) { return random_(self, from, to); }>("random_(self, from, to)",
                                                                                             "Integers in [from, to)."),
};

}  // namespace
}  // namespace tapescope::ops
