#include <cstring>

#include "core/ops/iterator.h"
#include "core/ops/record.h"

namespace tapescope::ops {
namespace {

// The gradient of operand k by ops, so that it can be differentiated again. A complex one is grad · conj(slope).
Tensor pull_recorded(const PointwiseInfo& op, int k, const Tensor& g, const Tensor& a, const Tensor& b,
                     const double* args) {
  if (!is_complex(g.dtype())) return op.pull[k](g, a, b, args);
  return conj(op.pull[k](conj(g), a, b, args));
}
// The same by one kernel.
Tensor pull_fused(const PointwiseInfo& op, int k, const Tensor& g, std::span<const Tensor* const> in,
                  const double* args) {
  Tensor r = Tensor::empty(g.shape(), g.dtype());
  const DType compute = compute_type(g.dtype());
  run(op.kernels->backward[k][static_cast<int>(compute)], compute, r, in, args);
  return r;
}

// The node of every unary pointwise op.
class UnaryNode : public InlineNode<1> {
 public:
  UnaryNode(const PointwiseInfo& op, const double* args) : op_(op) {
    if (args) std::copy_n(args, op.scalar_args, args_);
  }
  void save(const Tensor& t, bool is_output) { kept_ = SavedVariable(t, is_output); }

  const NodeType& type() const override { return op_.type; }
  void apply(std::span<Tensor> grads, std::span<Tensor> out) override {
    const Tensor& g = grads[0];
    if (!g.defined() || !edge(0)) return;
    const Tensor kept = op_.keep[0] == Keep::none ? g : kept_.unpack(*this, op_.slots[0]);
    if (grad_enabled()) {
      out[0] = pull_recorded(op_, 0, g, kept, kept, args_);
      return;
    }
    const Tensor* in[] = {&g, &kept};
    out[0] = pull_fused(op_, 0, g, in, args_);
  }
  void release_saved() override { kept_.reset(); }
  std::vector<Slot> slots() const override {
    std::vector<Slot> s;
    if (op_.keep[0] != Keep::none) s.push_back({op_.slots[0], &kept_});
    const char* names[2] = {op_.name == "pow" ? "exponent" : "min", "max"};
    for (int i = 0; i < op_.scalar_args; ++i)
      s.push_back({names[i], nullptr, std::isinf(args_[i]) ? "None" : fmt::format("{}", args_[i])});
    return s;
  }

 private:
  const PointwiseInfo& op_;
  double args_[2] = {};
  SavedVariable kept_;
};

// The node of every binary pointwise op. Gradients of broadcast operands are summed by the engine.
class BinaryNode : public InlineNode<2> {
 public:
  explicit BinaryNode(const PointwiseInfo& op) : op_(op) {}
  void save(const Tensor& a, const Tensor& b, bool need_a, bool need_b) {
    if (need_a) a_ = SavedVariable(a, false);
    if (need_b) b_ = SavedVariable(b, false);
  }

  const NodeType& type() const override { return op_.type; }
  void apply(std::span<Tensor> grads, std::span<Tensor> out) override {
    const Tensor& g = grads[0];
    if (!g.defined()) return;
    Tensor a = g, b = g;
    for (int k = 0; k < 2; ++k) {
      if (!edge(k)) continue;
      if (has(op_.keep[k], Keep::a)) a = a_.unpack(*this, op_.slots[0]);
      if (has(op_.keep[k], Keep::b)) b = b_.unpack(*this, op_.slots[1]);
    }
    for (int k = 0; k < 2; ++k) {
      if (!edge(k)) continue;
      if (op_.passes[k]) {
        out[static_cast<size_t>(k)] = g;
      } else if (grad_enabled()) {
        out[static_cast<size_t>(k)] = pull_recorded(op_, k, g, a, b, nullptr);
      } else {
        const Tensor* in[] = {&g, &a, &b};
        out[static_cast<size_t>(k)] = pull_fused(op_, k, g, in, nullptr);
      }
    }
  }
  void release_saved() override { a_.reset(), b_.reset(); }
  std::vector<Slot> slots() const override {
    std::vector<Slot> s;
    if (has(op_.keep[0], Keep::a) || has(op_.keep[1], Keep::a)) s.push_back({op_.slots[0], &a_});
    if (has(op_.keep[0], Keep::b) || has(op_.keep[1], Keep::b)) s.push_back({op_.slots[1], &b_});
    return s;
  }

 private:
  const PointwiseInfo& op_;
  SavedVariable a_, b_;
};

// The node of an op without a derivative: reached, it says so.
class NotImplementedNode : public InlineNode<2> {
 public:
  explicit NotImplementedNode(const PointwiseInfo& op) : InlineNode<2>(op.arity), op_(op) {}
  const NodeType& type() const override { return op_.type; }
  void apply(std::span<Tensor>, std::span<Tensor>) override {
    throw AutogradError(
        "derivative for {} is not implemented: it is flat between its steps. detach() its operands, or differentiate "
        "what it rounds.",
        op_.name);
  }

 private:
  const PointwiseInfo& op_;
};

// What an op computes in and what comes out: integers wrap around in their own type; bool stays bool where that is
// PyTorch's rule (add is or, mul is and).
struct Types {
  DType compute, out;
};
[[noreturn]] void refuse_bool(std::string_view op) {
  if (op == "neg") throw DTypeError("neg: a bool tensor has no negative; use logical_not, or x.to(int64)");
  if (op == "sub")
    throw DTypeError("sub: subtraction with a bool is not supported; compare bools with !=, or cast with .to(int64)");
  if (op == "abs")
    throw DTypeError("abs: not implemented for bool; x is its own absolute value, and x.to(int64) a number");
  throw DTypeError("{}: not implemented for bool tensors; cast with .to(int64)", op);
}
Types types_of(const PointwiseInfo& op, DType in) {
  if (is_differentiable(in) && !op.floats)
    throw DTypeError("{}: not implemented for {}: it takes the bits of integers, and bools", op.name, name_of(in));
  if (is_floating(in)) return {compute_type(in), in};
  if (is_complex(in)) {
    if (!op.complex)
      throw DTypeError("{}: not implemented for complex tensors, and the input is {}; use .abs(), .real or .imag",
                       op.name, name_of(in));
    return {in, in};
  }
  if (!op.integers) return {compute_type(default_dtype), default_dtype};
  if (in == DType::boolean && !op.bools) refuse_bool(op.name);
  return {DType::int64, in};
}

Types types_of(const PointwiseInfo& op, const Tensor& a, const Tensor& b) {
  if ((a.dtype() == DType::boolean || b.dtype() == DType::boolean) && op.name == "sub") refuse_bool("sub");
  return types_of(op, result_type(a, b));
}

// An integer by zero: refused before anything is written.
void check_divisors(const PointwiseInfo& op, DType compute, const Tensor& out, const Tensor& divisor) {
  if (compute != DType::int64 || !op.divides) return;
  const NoGrad off;
  const Unobserved part_of_the_op;
  if (out.numel() && !item(all(divisor)))
    throw DivisionError(
        "{}: ZeroDivisionError: an integer is divided by zero; mask the zeros of the divisor, or divide floats",
        op.name);
}

PointwiseKernel forward_of(const PointwiseInfo& op, DType compute) {
  return op.kernels[0].forward[static_cast<int>(compute)];
}

Ref<Node> binary_node(const PointwiseInfo& op, const Tensor& a, const Tensor& b, bool in_place) {
  if (!needs_grad(a, b)) return {};
  if (!op.differentiable) return make_node<NotImplementedNode>(op);
  auto node = make_node<BinaryNode>(op);
  const bool da = a.requires_grad(), db = b.requires_grad();
  const bool need_a = (da && has(op.keep[0], Keep::a)) || (db && has(op.keep[1], Keep::a));
  const bool need_b = (da && has(op.keep[0], Keep::b)) || (db && has(op.keep[1], Keep::b));
  // The op is about to overwrite `a`, and `b` too if it shares the memory.
  const bool shared = in_place && a.impl()->storage == b.impl()->storage;
  node->save(in_place && need_a ? value_before(a) : a, shared && need_b ? value_before(b) : b, need_a, need_b);
  return node;
}

}  // namespace

DType result_type(const Tensor& a, const Tensor& b) {
  if (a.dtype() == b.dtype()) return a.dtype();
  if (a.dim() > 0 && b.dim() == 0) return with_weak(a.dtype(), b.dtype());
  if (b.dim() > 0 && a.dim() == 0) return with_weak(b.dtype(), a.dtype());
  return promote(a.dtype(), b.dtype());
}

Tensor unary(const PointwiseInfo& op, const Tensor& x, const double* args) {
  if (is_complex(x.dtype()) && op.name == "abs") return complex_abs(x);
  if (x.dtype() == DType::boolean && op.name == "bitwise_not") return logical_not(x);
  const auto [compute, result] = types_of(op, x.dtype());
  Tensor y = Tensor::empty(x.shape(), result);
  const Tensor* in[] = {&x};
  run(forward_of(op, compute), compute, y, in, args);
  if (!needs_grad(x)) {
    observe(op.schema, nullptr, y, x);
    return y;
  }
  auto node = make_node<UnaryNode>(op, args);
  UnaryNode* n = node.get();
  Tensor out = finish(op.schema, std::move(y), std::move(node), x);
  if (op.keep[0] == Keep::output) n->save(out, true);
  if (op.keep[0] == Keep::input) n->save(x, false);
  return out;
}

Tensor binary(const PointwiseInfo& op, const Tensor& a, const Tensor& b) {
  const auto [compute, result] = types_of(op, a, b);
  Tensor y = Tensor::empty(a.shape() == b.shape() ? a.shape() : broadcast_shapes(op.schema.name, a.shape(), b.shape()),
                           result);
  check_divisors(op, compute, y, b);
  const Tensor* in[] = {&a, &b};
  run(forward_of(op, compute), compute, y, in);
  return finish(op.schema, std::move(y), binary_node(op, a, b, false), a, b);
}

Tensor unary_(const PointwiseInfo& op, const Tensor& self, const double* args) {
  if (self.dtype() == DType::boolean && op.name == "bitwise_not")
    return binary_(pointwise("bitwise_xor", 2), self, scalar(1, DType::boolean));
  check_in_place(op.in_place_schema.name, self);
  const auto [compute, result] = types_of(op, self.dtype());
  if (result != self.dtype())
    throw DTypeError("{}: result type {} can't be cast to the tensor's type {}", op.in_place_schema.name,
                     name_of(result), name_of(self.dtype()));
  Ref<UnaryNode> node;
  if (needs_grad(self)) {
    node = make_node<UnaryNode>(op, args);
    if (op.keep[0] == Keep::input) node->save(value_before(self), false);
  }
  const Tensor* in[] = {&self};
  run(forward_of(op, compute), compute, self, in, args);
  UnaryNode* n = node.get();
  finish_in_place(op.in_place_schema, self, std::move(node), self);
  if (n && op.keep[0] == Keep::output) n->save(self, true);
  return self;
}

Tensor binary_(const PointwiseInfo& op, const Tensor& self, const Tensor& other) {
  check_in_place(op.in_place_schema.name, self, other);
  const auto [compute, result] = types_of(op, self, other);
  if (!can_cast(result, self.dtype()))
    throw DTypeError(
        "{}: result type {} can't be cast to the desired output type {}; write out of place, or cast first",
        op.in_place_schema.name, name_of(result), name_of(self.dtype()));
  if (self.shape() != other.shape() &&
      !(broadcast_shapes(op.in_place_schema.name, self.shape(), other.shape()) == self.shape()))
    throw ShapeError("{}: output with shape {} doesn't match the broadcast shape {}; write out of place",
                     op.in_place_schema.name, to_string(self.shape()),
                     to_string(broadcast_shapes(op.in_place_schema.name, self.shape(), other.shape())));
  check_divisors(op, compute, self, other);
  auto node = binary_node(op, self, other, true);
  // An operand that shares the memory in another order, or is a part of it that is read again, is read before it is
  // written.
  const bool overlaps = other.impl()->storage == self.impl()->storage &&
                        !(other.impl()->offset == self.impl()->offset && other.strides() == self.strides() &&
                          other.shape() == self.shape());
  Tensor safe = other;
  if (overlaps) {
    safe = Tensor::empty(other.shape(), other.dtype());
    copy_elements(safe, other);
  }
  const Tensor* in[] = {&self, &safe};
  run(forward_of(op, compute), compute, self, in);
  return finish_in_place(op.in_place_schema, self, std::move(node), self, other);
}

Tensor apply(std::string_view name, const Tensor& x, std::initializer_list<double> args) {
  return unary(pointwise(name, 1), x, args.begin());
}
Tensor apply(std::string_view name, const Tensor& a, const Tensor& b) {
  return binary(pointwise(name, 2), a, b);
}

}  // namespace tapescope::ops
