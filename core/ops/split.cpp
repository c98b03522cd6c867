// Views that come several at once: unbind, split, chunk. None of them may be written in place.
#include <numeric>

#include "core/ops/iterator.h"
#include "core/ops/record.h"
#include "core/ops/registry.h"

namespace tapescope::ops {
namespace {

const NodeType kUnbind{"UnbindBackward0", {"stack(grads, dim)"}};
const NodeType kSplit{"SplitBackward0", {"cat(grads, dim)"}};
const NodeType kSplitSizes{"SplitWithSizesBackward0", {"cat(grads, dim)"}};

// Parts that got no gradient count as zeros.
class PartsNode : public WideNode {
 public:
  PartsNode(const NodeType& type, const std::vector<Tensor>& parts, int64_t dim)
      : WideNode(1, static_cast<int>(parts.size())), type_(type), dim_(dim), dtype_(parts[0].dtype()) {
    for (const Tensor& p : parts) shapes_.push_back(p.shape());
  }
  const NodeType& type() const override { return type_; }
  void apply(std::span<Tensor> grads, std::span<Tensor> out) override {
    if (std::none_of(grads.begin(), grads.end(), [](const Tensor& g) { return g.defined(); })) return;
    std::vector<Tensor> all(grads.begin(), grads.end());
    for (size_t i = 0; i < all.size(); ++i)
      if (!all[i].defined()) all[i] = full(shapes_[i], 0, dtype_);
    out[0] = &type_ == &kUnbind ? stack(all, dim_) : cat(all, dim_);
  }
  std::vector<Slot> slots() const override { return {{"dim", nullptr, fmt::format("{}", dim_)}}; }

 private:
  const NodeType& type_;
  int64_t dim_;
  DType dtype_;
  std::vector<Dims> shapes_;
};

std::vector<Tensor> finish_parts(const OpSchema& schema, const NodeType& type, const Tensor& x,
                                 std::vector<Tensor> parts, int64_t dim) {
  if (parts.size() > UINT16_MAX)
    throw ValueError("{}: {} views at once are too many; {} are the most", schema.name, parts.size(), UINT16_MAX);
  Ref<Node> node;
  if (needs_grad(x) && !parts.empty()) node = make_node<PartsNode>(type, parts, dim);
  return finish_views(schema, std::move(parts), std::move(node), x);
}

Tensor part_of(const Tensor& x, int d, int64_t start, int64_t length) {
  Dims shape = x.shape();
  shape[d] = length;
  return x.alias(shape, x.strides(), x.impl()->offset + start * x.strides()[d]);
}

}  // namespace

std::vector<Tensor> unbind(const Tensor& x, int64_t dim) {
  static const OpSchema schema{"unbind"};
  if (x.dim() == 0) throw ShapeError("unbind: dimension specified as {} but tensor has no dimensions", dim);
  const int d = wrap_dim("unbind", dim, x.dim());
  Dims shape = x.shape(), strides = x.strides();
  shape.erase(d);
  strides.erase(d);
  std::vector<Tensor> parts;
  for (int64_t i = 0; i < x.size(d); ++i)
    parts.push_back(x.alias(shape, strides, x.impl()->offset + i * x.strides()[d]));
  return finish_parts(schema, kUnbind, x, std::move(parts), d);
}

std::vector<Tensor> split(const Tensor& x, int64_t size, int64_t dim) {
  static const OpSchema schema{"split"};
  if (x.dim() == 0) throw ShapeError("split: expects at least a 1-dimensional tensor");
  const int d = wrap_dim("split", dim, x.dim());
  const int64_t n = x.size(d);
  if (size < 0 || (size == 0 && n > 0))
    throw ValueError("split: expects split_size be {}, but got split_size={}",
                     size < 0 ? "non-negative" : "positive for a dimension of size " + std::to_string(n), size);
  std::vector<Tensor> parts;
  for (int64_t start = 0; parts.empty() || start < n; start += size)
    parts.push_back(part_of(x, d, start, std::min(size, n - start)));
  return finish_parts(schema, kSplit, x, std::move(parts), d);
}

std::vector<Tensor> split_sizes(const Tensor& x, const Dims& sizes, int64_t dim) {
  static const OpSchema schema{"split_with_sizes"};
  if (x.dim() == 0) throw ShapeError("split: expects at least a 1-dimensional tensor");
  const int d = wrap_dim("split", dim, x.dim());
  int64_t sum = 0;
  for (int64_t s : sizes) {
    if (s < 0) throw ValueError("split: sizes must not be negative, but got {}", to_string(sizes));
    sum += s;
  }
  if (sum != x.size(d))
    throw ShapeError(
        "split: expects split_sizes to sum exactly to {} (input tensor's size at dimension {}), but got {}", x.size(d),
        d, to_string(sizes));
  std::vector<Tensor> parts;
  int64_t start = 0;
  for (int64_t s : sizes) parts.push_back(part_of(x, d, start, s)), start += s;
  return finish_parts(schema, kSplitSizes, x, std::move(parts), d);
}

std::vector<Tensor> chunk(const Tensor& x, int64_t chunks, int64_t dim) {
  if (x.dim() == 0) throw ShapeError("chunk: expects at least a 1-dimensional tensor");
  if (chunks <= 0) throw ValueError("chunk: expects `chunks` to be greater than 0, got {}", chunks);
  const int64_t n = x.size(wrap_dim("chunk", dim, x.dim())), size = (n + chunks - 1) / chunks;
  return split(x, size, dim);
}

namespace {

const Offered kParts{
    op<&unbind>("unbind(input, dim=0)", "The slices along `dim`."),
    op<&split>("split(input, split_size_or_sections, dim=0)", "Pieces of that size along `dim`, the last one smaller."),
    op<&split_sizes>("split(input, split_size_or_sections, dim=0)", "Pieces of these sizes along `dim`."),
    op<&chunk>("chunk(input, chunks, dim=0)", "At most that many pieces of equal size, the last one smaller."),
};

}  // namespace

}  // namespace tapescope::ops
