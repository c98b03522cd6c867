// Views: tensors that share storage with their input. One node class, with the way back as a function.
#include "core/ops/iterator.h"
#include "core/ops/record.h"
#include "core/ops/registry.h"

namespace tapescope::ops {
namespace {

// Gradient of a view: `back` undoes what the view did, given the input's shape and the view's arguments.
struct ViewArgs {
  Dims shape = {};  // of the input
  Dims numbers = {};
};
using Back = Tensor (*)(const Tensor& grad, const ViewArgs& v);

struct ViewKind {
  OpSchema schema;
  NodeType type;
  Back back;
};

class ViewNode : public InlineNode<1> {
 public:
  ViewNode(const ViewKind& kind, ViewArgs args) : kind_(kind), args_(std::move(args)) {}
  const NodeType& type() const override { return kind_.type; }
  void apply(std::span<Tensor> grads, std::span<Tensor> out) override {
    if (grads[0].defined()) out[0] = kind_.back(grads[0], args_);
  }
  std::vector<Slot> slots() const override { return {{"self_sym_sizes", nullptr, to_string(args_.shape)}}; }

 private:
  const ViewKind& kind_;
  ViewArgs args_;
};

Tensor make_view(const ViewKind& kind, const Tensor& x, const Dims& shape, const Dims& strides, int64_t offset,
                 Dims numbers = {}) {
  Ref<Node> node;
  if (needs_grad(x)) node = make_node<ViewNode>(kind, ViewArgs{x.shape(), std::move(numbers)});
  return finish_view(kind.schema, x.alias(shape, strides, offset), std::move(node), x);
}

// A gradient of zeros with `grad` written where `region` says.
template <class F>
Tensor scatter_back(const Tensor& grad, const Dims& shape, F region);

// Strides that show x under another shape without a copy, if there are any.
std::optional<Dims> view_strides(const Tensor& x, const Dims& shape) {
  if (x.is_contiguous() || x.numel() == 0) return contiguous_strides(shape);
  Dims strides(shape.size(), 0);
  int v = shape.size() - 1;
  int64_t chunk = 1, base = 1, taken = 1;
  bool first = true;
  for (int d = x.dim() - 1; d >= 0; --d) {
    if (first) base = x.strides()[d], first = false;
    chunk *= x.size(d);
    if (d > 0 && (x.size(d - 1) == 1 || x.strides()[d - 1] == chunk * base)) continue;
    while (v >= 0 && (taken < chunk || shape[v] == 1)) {
      strides[v] = taken * base;
      taken *= shape[v--];
    }
    if (taken != chunk) return {};
    chunk = taken = 1;
    first = true;
  }
  while (v >= 0) {
    if (shape[v] != 1) return {};
    strides[v--] = 1;
  }
  return strides;
}

Dims resolve_shape(const char* op, const Tensor& x, Dims shape) {
  int hole = -1;
  for (int d = 0; d < shape.size(); ++d) {
    if (shape[d] == -1) {
      if (hole >= 0)
        throw ShapeError("{}: only one dimension can be inferred, but {} has several -1", op, to_string(shape));
      hole = d;
    } else if (shape[d] < 0) {
      throw ShapeError("{}: invalid shape dimension {}", op, shape[d]);
    }
  }
  Dims sizes = shape;
  if (hole >= 0) sizes[hole] = 1;
  const int64_t known = numel(sizes);
  if (hole >= 0) {
    if (known == 0 || x.numel() % known)
      throw ShapeError("{}: shape '{}' is invalid for input of size {}", op, to_list_string(shape), x.numel());
    shape[hole] = x.numel() / known;
  } else if (known != x.numel()) {
    throw ShapeError("{}: shape '{}' is invalid for input of size {}: it holds {} elements", op, to_list_string(shape),
                     x.numel(), known);
  }
  return shape;
}

Tensor back_to_shape(const Tensor& g, const ViewArgs& v) {
  return reshape(g, v.shape);
}

const ViewKind kView{{"view"}, {"ViewBackward0", {"grad.reshape(self.shape)"}}, back_to_shape};
const ViewKind kAlias{{"reshape"}, {"ViewBackward0", {"grad.reshape(self.shape)"}}, back_to_shape};
const ViewKind kTranspose{{"transpose"},
                          {"TransposeBackward0", {"grad.transpose(dim0, dim1)"}},
                          [](const Tensor& g, const ViewArgs& v) { return transpose(g, v.numbers[0], v.numbers[1]); }};
const ViewKind kT{{"t"}, {"TBackward0", {"grad.t()"}}, [](const Tensor& g, const ViewArgs&) { return t(g); }};
const ViewKind kPermute{
    {"permute"}, {"PermuteBackward0", {"grad.permute(inverse(dims))"}}, [](const Tensor& g, const ViewArgs& v) {
      Dims inverse(v.numbers.size(), 0);
      for (int d = 0; d < inverse.size(); ++d) inverse[static_cast<int>(v.numbers[d])] = d;
      return permute(g, inverse);
    }};
const ViewKind kExpand{{"expand"},
                       {"ExpandBackward0", {"grad.sum_to_size(self.shape)"}},
                       [](const Tensor& g, const ViewArgs& v) { return sum_to(g, v.shape); }};
const ViewKind kSqueeze{{"squeeze"}, {"SqueezeBackward0", {"grad.reshape(self.shape)"}}, back_to_shape};
const ViewKind kSqueezeDim{{"squeeze"}, {"SqueezeBackward1", {"grad.unsqueeze(dim)"}}, back_to_shape};
const ViewKind kUnsqueeze{{"unsqueeze"}, {"UnsqueezeBackward0", {"grad.squeeze(dim)"}}, back_to_shape};
const ViewKind kSelect{{"select"},
                       {"SelectBackward0", {"zeros(self.shape).select(dim, index) := grad"}},
                       [](const Tensor& g, const ViewArgs& v) {
                         return scatter_back(g, v.shape,
                                             [&](const Tensor& z) { return select(z, v.numbers[0], v.numbers[1]); });
                       }};
const ViewKind kSlice{{"slice"},
                      {"SliceBackward0", {"zeros(self.shape)[start:end:step] := grad"}},
                      [](const Tensor& g, const ViewArgs& v) {
                        return scatter_back(g, v.shape, [&](const Tensor& z) {
                          return slice(z, v.numbers[0], v.numbers[1], v.numbers[2], v.numbers[3]);
                        });
                      }};
const ViewKind kAsStrided{
    {"as_strided"},
    {"AsStridedBackward0", {"zeros(self.shape).as_strided(size, stride, offset) += grad"}},
    [](const Tensor& g, const ViewArgs& v) {
      const int n = g.dim();
      Dims strides(n, 0);
      for (int d = 0; d < n; ++d) strides[d] = v.numbers[d];
      return scatter_back(g, v.shape, [&](const Tensor& z) { return as_strided(z, g.shape(), strides, v.numbers[n]); });
    }};

const NodeType kScatter{"CopySlicesBackward", {"grad at the region"}};

// out = zeros with grad at a region; its own gradient is what lies in that region.
class ScatterNode : public InlineNode<1> {
 public:
  explicit ScatterNode(std::function<Tensor(const Tensor&)> region) : region_(std::move(region)) {}
  const NodeType& type() const override { return kScatter; }
  void apply(std::span<Tensor> grads, std::span<Tensor> out) override {
    if (grads[0].defined()) out[0] = region_(grads[0]);
  }

 private:
  std::function<Tensor(const Tensor&)> region_;
};

template <class F>
Tensor scatter_back(const Tensor& grad, const Dims& shape, F region) {
  static const OpSchema schema{"scatter"};
  Tensor z = full(shape, 0, grad.dtype());
  {
    NoGrad off;
    copy_elements(region(z), grad);
  }
  if (!needs_grad(grad)) return z;
  // `region` refers to the node's arguments: what outlives the call holds its own geometry.
  const Tensor part = [&] {
    NoGrad off;
    return region(z);
  }();
  auto node = make_node<ScatterNode>([size = part.shape(), strides = part.strides(), offset = part.impl()->offset](
                                         const Tensor& g) { return as_strided(contiguous(g), size, strides, offset); });
  return finish(schema, std::move(z), std::move(node), grad);
}

}  // namespace

Tensor detach(const Tensor& x) {
  static const OpSchema schema{"detach"};
  return finish(schema, x.alias(), Ref<Node>(), x);
}

Tensor view(const Tensor& x, const Dims& wanted) {
  const Dims shape = resolve_shape("view", x, wanted);
  const auto strides = view_strides(x, shape);
  if (!strides)
    throw ShapeError(
        "view: shape {} is not compatible with the tensor's shape {} and strides {} (at least one dimension spans "
        "across two contiguous subspaces). Use .reshape(...) instead.",
        to_string(shape), to_string(x.shape()), to_string(x.strides()));
  return make_view(kView, x, shape, *strides, x.impl()->offset);
}

Tensor reshape(const Tensor& x, const Dims& wanted) {
  const Dims shape = resolve_shape("reshape", x, wanted);
  if (shape == x.shape()) return x;
  if (const auto strides = view_strides(x, shape)) return make_view(kAlias, x, shape, *strides, x.impl()->offset);
  return view(clone(x), shape);
}

Tensor flatten(const Tensor& x, int64_t start, int64_t end) {
  const int a = wrap_dim("flatten", start, x.dim()), b = wrap_dim("flatten", end, x.dim());
  if (a > b) throw ValueError("flatten: start_dim {} comes after end_dim {}", a, b);
  Dims shape;
  int64_t merged = 1;
  for (int d = 0; d < x.dim(); ++d) {
    if (d >= a && d <= b) merged *= x.size(d);
    if (d < a || d > b) shape.push_back(x.size(d));
    if (d == b) shape.push_back(merged);
  }
  if (x.dim() == 0) shape = Dims{1};
  return reshape(x, shape);
}

Tensor transpose(const Tensor& x, int64_t a, int64_t b) {
  if (x.dim() == 0) return make_view(kTranspose, x, x.shape(), x.strides(), x.impl()->offset, {0, 0});
  const int i = wrap_dim("transpose", a, x.dim()), j = wrap_dim("transpose", b, x.dim());
  Dims shape = x.shape(), strides = x.strides();
  std::swap(shape[i], shape[j]);
  std::swap(strides[i], strides[j]);
  return make_view(kTranspose, x, shape, strides, x.impl()->offset, {i, j});
}

Tensor t(const Tensor& x) {
  if (x.dim() > 2)
    throw ShapeError("t: expects a tensor with <= 2 dimensions, but self is {}D; use .transpose(-2, -1)", x.dim());
  Dims shape = x.shape(), strides = x.strides();
  if (x.dim() == 2) std::swap(shape[0], shape[1]), std::swap(strides[0], strides[1]);
  return make_view(kT, x, shape, strides, x.impl()->offset);
}

Tensor permute(const Tensor& x, const Dims& order) {
  if (order.size() != x.dim())
    throw ShapeError("permute: {} dimensions are named, the tensor has {}", order.size(), x.dim());
  Dims shape, strides, dims;
  uint64_t seen = 0;
  for (int64_t o : order) {
    const int d = wrap_dim("permute", o, x.dim());
    if (seen >> d & 1) throw ShapeError("permute: repeated dim {} in {}", d, to_string(order));
    seen |= uint64_t{1} << d;
    dims.push_back(d);
    shape.push_back(x.size(d));
    strides.push_back(x.strides()[d]);
  }
  return make_view(kPermute, x, shape, strides, x.impl()->offset, dims);
}

Tensor expand(const Tensor& x, const Dims& wanted) {
  const int lead = wanted.size() - x.dim();
  if (lead < 0)
    throw ShapeError("expand: the shape {} has fewer dimensions than the tensor's {}", to_string(wanted),
                     to_string(x.shape()));
  Dims shape = wanted, strides(wanted.size(), 0);
  for (int d = 0; d < shape.size(); ++d) {
    const int64_t have = d < lead ? 1 : x.size(d - lead);
    if (shape[d] == -1 && d >= lead) shape[d] = have;
    if (have != shape[d] && have != 1)
      throw ShapeError("expand: the expanded size {} must match the existing size {} at dimension {}: {} to {}",
                       shape[d], have, d, to_string(x.shape()), to_string(wanted));
    if (shape[d] < 0) throw ShapeError("expand: size {} is not allowed in a new, leading dimension", shape[d]);
    strides[d] = d < lead || (have == 1 && shape[d] != 1) ? 0 : x.strides()[d - lead];
  }
  return make_view(kExpand, x, shape, strides, x.impl()->offset);
}

Tensor squeeze(const Tensor& x, std::optional<int64_t> dim) {
  Dims shape, strides;
  const int only = dim ? wrap_dim("squeeze", *dim, x.dim()) : -1;
  for (int d = 0; d < x.dim(); ++d) {
    if (x.size(d) == 1 && (only < 0 || only == d)) continue;
    shape.push_back(x.size(d));
    strides.push_back(x.strides()[d]);
  }
  return make_view(dim ? kSqueezeDim : kSqueeze, x, shape, strides, x.impl()->offset);
}

Tensor unsqueeze(const Tensor& x, int64_t dim) {
  const int d = wrap_dim("unsqueeze", dim, x.dim() + 1);
  Dims shape = x.shape(), strides = x.strides();
  strides.insert(d, d < x.dim() ? shape[d] * strides[d] : 1);
  shape.insert(d, 1);
  return make_view(kUnsqueeze, x, shape, strides, x.impl()->offset);
}

Tensor select(const Tensor& x, int64_t dim, int64_t index) {
  if (x.dim() == 0) throw IndexError("select: a 0-dim tensor cannot be indexed; use tensor.item()");
  const int d = wrap_dim("select", dim, x.dim());
  const int64_t n = x.size(d);
  if (index < -n || index >= n)
    throw IndexError("index {} is out of bounds for dimension {} with size {}", index, d, n);
  const int64_t i = index < 0 ? index + n : index;
  Dims shape = x.shape(), strides = x.strides();
  shape.erase(d);
  strides.erase(d);
  return make_view(kSelect, x, shape, strides, x.impl()->offset + i * x.strides()[d], {d, i});
}

Tensor slice(const Tensor& x, int64_t dim, int64_t start, int64_t end, int64_t step) {
  if (x.dim() == 0) throw IndexError("slice: a 0-dim tensor cannot be sliced");
  if (step <= 0) throw ValueError("slice: step must be greater than zero, not {}", step);
  const int d = wrap_dim("slice", dim, x.dim());
  const int64_t n = x.size(d);
  const auto clip = [n](int64_t i) { return std::clamp(i < 0 ? i + n : i, int64_t{0}, n); };
  const int64_t a = clip(start), b = std::max(a, clip(end));
  step = std::min(step, std::max<int64_t>(n, 1));  // a longer one takes the first element too
  Dims shape = x.shape(), strides = x.strides();
  shape[d] = (b - a + step - 1) / step;
  strides[d] *= step;
  return make_view(kSlice, x, shape, strides, x.impl()->offset + a * x.strides()[d], {d, a, b, step});
}

Tensor narrow(const Tensor& x, int64_t dim, int64_t start, int64_t length) {
  if (x.dim() == 0) throw IndexError("narrow: a 0-dim tensor cannot be narrowed");
  const int64_t n = x.size(wrap_dim("narrow", dim, x.dim()));
  if (length < 0) throw ValueError("narrow: length must be non-negative, not {}", length);
  if (start < -n || start > n)
    throw IndexError("narrow: start {} is out of range: the dimension has size {}", start, n);
  const int64_t from = start < 0 ? start + n : start;
  if (length > n - from)
    throw IndexError("narrow: start ({}) + length ({}) exceeds dimension size ({})", from, length, n);
  return slice(x, dim, from, from + length, 1);
}

Tensor as_strided(const Tensor& x, const Dims& shape, const Dims& strides, int64_t offset) {
  if (shape.size() != strides.size())
    throw ShapeError("as_strided: {} sizes and {} strides", shape.size(), strides.size());
  // Products of what a user wrote: in 128 bits, for what wraps around would pass for small.
  __int128 last = offset;
  bool far = offset > kMostElements;
  for (int d = 0; d < shape.size() && !far; ++d) {
    if (shape[d] < 0 || strides[d] < 0) throw ValueError("as_strided: sizes and strides must not be negative");
    if (shape[d]) last += static_cast<__int128>(shape[d] - 1) * strides[d];
    far = strides[d] > kMostElements || last > kMostElements;
  }
  if (offset < 0 || far || (numel(shape) && (last + 1) * itemsize(x.dtype()) > x.impl()->storage->bytes()))
    throw ValueError("as_strided: sizes {}, strides {} and offset {} reach outside a storage of {} bytes",
                     to_string(shape), to_string(strides), offset, x.impl()->storage->bytes());
  Dims numbers = strides;
  numbers.push_back(offset);
  return make_view(kAsStrided, x, shape, strides, offset, numbers);
}

Tensor sum_to(const Tensor& x, const Dims& shape) {
  if (x.shape() == shape) return x;
  const int lead = x.dim() - shape.size();
  Dims dims;
  for (int d = 0; d < x.dim(); ++d)
    if (d < lead || (shape[d - lead] == 1 && x.size(d) != 1)) dims.push_back(d);
  Tensor out = dims.empty() ? x : sum(x, dims, true);
  return out.shape() == shape ? out : reshape(out, shape);
}

namespace {

const Offered kViews{
    op<&view>("view(self, *shape)",
              "The same elements under another shape, in the same memory. Raises ShapeError if that needs a copy."),
    op<&reshape>("reshape(input, *shape)", "view() where the memory allows it, else a copy."),
    op<[](const Tensor& x, const Tensor& other) { return view(x, other.shape()); }>("view_as(self, other)"),
    op<[](const Tensor& x, const Tensor& other) { return reshape(x, other.shape()); }>("reshape_as(self, other)"),
    op<&expand>("expand(self, *size)", "Dimensions of size 1 repeated without a copy; -1 leaves a size as it is."),
    op<[](const Tensor& x, const Tensor& other) { return expand(x, other.shape()); }>("expand_as(self, other)"),
    op<&permute>("permute(input, *dims)"),
    op<&flatten>("flatten(input, start_dim=0, end_dim=-1)"),
    op<&transpose>("transpose(input, dim0, dim1)"),
    op<&t>("t(input)", "A matrix transposed; a vector is itself."),
    op<&squeeze>("squeeze(input, dim=None)", "Without the dimensions of size 1, or without `dim` if its size is 1."),
    op<&unsqueeze>("unsqueeze(input, dim)", "A dimension of size 1 at `dim`."),
    op<&select>("select(input, dim, index)"),
    op<&narrow>("narrow(input, dim, start, length)"),
    op<[](const Tensor& x, const Dims& size, const Dims& stride, std::optional<int64_t> offset) {
      return as_strided(x, size, stride, offset.value_or(x.impl()->offset));
    }>("as_strided(input, size, stride, storage_offset=None)"),
    op<&detach>("detach(input)", "The same memory without history."),
};

}  // namespace

}  // namespace tapescope::ops
