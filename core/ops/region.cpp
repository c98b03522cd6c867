// Views of a part of their input, or of its memory. Their gradient is zero elsewhere.
#include "core/ops/iterator.h"
#include "core/ops/record.h"
#include "core/ops/registry.h"
#include "core/ops/view.h"

namespace tapescope::ops {
namespace {

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

// to += from, where elements of `to` may be one and the same: then one by one.
void add_elements(const Tensor& to, const Tensor& from) {
  if (!may_overlap_itself(to.shape(), to.strides())) {
    copy_elements(to, from);  // `to` is zero
    return;
  }
  const Tensor flat = contiguous_data(from);
  visit(to.dtype(), [&]<class T>(T) {
    const T* p = flat.data<T>();
    for_each_element<T>(to, [&](T* e) {
      if constexpr (std::is_same_v<T, Half> || std::is_same_v<T, BFloat16>)
        *e = T(static_cast<float>(*e) + static_cast<float>(*p++));
      else
        *e = static_cast<T>(*e + *p++);
    });
  });
}

// A gradient of zeros with `grad` added where `region` says.
template <class F>
Tensor scatter_back(const Tensor& grad, const Dims& shape, F region) {
  static const OpSchema schema{"scatter"};
  Tensor z = full(shape, 0, grad.dtype());
  {
    NoGrad off;
    add_elements(region(z), grad);
  }
  if (!needs_grad(grad)) return z;
  // `region` refers to the node's arguments: what outlives the call holds its own geometry.
  const Tensor part = [&] {
    NoGrad off;
    return region(z);
  }();
  auto node = make_node<ScatterNode>(
      [size = part.shape(), strides = part.strides(), offset = part.impl()->offset](const Tensor& g) {
        const Tensor whole = contiguous(g);  // perhaps a part of some memory itself
        return as_strided(whole, size, strides, whole.impl()->offset + offset);
      });
  return finish(schema, std::move(z), std::move(node), grad);
}

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
// Elements of memory from its start up to the last one of a view.
int64_t extent(const Dims& shape, const Dims& strides, int64_t offset) {
  if (!numel(shape)) return 0;
  int64_t last = offset;
  for (int d = 0; d < shape.size(); ++d) last += (shape[d] - 1) * strides[d];
  return last + 1;
}

// numbers: the view's strides and offset, then the strides and offset of the input. The gradient is laid out as the
// memory is, for what the view shows need not be what the input shows; where several elements of the input are one in
// memory they share it in equal parts.
Tensor as_strided_back(const Tensor& g, const ViewArgs& v) {
  const int n = g.dim(), m = v.shape.size();
  Dims strides(n, 0), own(m, 0);
  for (int d = 0; d < n; ++d) strides[d] = v.numbers[d];
  for (int d = 0; d < m; ++d) own[d] = v.numbers[n + 1 + d];
  const int64_t offset = v.numbers[n], own_offset = v.numbers[n + 1 + m];
  if (is_contiguous(v.shape, own) && offset >= own_offset &&
      extent(g.shape(), strides, offset - own_offset) <= numel(v.shape))
    return scatter_back(g, v.shape,
                        [&](const Tensor& z) { return as_strided(z, g.shape(), strides, offset - own_offset); });
  const int64_t low = std::min(offset, own_offset);
  const int64_t room = std::max(extent(g.shape(), strides, offset), extent(v.shape, own, own_offset)) - low;
  const Tensor memory = scatter_back(g, {std::max<int64_t>(room, 0)},
                                     [&](const Tensor& z) { return as_strided(z, g.shape(), strides, offset - low); });
  const Tensor back = clone(as_strided(memory, v.shape, own, own_offset - low));
  if (!may_overlap_itself(v.shape, own)) return back;
  const NoGrad off;
  Tensor count = full({room}, 0, g.dtype());
  add_elements(as_strided(count, v.shape, own, own_offset - low), full(v.shape, 1, g.dtype()));
  const Tensor shares = clone(as_strided(count, v.shape, own, own_offset - low));
  const GradMode again(g.requires_grad());
  return back / shares;
}

const ViewKind kAsStrided{{"as_strided"},
                          {"AsStridedBackward0", {"zeros(self.shape).as_strided(size, stride, offset) += grad"}},
                          as_strided_back};
const ViewKind kDiagonal{{"diagonal"},
                         {"DiagonalBackward0", {"zeros(self.shape).diagonal(offset, dim1, dim2) := grad"}},
                         [](const Tensor& g, const ViewArgs& v) {
                           return scatter_back(g, v.shape, [&](const Tensor& z) {
                             return diagonal(z, v.numbers[0], v.numbers[1], v.numbers[2]);
                           });
                         }};
const ViewKind kUnfold{{"unfold"},
                       {"UnfoldBackward0", {"zeros(self.shape).unfold(dim, size, step) += grad"}},
                       [](const Tensor& g, const ViewArgs& v) {
                         return scatter_back(g, v.shape, [&](const Tensor& z) {
                           return unfold(z, v.numbers[0], v.numbers[1], v.numbers[2]);
                         });
                       }};

}  // namespace

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
  for (int64_t s : x.strides()) numbers.push_back(s);
  numbers.push_back(x.impl()->offset);
  return make_view(kAsStrided, x, shape, strides, offset, numbers);
}

Tensor diagonal(const Tensor& x, int64_t offset, int64_t dim1, int64_t dim2) {
  const int a = wrap_dim("diagonal", dim1, x.dim()), b = wrap_dim("diagonal", dim2, x.dim());
  if (a == b) throw ShapeError("diagonal: dimensions cannot be identical {}, {}", dim1, dim2);
  const int64_t rows = x.size(a), columns = x.size(b);
  const int64_t length = offset >= 0 ? std::clamp<int64_t>(columns - std::min(offset, columns), 0, rows)
                                     : std::clamp<int64_t>(rows + std::max(offset, -rows), 0, columns);
  int64_t start = x.impl()->offset;
  if (length > 0) start += offset >= 0 ? offset * x.strides()[b] : -offset * x.strides()[a];
  Dims shape, strides;
  for (int d = 0; d < x.dim(); ++d)
    if (d != a && d != b) shape.push_back(x.size(d)), strides.push_back(x.strides()[d]);
  shape.push_back(length);
  strides.push_back(x.strides()[a] + x.strides()[b]);
  return make_view(kDiagonal, x, shape, strides, start, {offset, a, b});
}

Tensor unfold(const Tensor& x, int64_t dim, int64_t size, int64_t step) {
  const int d = x.dim() ? wrap_dim("unfold", dim, x.dim()) : 0;
  const int64_t n = x.dim() ? x.size(d) : 1;
  if (size < 0 || size > n) throw ShapeError("unfold: size {} does not fit dimension {} with size {}", size, dim, n);
  if (step <= 0) throw ValueError("unfold: step is {} but must be > 0", step);
  Dims shape = x.shape(), strides = x.strides();
  const int64_t stride = x.dim() ? strides[d] : 1;
  if (x.dim()) {
    shape[d] = (n - size) / step + 1;
    strides[d] = std::min(step, std::max<int64_t>(n, 1)) * stride;
  }
  shape.push_back(size);
  strides.push_back(stride);
  return make_view(kUnfold, x, shape, strides, x.impl()->offset, {d, size, step});
}

namespace {

const Offered kRegions{
    op<&select>("select(input, dim, index)"),
    internal<&slice>("slice(self, dim, start, end, step)"),
    op<&narrow>("narrow(input, dim, start, length)"),
    op<&diagonal>("diagonal(input, offset=0, dim1=0, dim2=1)"),
    op<&unfold>("unfold(self, dimension, size, step)",
                "All pieces of `size` along `dimension`, `step` apart, in a new last dimension."),
    op<[](const Tensor& x, const Dims& size, const Dims& stride, std::optional<int64_t> offset) {
      return as_strided(x, size, stride, offset.value_or(x.impl()->offset));
    }>("as_strided(input, size, stride, storage_offset=None)"),
};

}  // namespace

}  // namespace tapescope::ops
