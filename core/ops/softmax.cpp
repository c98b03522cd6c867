// softmax and log_softmax along one dimension.
#include "core/backend/parallel.h"
#include "core/ops/iterator.h"
#include "core/ops/record.h"
#include "core/ops/registry.h"

namespace tapescope::ops {
namespace {

const NodeType kSoftmax{"SoftmaxBackward0", {"result * (grad - (grad * result).sum(dim, keepdim=True))"}};
const NodeType kLogSoftmax{"LogSoftmaxBackward0", {"grad - exp(result) * grad.sum(dim, keepdim=True)"}};

// f on rows along `dim`: rows are copied together if they do not lie so.
template <class F>
Tensor along(const Tensor& like, int dim, F f) {
  const int64_t n = like.dim() ? like.size(dim) : 1;
  const bool last = dim == like.dim() - 1 || like.dim() == 0;
  Dims moved = like.shape();
  if (!last) std::swap(moved[dim], moved[like.dim() - 1]);
  Tensor out = Tensor::empty(moved, like.dtype());
  const int64_t rows = n ? like.numel() / n : 0;
  const bool streamed = last && out.nbytes() >= cpu::kStreamed;
  parallel_for(rows, std::max<int64_t>(1, kGrain / 4 / std::max<int64_t>(1, n)), [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i)
      f(out.raw() + i * n * itemsize(like.dtype()), i * n * itemsize(like.dtype()), n, streamed);
    if (streamed) cpu::end_of_stream();
  });
  if (last) return out;
  NoGrad off;
  return contiguous_data(transpose(out, dim, -1));
}

Tensor rows_last(const Tensor& x, int dim) {
  if (dim == x.dim() - 1 || x.dim() == 0) return contiguous_data(x);
  NoGrad off;
  return contiguous_data(transpose(x, dim, -1));
}

Tensor forward(const Tensor& x, int dim, bool log) {
  if (is_half(x.dtype())) return cast_data(forward(cast_data(x, DType::float32), dim, log), x.dtype());
  const Tensor in = rows_last(x, dim);
  return along(x, dim, [&](char* out, int64_t at, int64_t n, bool streamed) {
    cpu::row_kernels(x.dtype()).softmax(out, in.raw() + at, n, log, streamed);
  });
}

class SoftmaxNode : public InlineNode<1> {
 public:
  SoftmaxNode(bool log, int dim) : log_(log), dim_(dim) {}
  void save(const Tensor& y) { result_ = SavedVariable(y, true); }
  const NodeType& type() const override { return log_ ? kLogSoftmax : kSoftmax; }
  void apply(std::span<Tensor> grads, std::span<Tensor> out) override {
    const Tensor& g = grads[0];
    if (!g.defined()) return;
    const Tensor y = result_.unpack(*this, "result");
    if (grad_enabled()) {
      const Dims dim{dim_};
      out[0] = log_ ? g - math::exp(y) * sum(g, dim, true) : y * (g - sum(g * y, dim, true));
      return;
    }
    const DType compute = compute_type(g.dtype());
    const Tensor wide = is_half(g.dtype()) ? cast_data(g, compute) : g;
    const Tensor gr = rows_last(wide, dim_), yr = rows_last(is_half(y.dtype()) ? cast_data(y, compute) : y, dim_);
    const Tensor slope = along(wide, dim_, [&](char* o, int64_t at, int64_t n, bool streamed) {
      cpu::row_kernels(compute).softmax_backward(o, gr.raw() + at, yr.raw() + at, n, log_, streamed);
    });
    out[0] = is_half(g.dtype()) ? cast_data(slope, g.dtype()) : slope;
  }
  void release_saved() override { result_.reset(); }
  std::vector<Slot> slots() const override { return {{"result", &result_}, {"dim", nullptr, std::to_string(dim_)}}; }

 private:
  bool log_;
  int dim_;
  SavedVariable result_;
};

Tensor run_softmax(const OpSchema& schema, const Tensor& x, int64_t wanted, bool log) {
  if (!is_floating(x.dtype()))
    throw DTypeError("{}: the input is {}, and has to be floating; cast it with .to(float32)", schema.name,
                     name_of(x.dtype()));
  const int dim = wrap_dim(schema.name, wanted, x.dim());
  Tensor y = forward(x, dim, log);
  if (!needs_grad(x)) return finish(schema, std::move(y), Ref<Node>(), x);
  auto node = make_node<SoftmaxNode>(log, dim);
  SoftmaxNode* n = node.get();
  Tensor out = finish(schema, std::move(y), std::move(node), x);
  n->save(out);
  return out;
}

}  // namespace

Tensor softmax(const Tensor& x, int64_t dim) {
  static const OpSchema schema{"softmax"};
  return run_softmax(schema, x, dim, false);
}
Tensor log_softmax(const Tensor& x, int64_t dim) {
  static const OpSchema schema{"log_softmax"};
  return run_softmax(schema, x, dim, true);
}

namespace {

const Offered kSoftmaxes{
    op<[](const Tensor& x, int64_t dim, std::optional<DType> dtype) {
      return softmax(dtype ? to(x, *dtype) : x, dim);
    }>("softmax(input, dim, dtype=None)"),
    op<[](const Tensor& x, int64_t dim, std::optional<DType> dtype) {
      return log_softmax(dtype ? to(x, *dtype) : x, dim);
    }>("log_softmax(input, dim, dtype=None)"),
};

}  // namespace

}  // namespace tapescope::ops
