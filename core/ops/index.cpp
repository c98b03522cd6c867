// Gathering by integer and boolean tensors.
#include <cstring>

#include "core/ops/iterator.h"
#include "core/ops/record.h"
#include "core/ops/registry.h"

namespace tapescope::ops {
namespace {

// The plan of x[indices]: for each position of the broadcast index, the offset into x of the block it names.
struct Gather {
  Dims out_shape;
  std::vector<int64_t> offsets;  // one an index position, in elements of x
  Dims block_shape, block_strides;
  int64_t block = 1;  // elements a position names
  int first = 0;      // place of the index dimensions in the result
  Dims index_shape;
};

// A mask is the integer indices of its true elements, one tensor a dimension.
std::vector<Tensor> expand_masks(const Tensor& x, const std::vector<Tensor>& indices) {
  std::vector<Tensor> out;
  for (const Tensor& i : indices) {
    if (!i.defined() || i.dtype() == DType::int64 || i.dtype() == DType::int32) {
      out.push_back(i);
      continue;
    }
    if (!is_mask(i))
      throw IndexError(
          "index: tensors used as indices must be int64, int32, bool or uint8 (a mask), not {}; cast with "
          ".long()",
          name_of(i.dtype()));
    const int at = static_cast<int>(out.size());
    for (int d = 0; d < i.dim(); ++d)
      if (at + d >= x.dim() || x.size(at + d) != i.size(d))
        throw IndexError(
            "index: the shape of the mask {} at index {} does not match the shape of the indexed tensor {}",
            to_string(i.shape()), at, to_string(x.shape()));
    std::vector<std::vector<int64_t>> hits(static_cast<size_t>(i.dim()));
    Dims place(i.dim(), 0);
    for_each_element<uint8_t>(i, [&](const uint8_t* v) {
      if (*v)
        for (int d = 0; d < i.dim(); ++d) hits[static_cast<size_t>(d)].push_back(place[d]);
      for (int d = i.dim() - 1; d >= 0; --d) {
        if (++place[d] < i.size(d)) break;
        place[d] = 0;
      }
    });
    for (const auto& h : hits) {
      Tensor t = Tensor::empty({static_cast<int64_t>(h.size())}, DType::int64);
      if (!h.empty()) std::memcpy(t.raw(), h.data(), h.size() * 8);
      out.push_back(t);
    }
  }
  if (static_cast<int>(out.size()) > x.dim()) throw IndexError("too many indices for tensor of dimension {}", x.dim());
  return out;
}

Gather plan(const Tensor& x, const std::vector<Tensor>& raw) {
  const std::vector<Tensor> indices = expand_masks(x, raw);
  Gather g;
  int last = -1;
  bool adjacent = true, any = false;
  for (size_t d = 0; d < indices.size(); ++d) {
    if (!indices[d].defined()) continue;
    if (any && static_cast<int>(d) != last + 1) adjacent = false;
    if (!any) g.first = static_cast<int>(d);
    last = static_cast<int>(d);
    g.index_shape = any ? broadcast_shapes("index", g.index_shape, indices[d].shape()) : indices[d].shape();
    any = true;
  }
  if (!adjacent) g.first = 0;
  Dims rest_shape, rest_strides;
  for (int d = 0; d < x.dim(); ++d) {
    if (d < static_cast<int>(indices.size()) && indices[static_cast<size_t>(d)].defined()) continue;
    rest_shape.push_back(x.size(d));
    rest_strides.push_back(x.strides()[d]);
  }
  const int64_t positions = numel(g.index_shape);
  g.offsets.assign(static_cast<size_t>(positions), 0);
  for (size_t d = 0; d < indices.size(); ++d) {
    if (!indices[d].defined()) continue;
    Tensor full_index = Tensor::empty(g.index_shape, DType::int64);
    copy_elements(full_index, indices[d]);
    const int64_t n = x.size(static_cast<int>(d)), step = x.strides()[static_cast<int>(d)];
    const int64_t* p = full_index.data<int64_t>();
    for (int64_t i = 0; i < positions; ++i) {
      const int64_t v = p[i] < 0 ? p[i] + n : p[i];
      if (v < 0 || v >= n) throw IndexError("index {} is out of bounds for dimension {} with size {}", p[i], d, n);
      g.offsets[static_cast<size_t>(i)] += v * step;
    }
  }
  g.block_shape = rest_shape;
  g.block_strides = rest_strides;
  g.block = numel(rest_shape);
  for (int d = 0; d < g.first; ++d) g.out_shape.push_back(rest_shape[d]);
  for (int64_t s : g.index_shape) g.out_shape.push_back(s);
  for (int d = g.first; d < rest_shape.size(); ++d) g.out_shape.push_back(rest_shape[d]);
  return g;
}

// A view of `out` whose leading dimensions are those of the index, then the block's.
Tensor index_first(const Tensor& out, const Gather& g) {
  Dims shape, strides;
  const int k = g.index_shape.size();
  const auto take = [&](int d) { shape.push_back(out.size(d)), strides.push_back(out.strides()[d]); };
  for (int d = 0; d < k; ++d) take(g.first + d);
  for (int d = 0; d < g.first; ++d) take(d);
  for (int d = g.first + k; d < out.dim(); ++d) take(d);
  return out.alias(shape, strides, out.impl()->offset);
}

// f(element of x, element of the gathered tensor) for all pairs, in order. `ordered` is contiguous, index first.
template <class T, class F>
void for_each_pair(const Tensor& x, T* ordered, const Gather& g, F f) {
  T* base = x.data<T>();
  const bool dense = is_contiguous(g.block_shape, g.block_strides);
  const int64_t block = g.block;  // read once: a write of an element might be one of it
  for (int64_t offset : g.offsets) {
    if (dense) {
      for (int64_t i = 0; i < block; ++i) f(base[offset + i], ordered[i]);
    } else {
      Dims at(g.block_shape.size(), 0);
      for (int64_t i = 0; i < block; ++i) {
        int64_t inner = 0;
        for (int d = 0; d < at.size(); ++d) inner += at[d] * g.block_strides[d];
        f(base[offset + inner], ordered[i]);
        for (int d = at.size() - 1; d >= 0 && ++at[d] == g.block_shape[d]; --d) at[d] = 0;
      }
    }
    ordered += block;
  }
}

Tensor gather(const Tensor& x, const Gather& g) {
  Dims ordered_shape = g.index_shape;
  for (int64_t s : g.block_shape) ordered_shape.push_back(s);
  Tensor ordered = Tensor::empty(ordered_shape, x.dtype());
  visit_bits(x.dtype(), [&]<class T>(T) { for_each_pair(x, ordered.data<T>(), g, [](T& a, T& b) { b = a; }); });
  if (g.first == 0) return ordered;
  Tensor out = Tensor::empty(g.out_shape, x.dtype());
  copy_elements(index_first(out, g), ordered);
  return out;
}

void scatter(const Tensor& x, const Gather& g, const Tensor& values, bool accumulate) {
  Tensor spread = Tensor::empty(g.out_shape, x.dtype());
  copy_elements(spread, values);
  const Tensor ordered = g.first == 0 ? spread : contiguous_data(index_first(spread, g));
  if (!accumulate) {
    visit_bits(x.dtype(), [&]<class T>(T) { for_each_pair(x, ordered.data<T>(), g, [](T& a, T& b) { a = b; }); });
    return;
  }
  visit(x.dtype(), [&]<class T>(T) {
    for_each_pair(x, ordered.data<T>(), g, [](T& a, T& b) {
      if constexpr (std::is_integral_v<T>)
        a = static_cast<T>((Whole(a) + Whole(b)).v);
      else
        a = static_cast<T>(a + b);
    });
  });
}

const NodeType kIndex{"IndexBackward0", {"zeros(self.shape).index_put_(indices, grad, accumulate=True)"}};
const NodeType kIndexPut{"IndexPutBackward0", {"grad with 0 at indices", "grad[indices]"}};

class IndexNode : public InlineNode<1> {
 public:
  IndexNode(Dims shape, std::vector<Tensor> indices) : shape_(std::move(shape)), indices_(std::move(indices)) {}
  const NodeType& type() const override { return kIndex; }
  void apply(std::span<Tensor> grads, std::span<Tensor> out) override {
    if (!grads[0].defined()) return;
    out[0] = index_put_(full(shape_, 0, grads[0].dtype()), indices_, grads[0], true);
  }
  std::vector<Slot> slots() const override { return {{"self_sym_sizes", nullptr, to_string(shape_)}}; }

 private:
  Dims shape_;
  std::vector<Tensor> indices_;
};

class IndexPutNode : public InlineNode<2> {
 public:
  IndexPutNode(std::vector<Tensor> indices, bool accumulate) : indices_(std::move(indices)), accumulate_(accumulate) {}
  const NodeType& type() const override { return kIndexPut; }
  void apply(std::span<Tensor> grads, std::span<Tensor> out) override {
    if (!grads[0].defined()) return;
    if (edge(0))
      out[0] = accumulate_ ? grads[0] : index_put_(clone(grads[0]), indices_, full({}, 0, grads[0].dtype()), false);
    if (edge(1)) out[1] = index(grads[0], indices_);
  }

 private:
  std::vector<Tensor> indices_;
  bool accumulate_;
};

// A mask alone says where, as that of masked_fill_: PyTorch casts a value for it, and for it only.
bool is_single_mask(const std::vector<Tensor>& indices) {
  int masks = 0;
  for (const Tensor& i : indices) {
    if (i.defined() && !is_mask(i)) return false;
    masks += i.defined();
  }
  return masks == 1;
}

// Indices are constants of the graph: what the caller does with them later must not matter.
std::vector<Tensor> frozen(const std::vector<Tensor>& indices) {
  std::vector<Tensor> out;
  for (const Tensor& i : indices) out.push_back(i.defined() ? cast_data(i, i.dtype()).alias() : i);
  return out;
}

}  // namespace

Tensor index(const Tensor& x, const std::vector<Tensor>& indices) {
  static const OpSchema schema{"index"};
  Tensor out = gather(x, plan(x, indices));
  Ref<Node> node;
  if (needs_grad(x)) node = make_node<IndexNode>(x.shape(), frozen(indices));
  return finish(schema, std::move(out), std::move(node), x);
}

Tensor index_put_(const Tensor& self, const std::vector<Tensor>& indices, const Tensor& given, bool accumulate) {
  static const OpSchema schema{"index_put_", true};
  if (given.dtype() != self.dtype() && (accumulate || given.numel() != 1 || !is_single_mask(indices)))
    throw DTypeError(
        "index_put_: Index put requires the source and destination dtypes match, got {} for the destination and {} for "
        "the source; cast it with .to()",
        name_of(self.dtype()), name_of(given.dtype()));
  if (is_complex(given.dtype()) && !is_complex(self.dtype()))
    throw DTypeError("index_put_: a value of {} can't be cast to {}", name_of(given.dtype()), name_of(self.dtype()));
  check_in_place("index_put_", self, given);
  const Tensor values = to(given, self.dtype());
  const Gather g = plan(self, indices);
  if (!(broadcast_shapes("index_put_", g.out_shape, values.shape()) == g.out_shape))
    throw ShapeError("index_put_: values of shape {} do not fit the indexed region of shape {}",
                     to_string(values.shape()), to_string(g.out_shape));
  scatter(self, g, values, accumulate);
  Ref<Node> node;
  if (is_differentiable(self.dtype()) && needs_grad(self, values))
    node = make_node<IndexPutNode>(frozen(indices), accumulate);
  return finish_in_place(schema, self, std::move(node), self, values);
}

namespace {

const Offered kIndexed{
    op<[](const Tensor& self, const MaybeTensors& indices, const Tensor& values, bool accumulate) {
      return index_put_(self, indices.tensors, values, accumulate);
    }>("index_put_(self, indices, values, accumulate=False)"),
    internal<&index>("index(self, indices)"),
    internal<&index_put_>("index_put_(self, indices, values, accumulate)"),
};

}  // namespace

}  // namespace tapescope::ops
