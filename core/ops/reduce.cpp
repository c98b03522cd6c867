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
const NodeType kStd{"StdBackward0",
                    {"where(result == 0, 0, grad / result) / (n - correction) * (self - self.mean(dim))"}};

class SumNode : public InlineNode<1> {
 public:
  SumNode(const NodeType& type, const Tensor& x, Reduced r, double scale, bool keepdim)
      : type_(type), shape_(x.shape()), r_(std::move(r)), scale_(scale), keepdim_(keepdim) {}
  const NodeType& type() const override { return type_; }
  void apply(std::span<Tensor> grads, std::span<Tensor> out) override {
    if (!grads[0].defined()) return;
    const Tensor g = scale_ == 1 ? grads[0] : grads[0] * scale_;
    out[0] = expand(with_dims(g, r_), shape_);
  }
  std::vector<Slot> slots() const override {
    std::vector<Slot> s{{"self_sym_sizes", nullptr, to_string(shape_)}};
    if (&type_ == &kSum0 || &type_ == &kMean0) return s;
    s.push_back({"dim", nullptr, to_string(r_.dims)});
    s.push_back({"keepdim", nullptr, keepdim_ ? "True" : "False"});
    return s;
  }

 private:
  const NodeType& type_;
  Dims shape_;
  Reduced r_;
  double scale_;
  bool keepdim_;
};

// Of var, and of std, which keeps its result. The slope of std is infinite where it is 0; PyTorch's gradient is 0
// there.
class VarNode : public InlineNode<1> {
 public:
  VarNode(const Tensor& x, Reduced r, double correction, bool root)
      : self_(x, false), r_(std::move(r)), correction_(correction), root_(root) {}
  void save_result(const Tensor& result) { result_ = SavedVariable(result, true); }
  const NodeType& type() const override { return root_ ? kStd : kVar; }
  void apply(std::span<Tensor> grads, std::span<Tensor> out) override {
    if (!grads[0].defined()) return;
    const Tensor x = self_.unpack(*this, "self");
    Tensor g = grads[0];
    if (root_) {
      const Tensor std = result_.unpack(*this, "result");
      g = math::where(std == 0.0, 0.0, g / (std * 2));
    }
    g = with_dims(g, r_) * (2 / (static_cast<double>(r_.length) - correction_));
    out[0] = g * (x - mean(x, r_.dims, true));
  }
  void release_saved() override { self_.reset(), result_.reset(); }
  std::vector<Slot> slots() const override {
    std::vector<Slot> s{{"self", &self_}, {"correction", nullptr, fmt::format("{:g}", correction_)}};
    if (root_) s.push_back({"result", &result_});
    return s;
  }

 private:
  SavedVariable self_, result_;
  Reduced r_;
  double correction_;
  bool root_;
};

// Sum of the squared distances from the mean. Of complex numbers: from a mean in the plane, so that the variance is
// that of the real parts and that of the imaginary parts together.
template <class T>
double squared_distances(const T* p, int64_t n) {
  using Wide = std::conditional_t<is_complex_type<T>, std::complex<double>, double>;
  Wide mean = 0;
  for (int64_t k = 0; k < n; ++k) mean += cast<Wide>(p[k]);
  mean /= static_cast<double>(n);
  double total = 0;
  for (int64_t k = 0; k < n; ++k) {
    const Wide off = cast<Wide>(p[k]) - mean;
    if constexpr (is_complex_type<T>)
      total += std::norm(off);
    else
      total += off * off;
  }
  return total;
}

// var, or its root.
Tensor spread(const OpSchema& schema, const Tensor& x, const OptionalDims& dims, double correction, bool keepdim,
              bool root) {
  if (!is_differentiable(x.dtype()))
    throw DTypeError("{}: std and var only support floating point and complex dtypes, not {}; cast with .to(float32)",
                     schema.name, name_of(x.dtype()));
  const Reduced r = reduce_over(schema.name, x, dims);
  const Tensor rows = rows_of(x, r);
  Tensor out = Tensor::empty(keepdim ? r.keepdim : r.kept, to_real(x.dtype()));
  const auto fill = [&]<class T>(T) {
    visit_floating(out.dtype(), [&]<class Out>(Out) {
      for (int64_t i = 0; i < r.rows; ++i) {
        const double var = squared_distances(rows.data<T>() + i * r.length, r.length) /
                           std::max(0.0, static_cast<double>(r.length) - correction);
        out.data<Out>()[i] = static_cast<Out>(root ? std::sqrt(var) : var);
      }
    });
  };
  if (is_complex(x.dtype()))
    visit_complex(x.dtype(), fill);
  else
    visit_floating(x.dtype(), fill);
  if (!needs_grad(x)) return finish(schema, std::move(out), Ref<Node>(), x);
  auto node = make_node<VarNode>(x, r, correction, root);
  VarNode* n = node.get();
  out = finish(schema, std::move(out), std::move(node), x);
  if (root) n->save_result(out);
  return out;
}

}  // namespace

Tensor sum(const Tensor& x, const OptionalDims& dims, bool keepdim) {
  static const OpSchema schema{"sum"};
  const Reduced r = reduce_over("sum", x, dims);
  Tensor out = sum_data(x, r, keepdim);
  if (is_half(x.dtype())) out = cast_data(out, x.dtype());
  Ref<Node> node;
  if (needs_grad(x)) node = make_node<SumNode>(dims ? kSum1 : kSum0, x, r, 1.0, keepdim);
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
  if (needs_grad(x)) node = make_node<SumNode>(dims ? kMean1 : kMean0, x, r, scale, keepdim);
  return finish(schema, std::move(out), std::move(node), x);
}

Tensor var(const Tensor& x, const OptionalDims& dims, double correction, bool keepdim) {
  static const OpSchema schema{"var"};
  return spread(schema, x, dims, correction, keepdim, false);
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
    op<&var>("var(input, dim=None, *, correction=1, keepdim=False)",
             "Mean squared distance from the mean, over n - correction."),
    op<[](const Tensor& x, const OptionalDims& dims, double correction, bool keepdim) {
      static const OpSchema schema{"std"};
      return spread(schema, x, dims, correction, keepdim, true);
    }>("std(input, dim=None, *, correction=1, keepdim=False)", "The root of var."),
};

}  // namespace

}  // namespace tapescope::ops
