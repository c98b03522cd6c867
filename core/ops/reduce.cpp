// sum, mean, var. Sums go in fixed blocks, combined in order: the same bits whatever the number of threads.
#include "core/ops/reduce.h"

#include "core/backend/parallel.h"
#include "core/ops/iterator.h"
#include "core/ops/math.h"
#include "core/ops/record.h"
#include "core/ops/registry.h"

namespace tapescope::ops {

Reduced reduce_over(const char* op, const Tensor& x, const OptionalDims& dims) {
  Reduced r;
  uint64_t mask = 0;
  if (!dims || dims->empty()) {
    mask = x.dim() ? ~uint64_t{0} >> (64 - x.dim()) : 0;
  } else {
    for (int64_t d : *dims) {
      const uint64_t bit = uint64_t{1} << wrap_dim(op, d, x.dim());
      if (mask & bit) throw ShapeError("{}: dim {} appears multiple times in the list of dims", op, d);
      mask |= bit;
    }
  }
  for (int d = 0; d < x.dim(); ++d) {
    const bool gone = mask >> d & 1;
    r.keepdim.push_back(gone ? 1 : x.size(d));
    if (gone)
      r.dims.push_back(d), r.length *= x.size(d);
    else
      r.kept.push_back(x.size(d)), r.rows *= x.size(d);
  }
  r.outer = !r.dims.empty() && r.dims.back() == r.dims.size() - 1 && !r.kept.empty();
  return r;
}

Tensor rows_of(const Tensor& x, const Reduced& r) {
  Dims shape, strides;
  int next = 0;
  for (int d = 0; d < x.dim(); ++d) {
    if (next < r.dims.size() && r.dims[next] == d) {
      ++next;
      continue;
    }
    shape.push_back(x.size(d));
    strides.push_back(x.strides()[d]);
  }
  for (int64_t d : r.dims)
    shape.push_back(x.size(static_cast<int>(d))), strides.push_back(x.strides()[static_cast<int>(d)]);
  return contiguous_data(x.alias(shape, strides, x.impl()->offset));
}

Tensor with_dims(const Tensor& t, const Reduced& r) {
  return t.shape() == r.keepdim ? t : reshape(t, r.keepdim);
}

namespace {

constexpr int64_t kBlock = 1024;  // float sums of this many stay exact enough; blocks are added in double

double sum_row(DType t, const char* p, int64_t n) {
  const auto& k = cpu::row_kernels(t);
  if (n <= kBlock) return k.sum(p, n);
  const int64_t blocks = (n + kBlock - 1) / kBlock;
  std::vector<double> partial(static_cast<size_t>(blocks));
  parallel_for(blocks, 64, [&](int64_t begin, int64_t end) {
    for (int64_t b = begin; b < end; ++b)
      partial[static_cast<size_t>(b)] = k.sum(p + b * kBlock * itemsize(t), std::min(kBlock, n - b * kBlock));
  });
  double total = 0;
  for (double v : partial) total += v;
  return total;
}

// Sums of the reduced dimensions in `out` (contiguous, r.rows elements of x's dtype, or int64 for integers and bool).
void sum_into(const Tensor& out, const Tensor& x, const Reduced& r) {
  const DType t = x.dtype();
  if (!is_differentiable(t)) {
    const Tensor rows = rows_of(x, r);
    visit_real(t, [&]<class T>(T) {
      const T* p = rows.data<T>();
      for (int64_t i = 0; i < r.rows; ++i) {
        Whole total = 0;
        for (int64_t k = 0; k < r.length; ++k) total = total + Whole(cast<int64_t>(p[i * r.length + k]));
        out.data<int64_t>()[i] = total.v;
      }
    });
    return;
  }
  const int64_t item = itemsize(t);
  if (r.outer && x.is_contiguous() && r.rows > 1) {
    // Rows are added up where they lie; blocks of 64 bound the error.
    const auto& k = cpu::row_kernels(t);
    copy_elements(out, full({}, 0, t));
    Tensor block = Tensor::empty(out.shape(), t);
    for (int64_t begin = 0; begin < r.length; begin += 64) {
      copy_elements(block, full({}, 0, t));
      for (int64_t i = begin; i < std::min(begin + 64, r.length); ++i)
        k.add_into(block.raw(), x.raw() + i * r.rows * item, r.rows);
      k.add_into(out.raw(), block.raw(), r.rows);
    }
    return;
  }
  const Tensor rows = rows_of(x, r);
  visit_compute(t, [&]<class T>(T) {
    T* o = out.data<T>();
    if (r.rows == 1) {
      *o = static_cast<T>(sum_row(t, rows.raw(), r.length));
      return;
    }
    parallel_for(r.rows, std::max<int64_t>(1, kGrain / std::max<int64_t>(1, r.length)),
                 [&](int64_t begin, int64_t end) {
                   const auto& k = cpu::row_kernels(t);
                   for (int64_t i = begin; i < end; ++i) {
                     double total = 0;
                     for (int64_t b = 0; b < r.length; b += kBlock)
                       total += k.sum(rows.raw() + (i * r.length + b) * item, std::min(kBlock, r.length - b));
                     o[i] = static_cast<T>(total);
                   }
                 });
  });
}

// Sums in the type that is computed with (16-bit floats: float32), so that the caller can round once.
Tensor sum_data(const Tensor& x, const Reduced& r, bool keepdim) {
  if (is_half(x.dtype())) return sum_data(cast_data(x, DType::float32), r, keepdim);
  Tensor out = Tensor::empty(keepdim ? r.keepdim : r.kept, is_differentiable(x.dtype()) ? x.dtype() : DType::int64);
  if (!is_complex(x.dtype())) {
    sum_into(out, x, r);
  } else {
    const NoGrad off;
    const Unobserved part_of_the_op;
    for (int k = 0; k < 2; ++k) {
      const Tensor total = Tensor::empty(out.shape(), to_real(x.dtype()));
      sum_into(total, contiguous_data(select(view_as_real(x), -1, k)), r);
      copy_elements(select(view_as_real(out), -1, k), total);
    }
  }
  return out;
}

void divide(const Tensor& x, int64_t count) {
  if (is_complex(x.dtype())) {
    const NoGrad off;
    const Unobserved part_of_the_op;
    return divide(view_as_real(x), count);
  }
  visit_compute(x.dtype(), [&]<class T>(T) {
    for (int64_t i = 0; i < x.numel(); ++i) x.data<T>()[i] = static_cast<T>(x.data<T>()[i] / static_cast<T>(count));
  });
}

const NodeType kSum0{"SumBackward0", {"grad.expand(self.shape)"}};
const NodeType kSum1{"SumBackward1", {"grad.unsqueeze(dim).expand(self.shape)"}};
const NodeType kMean0{"MeanBackward0", {"grad.expand(self.shape) / self.numel()"}};
const NodeType kMean1{"MeanBackward1", {"grad.unsqueeze(dim).expand(self.shape) / self.size(dim)"}};
const NodeType kVar{"VarBackward0", {"grad * 2 / (n - correction) * (self - self.mean(dim))"}};

class SumNode : public InlineNode<1> {
 public:
  SumNode(const NodeType& type, const Tensor& x, Reduced r, double scale)
      : type_(type), shape_(x.shape()), r_(std::move(r)), scale_(scale) {}
  const NodeType& type() const override { return type_; }
  void apply(std::span<Tensor> grads, std::span<Tensor> out) override {
    if (!grads[0].defined()) return;
    const Tensor g = scale_ == 1 ? grads[0] : grads[0] * scale_;
    out[0] = expand(with_dims(g, r_), shape_);
  }
  std::vector<Slot> slots() const override { return {{"self_sym_sizes", nullptr, to_string(shape_)}}; }

 private:
  const NodeType& type_;
  Dims shape_;
  Reduced r_;
  double scale_;
};

class VarNode : public InlineNode<1> {
 public:
  VarNode(const Tensor& x, Reduced r, double correction) : self_(x, false), r_(std::move(r)), correction_(correction) {}
  const NodeType& type() const override { return kVar; }
  void apply(std::span<Tensor> grads, std::span<Tensor> out) override {
    if (!grads[0].defined()) return;
    const Tensor x = self_.unpack(*this, "self");
    const double n = static_cast<double>(r_.length);
    const Tensor g = with_dims(grads[0], r_) * (2 / (n - correction_));
    out[0] = g * (x - mean(x, r_.dims, true));
  }
  void release_saved() override { self_.reset(); }
  std::vector<Slot> slots() const override {
    return {{"self", &self_}, {"correction", nullptr, fmt::format("{:g}", correction_)}};
  }

 private:
  SavedVariable self_;
  Reduced r_;
  double correction_;
};

}  // namespace

Tensor sum(const Tensor& x, const OptionalDims& dims, bool keepdim) {
  static const OpSchema schema{"sum"};
  const Reduced r = reduce_over("sum", x, dims);
  Tensor out = sum_data(x, r, keepdim);
  if (is_half(x.dtype())) out = cast_data(out, x.dtype());
  Ref<Node> node;
  if (needs_grad(x)) node = make_node<SumNode>(dims ? kSum1 : kSum0, x, r, 1.0);
  return finish(schema, std::move(out), std::move(node), x);
}

Tensor mean(const Tensor& x, const OptionalDims& dims, bool keepdim) {
  static const OpSchema schema{"mean"};
  if (!is_differentiable(x.dtype()))
    throw DTypeError(
        "mean(): could not infer output dtype. Input dtype must be either a floating point or complex dtype. Got: {}; "
        "cast it with .to(float32), or give a dtype",
        name_of(x.dtype()));
  const Reduced r = reduce_over("mean", x, dims);
  Tensor out = sum_data(x, r, keepdim);
  const double scale = 1 / static_cast<double>(r.length);
  divide(out, r.length);
  if (is_half(x.dtype())) out = cast_data(out, x.dtype());
  Ref<Node> node;
  if (needs_grad(x)) node = make_node<SumNode>(dims ? kMean1 : kMean0, x, r, scale);
  return finish(schema, std::move(out), std::move(node), x);
}

Tensor var(const Tensor& x, const OptionalDims& dims, double correction, bool keepdim) {
  static const OpSchema schema{"var"};
  if (!is_floating(x.dtype()))
    throw DTypeError(
        "var: the input is {}, and has to be floating; {}", name_of(x.dtype()),
        is_complex(x.dtype()) ? "var(x.real) + var(x.imag) is that of complex numbers" : "cast it with .to(float32)");
  const Reduced r = reduce_over("var", x, dims);
  const Tensor rows = rows_of(x, r);
  Tensor out = Tensor::empty(keepdim ? r.keepdim : r.kept, x.dtype());
  visit_floating(x.dtype(), [&]<class T>(T) {
    for (int64_t i = 0; i < r.rows; ++i) {
      const T* p = rows.data<T>() + i * r.length;
      double mean = 0, squares = 0;
      for (int64_t k = 0; k < r.length; ++k) mean += double{p[k]};
      mean /= static_cast<double>(r.length);
      for (int64_t k = 0; k < r.length; ++k) squares += (p[k] - mean) * (p[k] - mean);
      out.data<T>()[i] = static_cast<T>(squares / std::max(0.0, static_cast<double>(r.length) - correction));
    }
  });
  Ref<Node> node;
  if (needs_grad(x)) node = make_node<VarNode>(x, r, correction);
  return finish(schema, std::move(out), std::move(node), x);
}

namespace {

using MaybeDType = std::optional<DType>;

const Offered kReductions{
    op<[](const Tensor& x, const OptionalDims& dims, bool keepdim, MaybeDType dtype) {
      return dtype ? to(sum(to(x, *dtype), dims, keepdim), *dtype) : sum(x, dims, keepdim);
    }>("sum(input, dim=None, keepdim=False, *, dtype=None)"),
    op<[](const Tensor& x, const OptionalDims& dims, bool keepdim, MaybeDType dtype) {
      return mean(dtype ? to(x, *dtype) : x, dims, keepdim);
    }>("mean(input, dim=None, keepdim=False, *, dtype=None)"),
    op<[](const Tensor& x, const OptionalDims& dims, double correction, bool keepdim) {
      return var(x, dims, correction, keepdim);
    }>("var(input, dim=None, *, correction=1, keepdim=False)",
       "Mean squared distance from the mean, over n - correction."),
    op<[](const Tensor& x, const OptionalDims& dims, double correction, bool keepdim) {
      return math::sqrt(var(x, dims, correction, keepdim));
    }>("std(input, dim=None, *, correction=1, keepdim=False)"),
};

}  // namespace

}  // namespace tapescope::ops
