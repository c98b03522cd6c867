// Matrix products. Each keeps forward and backward adjacent; shapes stand beside the products.
#include "core/backend/parallel.h"
#include "core/ops/iterator.h"
#include "core/ops/record.h"
#include "core/ops/registry.h"

namespace tapescope::ops {
namespace {

// How a matrix lies for the product routine: rows or columns contiguous, else a copy.
struct Laid {
  Tensor data;
  int64_t lead;
  bool transposed;
};

Laid lay(const Tensor& x) {
  const int64_t m = x.size(x.dim() - 2), n = x.size(x.dim() - 1);
  const int64_t row = x.strides()[x.dim() - 2], column = x.strides()[x.dim() - 1];
  if (x.dim() == 2) {
    if ((column == 1 || n == 1) && row >= std::max<int64_t>(1, n)) return {x, row, false};
    if ((row == 1 || m == 1) && column >= std::max<int64_t>(1, m)) return {x, column, true};
  }
  return {contiguous_data(x), std::max<int64_t>(1, n), false};
}

void check_pair(const char* op, const Tensor& a, const Tensor& b, int64_t inner_a, int64_t inner_b) {
  if (a.dtype() != b.dtype())
    throw DTypeError("{}: expected both to have the same dtype, but got {} and {}; cast one with .to(…)", op,
                     name_of(a.dtype()), name_of(b.dtype()));
  if (inner_a != inner_b)
    throw ShapeError("{}: cannot multiply {} by {}: the inner sizes {} and {} differ.", op, to_string(a.shape()),
                     to_string(b.shape()), inner_a, inner_b);
}

// C (m, n) = A (m, k) B (k, n) + beta C
void product(const Tensor& c, const Tensor& a, const Tensor& b, double beta = 0) {
  if (c.numel() == 0) return;
  if (!is_differentiable(c.dtype())) {
    const Tensor x = cast_data(a, DType::int64), y = cast_data(b, DType::int64);
    const Tensor wide = beta == 0 ? full(c.shape(), 0, DType::int64) : cast_data(c, DType::int64);
    int64_t* out = wide.data<int64_t>();
    for (int64_t i = 0; i < c.size(0); ++i)
      for (int64_t j = 0; j < c.size(1); ++j) {
        Whole total = out[i * c.size(1) + j];
        for (int64_t k = 0; k < a.size(1); ++k)
          total = total + Whole(x.data<int64_t>()[i * a.size(1) + k]) * Whole(y.data<int64_t>()[k * b.size(1) + j]);
        out[i * c.size(1) + j] = total.v;
      }
    copy_elements(c, wide);
    return;
  }
  if (is_half(c.dtype())) {
    // Summed up in float32, and rounded once.
    const Tensor wide = cast_data(c, DType::float32);
    product(wide, cast_data(a, DType::float32), cast_data(b, DType::float32), beta);
    copy_elements(c, wide);
    return;
  }
  const Laid x = lay(a), y = lay(b);
  const int64_t work = c.numel() * a.size(1);
  WithoutLock unlocked(work > 16 * kGrain);
  cpu::gemm(c.dtype(), {c.size(0), c.size(1), a.size(1), x.data.raw(), y.data.raw(), c.raw(), x.lead, y.lead, c.size(1),
                        x.transposed, y.transposed, 1, beta});
}

Tensor batch(const Tensor& x, int64_t i) {
  return x.alias({x.size(1), x.size(2)}, {x.strides()[1], x.strides()[2]}, x.impl()->offset + i * x.strides()[0]);
}

const NodeType kMm{"MmBackward0", {"grad @ mat2.t()", "self.t() @ grad"}};
const NodeType kMv{"MvBackward0", {"outer(grad, vec)", "self.t() @ grad"}};
const NodeType kDot{"DotBackward0", {"grad * tensor", "grad * self"}};
const NodeType kBmm{"BmmBackward0", {"grad @ mat2.mT", "self.mT @ grad"}};
const NodeType kAddmm{"AddmmBackward0", {"grad.sum_to_size(self.shape)", "grad @ mat2.t()", "mat1.t() @ grad"}};

// Keeps each operand that the other's gradient needs; `first` is the edge of a (1 behind addmm's bias).
template <int Edges>
class ProductNode : public InlineNode<Edges> {
 public:
  using Backward = void (*)(const Tensor& g, const Tensor& a, const Tensor& b, Tensor* ga, Tensor* gb);
  ProductNode(const NodeType& type, const char* name_a, const char* name_b, Backward backward, const Tensor& a,
              const Tensor& b)
      : type_(type), names_{name_a, name_b}, backward_(backward) {
    if (b.requires_grad()) a_ = SavedVariable(a, false);
    if (a.requires_grad()) b_ = SavedVariable(b, false);
  }
  const NodeType& type() const override { return type_; }
  void apply(std::span<Tensor> grads, std::span<Tensor> out) override {
    constexpr int first = Edges - 2;
    const Tensor& g = grads[0];
    if (!g.defined()) return;
    if (first == 1 && this->edge(0)) out[0] = g;
    const bool need_a = bool(this->edge(first)), need_b = bool(this->edge(first + 1));
    const Tensor a = need_b ? a_.unpack(*this, names_[0]) : Tensor();
    const Tensor b = need_a ? b_.unpack(*this, names_[1]) : Tensor();
    backward_(g, a, b, need_a ? &out[first] : nullptr, need_b ? &out[first + 1] : nullptr);
  }
  void release_saved() override { a_.reset(), b_.reset(); }
  std::vector<Slot> slots() const override { return {{names_[0], &a_}, {names_[1], &b_}}; }

 private:
  const NodeType& type_;
  const char* names_[2];
  Backward backward_;
  SavedVariable a_, b_;
};

// g (m, n), a (m, k), b (k, n)
void mm_backward(const Tensor& g, const Tensor& a, const Tensor& b, Tensor* ga, Tensor* gb) {
  if (ga) *ga = mm(g, adjoint(b));  // [m, n] · [n, k]
  if (gb) *gb = mm(adjoint(a), g);  // [k, m] · [m, n]
}
// g (m), a (m, k), b (k)
void mv_backward(const Tensor& g, const Tensor& a, const Tensor& b, Tensor* ga, Tensor* gb) {
  if (ga) *ga = unsqueeze(g, 1) * unsqueeze(conj(b), 0);  // [m, 1] * [1, k]
  if (gb) *gb = mv(adjoint(a), g);                        // [k, m] · [m]
}
void dot_backward(const Tensor& g, const Tensor& a, const Tensor& b, Tensor* ga, Tensor* gb) {
  if (ga) *ga = g * conj(b);
  if (gb) *gb = g * conj(a);
}
void bmm_backward(const Tensor& g, const Tensor& a, const Tensor& b, Tensor* ga, Tensor* gb) {
  if (ga) *ga = bmm(g, adjoint(b));  // [B, m, n] · [B, n, k]
  if (gb) *gb = bmm(adjoint(a), g);  // [B, k, m] · [B, m, n]
}

}  // namespace

Tensor mm(const Tensor& a, const Tensor& b) {
  static const OpSchema schema{"mm"};
  if (a.dim() != 2 || b.dim() != 2) throw ShapeError("mm: expects two matrices, but got {}D and {}D", a.dim(), b.dim());
  check_pair("mm", a, b, a.size(1), b.size(0));
  Tensor out = Tensor::empty({a.size(0), b.size(1)}, a.dtype());
  product(out, a, b);
  Ref<Node> node;
  if (needs_grad(a, b)) node = make_node<ProductNode<2>>(kMm, "self", "mat2", mm_backward, a, b);
  return finish(schema, std::move(out), std::move(node), a, b);
}

Tensor mv(const Tensor& a, const Tensor& b) {
  static const OpSchema schema{"mv"};
  if (a.dim() != 2 || b.dim() != 1)
    throw ShapeError("mv: expects a matrix and a vector, but got {}D and {}D", a.dim(), b.dim());
  check_pair("mv", a, b, a.size(1), b.size(0));
  Tensor out = Tensor::empty({a.size(0)}, a.dtype());
  product(out.alias({a.size(0), 1}, {1, 1}, 0), a, b.alias({b.size(0), 1}, {b.strides()[0], 1}, b.impl()->offset));
  Ref<Node> node;
  if (needs_grad(a, b)) node = make_node<ProductNode<2>>(kMv, "self", "vec", mv_backward, a, b);
  return finish(schema, std::move(out), std::move(node), a, b);
}

Tensor dot(const Tensor& a, const Tensor& b) {
  static const OpSchema schema{"dot"};
  if (a.dim() != 1 || b.dim() != 1) throw ShapeError("dot: expects two vectors, but got {}D and {}D", a.dim(), b.dim());
  check_pair("dot", a, b, a.size(0), b.size(0));
  Tensor out = Tensor::empty({}, a.dtype());
  product(out.alias({1, 1}, {1, 1}, 0),
          contiguous_data(a).alias({1, a.size(0)}, {a.size(0), 1}, a.is_contiguous() ? a.impl()->offset : 0),
          b.alias({b.size(0), 1}, {b.strides()[0], 1}, b.impl()->offset));
  Ref<Node> node;
  if (needs_grad(a, b)) node = make_node<ProductNode<2>>(kDot, "self", "tensor", dot_backward, a, b);
  return finish(schema, std::move(out), std::move(node), a, b);
}

Tensor bmm(const Tensor& a, const Tensor& b) {
  static const OpSchema schema{"bmm"};
  if (a.dim() != 3 || b.dim() != 3)
    throw ShapeError("bmm: expects two 3D tensors, but got {}D and {}D", a.dim(), b.dim());
  if (a.size(0) != b.size(0))
    throw ShapeError("bmm: the batch sizes of {} and {} differ", to_string(a.shape()), to_string(b.shape()));
  check_pair("bmm", a, b, a.size(2), b.size(1));
  Tensor out = Tensor::empty({a.size(0), a.size(1), b.size(2)}, a.dtype());
  for (int64_t i = 0; i < a.size(0); ++i) product(batch(out, i), batch(a, i), batch(b, i));
  Ref<Node> node;
  if (needs_grad(a, b)) node = make_node<ProductNode<2>>(kBmm, "self", "mat2", bmm_backward, a, b);
  return finish(schema, std::move(out), std::move(node), a, b);
}

Tensor addmm(const Tensor& bias, const Tensor& a, const Tensor& b) {
  static const OpSchema schema{"addmm"};
  if (a.dim() != 2 || b.dim() != 2)
    throw ShapeError("addmm: expects two matrices, but got {}D and {}D", a.dim(), b.dim());
  check_pair("addmm", a, b, a.size(1), b.size(0));
  check_pair("addmm", bias, a, 0, 0);
  Tensor out = Tensor::empty({a.size(0), b.size(1)}, a.dtype());
  if (!(broadcast_shapes("addmm", out.shape(), bias.shape()) == out.shape()))
    throw ShapeError("addmm: a bias of shape {} does not fit a product of shape {}", to_string(bias.shape()),
                     to_string(out.shape()));
  copy_elements(out, bias);
  product(out, a, b, 1);
  Ref<Node> node;
  if (needs_grad(bias, a, b)) node = make_node<ProductNode<3>>(kAddmm, "mat1", "mat2", mm_backward, a, b);
  return finish(schema, std::move(out), std::move(node), bias, a, b);
}

Tensor matmul(const Tensor& a, const Tensor& b) {
  if (a.dim() == 0 || b.dim() == 0)
    throw ShapeError("matmul: both arguments need to be at least 1D, but they are {}D and {}D", a.dim(), b.dim());
  const int64_t inner_b = b.dim() == 1 ? b.size(0) : b.size(b.dim() - 2);
  check_pair("matmul", a, b, a.size(a.dim() - 1), inner_b);
  if (a.dim() == 2 && b.dim() == 2) return mm(a, b);
  if (a.dim() == 1 && b.dim() == 1) return dot(a, b);
  if (a.dim() == 2 && b.dim() == 1) return mv(a, b);
  if (a.dim() == 1) return squeeze(matmul(unsqueeze(a, 0), b), -2);
  if (b.dim() == 1) return squeeze(matmul(a, unsqueeze(b, 1)), -1);
  if (b.dim() == 2) {  // [..., m, k] · [k, n]: one product of all rows
    Dims shape = a.shape();
    shape.resize(a.dim() - 1);
    const int64_t rows = numel(shape);
    shape.push_back(b.size(1));
    return reshape(mm(reshape(a, {rows, b.size(0)}), b), shape);
  }
  Dims batch_a = a.shape(), batch_b = b.shape();
  batch_a.resize(a.dim() - 2);
  batch_b.resize(b.dim() - 2);
  const Dims common = broadcast_shapes("matmul", batch_a, batch_b);
  const auto spread = [&](const Tensor& x) {
    Dims full = common;
    full.push_back(x.size(x.dim() - 2));
    full.push_back(x.size(x.dim() - 1));
    const Tensor e = full == x.shape() ? x : expand(x, full);
    return reshape(e, {numel(common), x.size(x.dim() - 2), x.size(x.dim() - 1)});
  };
  Dims shape = common;
  shape.push_back(a.size(a.dim() - 2));
  shape.push_back(b.size(b.dim() - 1));
  return reshape(bmm(spread(a), spread(b)), shape);
}

Tensor linear(const Tensor& x, const Tensor& weight, const Tensor& bias) {
  if (weight.dim() != 2 || x.dim() == 0 || x.size(x.dim() - 1) != weight.size(1))
    throw ShapeError("linear: an input of shape {} does not fit a weight of shape {}: the last sizes have to be equal",
                     to_string(x.shape()), to_string(weight.shape()));
  if (bias.defined() && x.dim() == 2) return addmm(bias, x, t(weight));
  const Tensor y = matmul(x, t(weight));
  return bias.defined() ? y + bias : y;
}

namespace {

const Offered kProducts{
    op<&matmul>("matmul(input, other)"),
    op<&mm>("mm(input, mat2)"),
    op<&mv>("mv(input, vec)"),
    op<&dot>("dot(input, tensor)"),
    op<&bmm>("bmm(input, mat2)"),
    op<&addmm>("addmm(input, mat1, mat2)", "input + mat1 @ mat2."),
    function<&linear>("linear(input, weight, bias=None)", "input @ weight.T + bias."),
};

}  // namespace

}  // namespace tapescope::ops
