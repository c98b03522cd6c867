// Comparisons, logical ops, where.
#include "core/ops/iterator.h"
#include "core/ops/record.h"
#include "core/ops/registry.h"

namespace tapescope::ops {
namespace {

// A two-input kernel that compares in T and stores T(0) or T(1); the iterator casts it to bool.
template <class T, class F>
void truth_loop(void* out, const void* const* in, unsigned scalars, int64_t n, const double*) {
  auto* o = static_cast<T*>(out);
  const auto* a = static_cast<const T*>(in[0]);
  const auto* b = static_cast<const T*>(in[1]);
  const int64_t sa = scalars & 1 ? 0 : 1, sb = scalars & 2 ? 0 : 1;
  for (int64_t i = 0; i < n; ++i) o[i] = static_cast<T>(F{}(a[i * sa], b[i * sb]));
}

template <class F>
Tensor truth(const OpSchema& schema, const Tensor& a, const Tensor& b, DType compute) {
  Tensor out = Tensor::empty(broadcast_shapes(schema.name, a.shape(), b.shape()), DType::boolean);
  const auto loop = []<class T>(T) -> PointwiseKernel { return truth_loop<T, F>; };
  PointwiseKernel kernel = nullptr;
  if (!is_complex(compute)) {
    kernel = visit_compute(compute, loop);
  } else if constexpr (F::of_complex) {
    kernel = visit_complex(compute, loop);
  } else {
    throw DTypeError("{}: not defined for {}: complex numbers have no order; compare their .abs() or .real",
                     schema.name, name_of(compute));
  }
  const Tensor* in[] = {&a, &b};
  run(kernel, compute, out, in);
  return finish(schema, std::move(out), Ref<Node>(), a, b);
}

struct Equal {
  static constexpr bool of_complex = true;
  bool operator()(auto a, auto b) const { return a == b; }
};
struct Unequal {
  static constexpr bool of_complex = true;
  bool operator()(auto a, auto b) const { return a != b; }
};
template <class Compare>
struct Ordered : Compare {
  static constexpr bool of_complex = false;
};
struct And {
  static constexpr bool of_complex = true;
  bool operator()(auto a, auto b) const { return a != decltype(a)(0) && b != decltype(b)(0); }
};
struct Or {
  static constexpr bool of_complex = true;
  bool operator()(auto a, auto b) const { return a != decltype(a)(0) || b != decltype(b)(0); }
};

template <class T>
void where_loop(void* out, const void* const* in, unsigned scalars, int64_t n, const double*) {
  auto* o = static_cast<T*>(out);
  const T* p[3];
  int64_t s[3];
  for (int k = 0; k < 3; ++k) p[k] = static_cast<const T*>(in[k]), s[k] = scalars >> k & 1 ? 0 : 1;
  for (int64_t i = 0; i < n; ++i) o[i] = p[0][i * s[0]] != T(0) ? p[1][i * s[1]] : p[2][i * s[2]];
}

const NodeType kWhere{"WhereBackward0", {"where(condition, grad, 0)", "where(condition, 0, grad)"}};

class WhereNode : public InlineNode<2> {
 public:
  explicit WhereNode(const Tensor& condition) : condition_(condition, false) {}
  const NodeType& type() const override { return kWhere; }
  void apply(std::span<Tensor> grads, std::span<Tensor> out) override {
    if (!grads[0].defined()) return;
    const Tensor c = condition_.unpack(*this, "condition");
    if (edge(0)) out[0] = math::where(c, grads[0], 0.0);
    if (edge(1)) out[1] = math::where(c, 0.0, grads[0]);
  }
  void release_saved() override { condition_.reset(); }
  std::vector<Slot> slots() const override { return {{"condition", &condition_}}; }

 private:
  SavedVariable condition_;
};

}  // namespace

Tensor compare(Comparison c, const Tensor& a, const Tensor& b) {
  static const OpSchema schemas[] = {{"eq"}, {"ne"}, {"lt"}, {"le"}, {"gt"}, {"ge"}};
  const OpSchema& s = schemas[static_cast<int>(c)];
  const DType compute = compute_type(result_type(a, b));
  switch (c) {
    case Comparison::eq:
      return truth<Equal>(s, a, b, compute);
    case Comparison::ne:
      return truth<Unequal>(s, a, b, compute);
    case Comparison::lt:
      return truth<Ordered<std::less<>>>(s, a, b, compute);
    case Comparison::le:
      return truth<Ordered<std::less_equal<>>>(s, a, b, compute);
    case Comparison::gt:
      return truth<Ordered<std::greater<>>>(s, a, b, compute);
    case Comparison::ge:
      return truth<Ordered<std::greater_equal<>>>(s, a, b, compute);
  }
  throw InternalError("unknown comparison");
}

Tensor logical_and(const Tensor& a, const Tensor& b) {
  static const OpSchema schema{"logical_and"};
  return truth<And>(schema, a, b, compute_type(result_type(a, b)));
}
Tensor logical_or(const Tensor& a, const Tensor& b) {
  static const OpSchema schema{"logical_or"};
  return truth<Or>(schema, a, b, compute_type(result_type(a, b)));
}
Tensor logical_not(const Tensor& a) {
  return compare(Comparison::eq, a, scalar(0.0, a.dtype()));
}

Tensor where(const Tensor& condition, const Tensor& a, const Tensor& b) {
  static const OpSchema schema{"where"};
  if (condition.dtype() != DType::boolean)
    throw DTypeError("where: the condition is {}, and has to be bool; compare it with something, as in x > 0",
                     name_of(condition.dtype()));
  const DType dtype = result_type(a, b);
  const Dims shape = broadcast_shapes("where", condition.shape(), broadcast_shapes("where", a.shape(), b.shape()));
  Tensor out = Tensor::empty(shape, dtype);
  const Tensor* in[] = {&condition, &a, &b};
  run(visit(dtype, []<class T>(T) -> PointwiseKernel { return where_loop<T>; }), dtype, out, in);
  Ref<Node> node;
  if (needs_grad(a, b)) node = make_node<WhereNode>(condition);
  const Node* made = node.get();
  if (node) {
    node->set_edge(0, gradient_edge(a));
    node->set_edge(1, gradient_edge(b));
    set_history(out, std::move(node));
  }
  observe(schema, made, out, condition, a, b);
  return out;
}

namespace {

template <Comparison C>
Tensor compare_with(const Tensor& x, const Operand& other) {
  return compare(C, x, other.tensor);
}

const Offered kComparisons{
    op<&compare_with<Comparison::eq>>("eq(input, other)"),
    op<&compare_with<Comparison::ne>>("ne(input, other)"),
    op<&compare_with<Comparison::lt>>("lt(input, other)"),
    op<&compare_with<Comparison::le>>("le(input, other)"),
    op<&compare_with<Comparison::gt>>("gt(input, other)"),
    op<&compare_with<Comparison::ge>>("ge(input, other)"),
    op<&logical_and>("logical_and(input, other)"),
    op<&logical_or>("logical_or(input, other)"),
    op<&logical_not>("logical_not(input)"),
    op<[](const Tensor& condition, const Operand& a, const Operand& b) {
      return where(condition, a.tensor, b.tensor);
    }>("where(condition, input, other)", "Elements of `input` where `condition`, else of `other`."),
};

}  // namespace

}  // namespace tapescope::ops
