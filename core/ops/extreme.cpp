// max, min, argmax, argmin, all, any. NaN is larger and smaller than everything, as in PyTorch.
#include "core/ops/iterator.h"
#include "core/ops/record.h"
#include "core/ops/reduce.h"
#include "core/ops/registry.h"

namespace tapescope::ops {
namespace {

template <bool Largest, class T>
bool better(T a, T best) {
  if (a != a) return best == best;
  return Largest ? a > best : a < best;
}

void check_not_empty(const char* op, const Tensor& x, const Reduced& r, std::optional<int64_t> dim) {
  if (r.length) return;
  if (dim)
    throw IndexError("{}(): Expected reduction dim {} to have non-zero size; the tensor has shape {}", op, *dim,
                     to_string(x.shape()));
  throw IndexError("{}(): Expected reduction dim to be specified for input.numel() == 0; the tensor has shape {}", op,
                   to_string(x.shape()));
}

template <bool Largest>
std::pair<Tensor, Tensor> extreme_data(const char* op, const Tensor& x, const Reduced& r, bool keepdim) {
  if (is_complex(x.dtype()))
    throw DTypeError("{}: not defined for {}: complex numbers have no order; take the {} of .abs() or .real", op,
                     name_of(x.dtype()), op);
  const Tensor rows = rows_of(x, r);
  Tensor values = Tensor::empty(keepdim ? r.keepdim : r.kept, x.dtype());
  Tensor places = Tensor::empty(values.shape(), DType::int64);
  visit_real(x.dtype(), [&]<class T>(T) {
    for (int64_t i = 0; i < r.rows; ++i) {
      const T* p = rows.data<T>() + i * r.length;
      int64_t at = 0;
      for (int64_t k = 1; k < r.length; ++k)
        if (better<Largest>(p[k], p[at])) at = k;
      values.data<T>()[i] = p[at];
      places.data<int64_t>()[i] = at;
    }
  });
  return {values, places};
}

const NodeType kMaxDim{"MaxBackward0", {"zeros(self.shape).scatter(dim, indices, grad)"}};
const NodeType kMinDim{"MinBackward0", {"zeros(self.shape).scatter(dim, indices, grad)"}};
const NodeType kMaxAll{"MaxBackward1", {"grad shared among the elements equal to result"}};
const NodeType kMinAll{"MinBackward1", {"grad shared among the elements equal to result"}};

// The gradient goes to where the value came from.
class ExtremeDimNode : public InlineNode<1, 2> {
 public:
  ExtremeDimNode(const NodeType& type, const Tensor& x, Reduced r, const Tensor& places)
      : type_(type), shape_(x.shape()), r_(std::move(r)), indices_(places, false) {}
  const NodeType& type() const override { return type_; }
  void apply(std::span<Tensor> grads, std::span<Tensor> out) override {
    if (!grads[0].defined()) return;
    const int d = static_cast<int>(r_.dims[0]);
    Tensor mask;
    {
      NoGrad off;
      Dims line(static_cast<int>(shape_.size()), 1);
      line[d] = shape_[d];
      const Tensor places = reshape(indices_.unpack(*this, "indices"), r_.keepdim);
      mask = compare(Comparison::eq, places, reshape(arange(0, static_cast<double>(shape_[d]), 1, DType::int64), line));
    }
    out[0] = where(mask, expand(with_dims(grads[0], r_), shape_), scalar(0.0, grads[0].dtype()));
  }
  void release_saved() override { indices_.reset(); }
  std::vector<Slot> slots() const override { return {{"indices", &indices_}}; }

 private:
  const NodeType& type_;
  Dims shape_;
  Reduced r_;
  SavedVariable indices_;
};

class ExtremeAllNode : public InlineNode<1> {
 public:
  ExtremeAllNode(const NodeType& type, const Tensor& x) : type_(type), self_(x, false) {}
  void save_result(const Tensor& y) { result_ = SavedVariable(y, true); }
  const NodeType& type() const override { return type_; }
  void apply(std::span<Tensor> grads, std::span<Tensor> out) override {
    if (!grads[0].defined()) return;
    const Tensor x = self_.unpack(*this, "self");
    Tensor mask;
    {
      NoGrad off;
      mask = compare(Comparison::eq, x, result_.unpack(*this, "result"));
      mask = to(mask, x.dtype()) / sum(to(mask, x.dtype()));
    }
    out[0] = grads[0] * mask;
  }
  void release_saved() override { self_.reset(), result_.reset(); }
  std::vector<Slot> slots() const override { return {{"self", &self_}, {"result", &result_}}; }

 private:
  const NodeType& type_;
  SavedVariable self_, result_;
};

template <bool Largest>
std::pair<Tensor, Tensor> extreme(const OpSchema& schema, const NodeType& type, const Tensor& x, int64_t dim,
                                  bool keepdim) {
  const Reduced r = reduce_over(schema.name, x, Dims{dim});
  check_not_empty(schema.name, x, r, dim);
  auto [values, places] = extreme_data<Largest>(schema.name, x, r, keepdim);
  Ref<Node> node;
  if (needs_grad(x) && x.dim() > 0) node = make_node<ExtremeDimNode>(type, x, r, places);
  return {finish(schema, std::move(values), std::move(node), x), places};
}

template <bool Largest>
Tensor extreme_all(const OpSchema& schema, const NodeType& type, const Tensor& x) {
  if (x.numel() == 0)
    throw ShapeError(
        "{}(): Expected reduction dim to be specified for input.numel() == 0. Specify the reduction dim with the 'dim' "
        "argument; the tensor has shape {}",
        schema.name, to_string(x.shape()));
  Tensor value = extreme_data<Largest>(schema.name, x, reduce_over(schema.name, x, {}), false).first;
  if (!needs_grad(x)) return finish(schema, std::move(value), Ref<Node>(), x);
  auto node = make_node<ExtremeAllNode>(type, x);
  ExtremeAllNode* n = node.get();
  Tensor out = finish(schema, std::move(value), std::move(node), x);
  n->save_result(out);
  return out;
}

template <bool Largest>
Tensor place(const OpSchema& schema, const Tensor& x, std::optional<int64_t> dim, bool keepdim) {
  const Reduced r = reduce_over(schema.name, x, dim ? OptionalDims(Dims{*dim}) : OptionalDims());
  check_not_empty(schema.name, x, r, dim);
  if (x.dtype() == DType::boolean)
    throw DTypeError("{}(): does not support bool input; cast it with .to(uint8)", schema.name);
  return finish(schema, extreme_data<Largest>(schema.name, x, r, keepdim).second, Ref<Node>(), x);
}

}  // namespace

// clang-format off
namespace {
const OpSchema kMax{"max"}, kMin{"min"}, kArgmax{"argmax"}, kArgmin{"argmin"};
}  // namespace
Tensor max(const Tensor& x) { return extreme_all<true>(kMax, kMaxAll, x); }
Tensor min(const Tensor& x) { return extreme_all<false>(kMin, kMinAll, x); }
std::pair<Tensor, Tensor> max(const Tensor& x, int64_t dim, bool keepdim) { return extreme<true>(kMax, kMaxDim, x, dim, keepdim); }
std::pair<Tensor, Tensor> min(const Tensor& x, int64_t dim, bool keepdim) { return extreme<false>(kMin, kMinDim, x, dim, keepdim); }
Tensor argmax(const Tensor& x, std::optional<int64_t> dim, bool keepdim) { return place<true>(kArgmax, x, dim, keepdim); }
Tensor argmin(const Tensor& x, std::optional<int64_t> dim, bool keepdim) { return place<false>(kArgmin, x, dim, keepdim); }
// clang-format on

namespace {
// uint8 was PyTorch's bool once, and still answers in kind.
DType truth_type(const Tensor& x) {
  return x.dtype() == DType::uint8 ? DType::uint8 : DType::boolean;
}
}  // namespace

Tensor any(const Tensor& x) {
  static const OpSchema schema{"any"};
  const Tensor t = contiguous_data(x);
  bool found = false;
  visit(t.dtype(), [&]<class T>(T) {
    for (int64_t i = 0; i < t.numel() && !found; ++i) found = t.data<T>()[i] != T(0);
  });
  return finish(schema, scalar(found, truth_type(x)), Ref<Node>(), x);
}

Tensor all(const Tensor& x) {
  static const OpSchema schema{"all"};
  const Tensor t = contiguous_data(x);
  bool holds = true;
  visit(t.dtype(), [&]<class T>(T) {
    for (int64_t i = 0; i < t.numel() && holds; ++i) holds = t.data<T>()[i] != T(0);
  });
  return finish(schema, scalar(holds, truth_type(x)), Ref<Node>(), x);
}

namespace {

const Offered kExtremes{
    op<[](const Tensor& x) { return max(x); }>("max(input)"),
    op<[](const Tensor& x, int64_t dim, bool keepdim) {
      auto [values, indices] = max(x, dim, keepdim);
      return Several{{values, indices}, "max"};
    }>("max(input, dim, keepdim=False)"),
    op<[](const Tensor& x, const Tensor& other) { return apply("maximum", x, other); }>("max(input, other)"),
    op<[](const Tensor& x) { return min(x); }>("min(input)"),
    op<[](const Tensor& x, int64_t dim, bool keepdim) {
      auto [values, indices] = min(x, dim, keepdim);
      return Several{{values, indices}, "min"};
    }>("min(input, dim, keepdim=False)"),
    op<[](const Tensor& x, const Tensor& other) { return apply("minimum", x, other); }>("min(input, other)"),
    op<&argmax>("argmax(input, dim=None, keepdim=False)"),
    op<&argmin>("argmin(input, dim=None, keepdim=False)"),
    op<&any>("any(input)"),
    op<&all>("all(input)"),
};

}  // namespace

}  // namespace tapescope::ops
