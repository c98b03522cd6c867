// Views that show all of their input under another shape.
#include "core/ops/view.h"
#include "core/ops/iterator.h"
#include "core/ops/record.h"
#include "core/ops/registry.h"

namespace tapescope::ops {
namespace {

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
const ViewKind kSqueezeDims{{"squeeze"}, {"SqueezeBackward2", {"grad.reshape(self.shape)"}}, back_to_shape};
const ViewKind kUnsqueeze{{"unsqueeze"}, {"UnsqueezeBackward0", {"grad.squeeze(dim)"}}, back_to_shape};
}  // namespace

Tensor detach(const Tensor& x) {
  static const OpSchema schema{"detach"};
  return finish(schema, x.alias(), Ref<Node>(), x);
}

Tensor uncounted(const Tensor& x) {
  Tensor t = x.alias();
  t.impl()->private_version = 0;
  t.impl()->has_private_version = true;
  return t;
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
  return view(clone_in_order(x), shape);
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

Tensor squeeze_all(const Tensor& x, const Dims& dims) {
  uint64_t wanted = 0;
  for (const int64_t given : dims) {
    const uint64_t bit = uint64_t{1} << wrap_dim("squeeze", given, x.dim());
    if (wanted & bit) throw ShapeError("squeeze: dimension {} appears twice in {}", given, to_string(dims));
    wanted |= bit;
  }
  Dims shape, strides;
  for (int d = 0; d < x.dim(); ++d) {
    if (x.size(d) == 1 && (wanted >> d & 1)) continue;
    shape.push_back(x.size(d));
    strides.push_back(x.strides()[d]);
  }
  return make_view(kSqueezeDims, x, shape, strides, x.impl()->offset);
}

Tensor unsqueeze(const Tensor& x, int64_t dim) {
  const int d = wrap_dim("unsqueeze", dim, x.dim() + 1);
  Dims shape = x.shape(), strides = x.strides();
  strides.insert(d, d < x.dim() ? shape[d] * strides[d] : 1);
  shape.insert(d, 1);
  return make_view(kUnsqueeze, x, shape, strides, x.impl()->offset);
}

Tensor movedim(const Tensor& x, const Dims& source, const Dims& destination) {
  if (source.size() != destination.size())
    throw ShapeError("movedim: {} source and {} destination dimensions", source.size(), destination.size());
  Dims order(x.dim(), -1);
  uint64_t moved = 0;
  for (int i = 0; i < source.size(); ++i) {
    const int from = wrap_dim("movedim", source[i], x.dim()), to = wrap_dim("movedim", destination[i], x.dim());
    if (moved >> from & 1 || order[to] >= 0)
      throw ShapeError("movedim: repeated dim in {} or {}", to_string(source), to_string(destination));
    moved |= uint64_t{1} << from;
    order[to] = from;
  }
  int next = 0;
  for (int d = 0; d < x.dim(); ++d) {
    if (order[d] >= 0) continue;
    while (moved >> next & 1) ++next;
    order[d] = next++;
  }
  return permute(x, order);
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
    op<&squeeze_all>("squeeze(input, dim)", "Without those of the dimensions `dim` whose size is 1."),
    op<&unsqueeze>("unsqueeze(input, dim)", "A dimension of size 1 at `dim`."),
    op<&movedim>("movedim(input, source, destination)"),
    op<&transpose>("swapaxes(input, axis0, axis1)"),
    op<&transpose>("swapdims(input, dim0, dim1)"),
    op<[](const Tensor& x) { return reshape(x, {-1}); }>("ravel(input)"),
    op<[](const Tensor& x, int64_t dim, const Dims& sizes) {
      const int d = wrap_dim("unflatten", dim, x.dim());
      Dims shape;
      for (int i = 0; i < x.dim(); ++i)
        if (i != d) shape.push_back(x.size(i));
      int at = d;
      for (int64_t s : resolve_shape("unflatten", x.alias({x.size(d)}, {1}, x.impl()->offset), sizes))
        shape.insert(at++, s);
      return view(x, shape);
    }>("unflatten(input, dim, sizes)"),
    op<&detach>("detach(input)", "The same memory without history."),
    internal<&uncounted>("data(input)"),
};

}  // namespace

}  // namespace tapescope::ops
