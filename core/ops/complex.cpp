// Complex numbers and their parts. The gradient of a real function of z = x + iy is dL/dx + i dL/dy.
#include <numbers>

#include "core/ops/iterator.h"
#include "core/ops/record.h"
#include "core/ops/registry.h"

namespace tapescope::ops {
namespace {

const NodeType kAsReal{"ViewAsRealBackward0", {"view_as_complex(grad)"}};
const NodeType kAsComplex{"ViewAsComplexBackward0", {"view_as_real(grad)"}};

// Between a complex tensor and the pairs of numbers in its memory.
class PartsNode : public InlineNode<1> {
 public:
  explicit PartsNode(const NodeType& type) : type_(type) {}
  const NodeType& type() const override { return type_; }
  void apply(std::span<Tensor> grads, std::span<Tensor> out) override {
    if (!grads[0].defined()) return;
    out[0] = &type_ == &kAsReal ? view_as_complex(contiguous(grads[0])) : view_as_real(grads[0]);
  }

 private:
  const NodeType& type_;
};

// Ops of one operand that are no holomorphic function of it, each with its own way back.
struct Formula {
  OpSchema schema;
  NodeType type;
  Tensor (*back)(const Tensor& grad, const Tensor& self);
  bool keeps;
};

class FormulaNode : public InlineNode<1> {
 public:
  FormulaNode(const Formula& f, const Tensor& self) : formula_(f) {
    if (f.keeps) self_ = SavedVariable(self, false);
  }
  const NodeType& type() const override { return formula_.type; }
  void apply(std::span<Tensor> grads, std::span<Tensor> out) override {
    if (grads[0].defined()) out[0] = formula_.back(grads[0], formula_.keeps ? self_.unpack(*this, "self") : Tensor());
  }
  void release_saved() override { self_.reset(); }
  std::vector<Slot> slots() const override {
    return formula_.keeps ? std::vector<Slot>{{"self", &self_}} : std::vector<Slot>{};
  }

 private:
  const Formula& formula_;
  SavedVariable self_;
};

const Formula kConj{
    {"conj"}, {"ConjBackward0", {"grad.conj()"}}, [](const Tensor& g, const Tensor&) { return conj(g); }, false};
const Formula kAbs{
    {"abs"}, {"AbsBackward0", {"grad * sgn(self)"}}, [](const Tensor& g, const Tensor& z) { return g * sgn(z); }, true};
const Formula kAngle{{"angle"},
                     {"AngleBackward0", {"where(self == 0, 0, grad * i * self / |self| ** 2)"}},
                     [](const Tensor& g, const Tensor& z) {
                       if (!is_complex(z.dtype())) return g * 0.0;
                       const Tensor length = complex_abs(z), i = scalar(std::complex<double>(0, 1), z.dtype());
                       return math::where(z == 0.0, 0.0, sgn(z) * i * (g / length));
                     },
                     true};
const Formula kSgn{{"sgn"},
                   {"SgnBackward0", {"where(self == 0, 0, (grad - real(grad * conj(sgn)) * sgn) / |self|)"}},
                   [](const Tensor& g, const Tensor& z) {
                     if (!is_complex(z.dtype())) return g * 0.0;
                     const Tensor s = sgn(z);
                     return math::where(z == 0.0, 0.0, (g - s * real(g * conj(s))) / complex_abs(z));
                   },
                   true};

struct Conjugate {
  auto operator()(auto z) const { return std::conj(z); }
};
struct Length {
  auto operator()(auto z) const { return decltype(z)(std::abs(z)); }
};
struct Direction {
  auto operator()(auto z) const { return decltype(z)(std::arg(z)); }
};
struct Unit {
  auto operator()(auto z) const {
    const auto length = std::abs(z);
    return length == 0 ? decltype(z)(0) : z / length;
  }
};

template <class T, class F>
void loop(void* out, const void* const* in, unsigned scalars, int64_t n, const double*) {
  const auto* z = static_cast<const T*>(in[0]);
  for (int64_t i = 0; i < n; ++i) static_cast<T*>(out)[i] = F{}(z[scalars & 1 ? 0 : i]);
}

// F of complex x; a real result is cast from the real part.
template <class F>
Tensor map(const Formula& f, const Tensor& x, DType result) {
  Tensor out = Tensor::empty(x.shape(), result);
  const Tensor* in[] = {&x};
  run(visit_complex(x.dtype(), []<class T>(T) -> PointwiseKernel { return loop<T, F>; }), x.dtype(), out, in);
  Ref<Node> node;
  if (needs_grad(x)) node = make_node<FormulaNode>(f, x);
  return finish(f.schema, std::move(out), std::move(node), x);
}

// The same of real x, by ops that are not recorded.
template <class F>
Tensor map_real(const Formula& f, const Tensor& x, F value) {
  Tensor out;
  {
    const NoGrad off;
    const Unobserved part_of_the_op;
    out = value();
  }
  Ref<Node> node;
  if (needs_grad(x)) node = make_node<FormulaNode>(f, x);
  return finish(f.schema, std::move(out), std::move(node), x);
}

const NodeType kComplex{"ComplexBackward0", {"grad.real", "grad.imag"}};

class ComplexNode : public InlineNode<2> {
 public:
  const NodeType& type() const override { return kComplex; }
  void apply(std::span<Tensor> grads, std::span<Tensor> out) override {
    if (!grads[0].defined()) return;
    if (edge(0)) out[0] = real(grads[0]);
    if (edge(1)) out[1] = imag(grads[0]);
  }
};

}  // namespace

Tensor view_as_real(const Tensor& x) {
  static const OpSchema schema{"view_as_real"};
  if (!is_complex(x.dtype()))
    throw DTypeError("view_as_real is only supported for complex tensors; this one is {}", name_of(x.dtype()));
  Dims shape = x.shape(), strides = x.strides();
  for (int d = 0; d < x.dim(); ++d) strides[d] *= 2;
  shape.push_back(2);
  strides.push_back(1);
  Ref<Node> node;
  if (needs_grad(x)) node = make_node<PartsNode>(kAsReal);
  return finish_view(schema, x.alias(shape, strides, 2 * x.impl()->offset, to_real(x.dtype())), std::move(node), x);
}

Tensor view_as_complex(const Tensor& x) {
  static const OpSchema schema{"view_as_complex"};
  if (x.dtype() != DType::float32 && x.dtype() != DType::float64)
    throw DTypeError("view_as_complex is only supported for float32 and float64 tensors; this one is {}",
                     name_of(x.dtype()));
  if (x.dim() == 0 || x.size(x.dim() - 1) != 2)
    throw ShapeError("view_as_complex: Tensor must have a last dimension of size 2, and this one has shape {}",
                     to_string(x.shape()));
  const int last = x.dim() - 1;
  bool even = x.strides()[last] == 1 && x.impl()->offset % 2 == 0;
  for (int d = 0; d < last; ++d) even = even && (x.strides()[d] % 2 == 0 || x.size(d) == 1);
  if (!even)
    throw ShapeError(
        "view_as_complex: the pairs have to lie side by side at even places, but strides are {} and the offset is {}; "
        "use .contiguous()",
        to_string(x.strides()), x.impl()->offset);
  Dims shape, strides;
  for (int d = 0; d < last; ++d) shape.push_back(x.size(d)), strides.push_back(x.strides()[d] / 2);
  Ref<Node> node;
  if (needs_grad(x)) node = make_node<PartsNode>(kAsComplex);
  return finish_view(schema, x.alias(shape, strides, x.impl()->offset / 2, to_complex(x.dtype())), std::move(node), x);
}

Tensor view_parts(const Tensor& x, DType dtype) {
  if (is_complex(x.dtype()) == is_complex(dtype)) return x;
  return is_complex(dtype) ? view_as_complex(x) : view_as_real(x);
}

Tensor view_bits(const Tensor& x, DType dtype) {
  static const OpSchema schema{"view"};
  if (itemsize(dtype) != itemsize(x.dtype()))
    throw DTypeError("view: {} has {} bytes an element and {} has {}; .to(dtype) converts values", name_of(x.dtype()),
                     itemsize(x.dtype()), name_of(dtype), itemsize(dtype));
  return finish(schema, x.alias(x.shape(), x.strides(), x.impl()->offset, dtype), Ref<Node>(), x);
}

Tensor real(const Tensor& x) {
  return is_complex(x.dtype()) ? select(view_as_real(x), -1, 0) : x;
}

Tensor imag(const Tensor& x) {
  if (!is_complex(x.dtype()))
    throw DTypeError("imag is not implemented for tensors with non-complex dtypes; this one is {}, and has none",
                     name_of(x.dtype()));
  return select(view_as_real(x), -1, 1);
}

Tensor conj(const Tensor& x) {
  return is_complex(x.dtype()) ? map<Conjugate>(kConj, x, x.dtype()) : x;
}

Tensor complex_abs(const Tensor& x) {
  return map<Length>(kAbs, x, to_real(x.dtype()));
}

Tensor angle(const Tensor& x) {
  if (is_complex(x.dtype())) return map<Direction>(kAngle, x, to_real(x.dtype()));
  const DType result = is_floating(x.dtype()) ? x.dtype() : default_dtype;
  return map_real(kAngle, x, [&] {
    const Tensor v = to(x, result), zero = scalar(0.0, result);
    return where(v < 0.0, scalar(std::numbers::pi, result), where(v == v, zero, v));
  });
}

Tensor sgn(const Tensor& x) {
  if (is_complex(x.dtype())) return map<Unit>(kSgn, x, x.dtype());
  return map_real(kSgn, x, [&] {
    const Tensor zero = scalar(0.0, x.dtype());
    const Tensor above = compare(Comparison::gt, x, zero), below = compare(Comparison::lt, x, zero);
    return is_signed(x.dtype()) ? to(above, x.dtype()) - to(below, x.dtype()) : to(above, x.dtype());
  });
}

Tensor complex(const Tensor& re, const Tensor& im) {
  static const OpSchema schema{"complex"};
  if (re.dtype() != im.dtype() || (re.dtype() != DType::float32 && re.dtype() != DType::float64))
    throw DTypeError("complex: expects both parts to be float32, or both float64, but got {} and {}; cast with .to(…)",
                     name_of(re.dtype()), name_of(im.dtype()));
  Tensor out = Tensor::empty(broadcast_shapes("complex", re.shape(), im.shape()), to_complex(re.dtype()));
  {
    const NoGrad off;
    const Unobserved part_of_the_op;
    copy_elements(real(out), re);
    copy_elements(imag(out), im);
  }
  Ref<Node> node;
  if (needs_grad(re, im)) node = make_node<ComplexNode>();
  return finish(schema, std::move(out), std::move(node), re, im);
}

Tensor polar(const Tensor& length, const Tensor& angle) {
  return complex(length * math::cos(angle), length * math::sin(angle));
}

Tensor adjoint(const Tensor& x) {
  return conj(x.dim() == 2 ? t(x) : transpose(x, -2, -1));
}

namespace {

const Offered kComplexOffers{
    op<&conj>("conj(input)", "re - i im; a real tensor itself."),
    op<&angle>("angle(input)", "In radians, in (-pi, pi]."),
    op<&sgn>("sgn(input)", "x / |x|, and 0 at 0."),
    op<[](const Tensor& x) {
      if (x.dim() < 2) throw ShapeError("adjoint: takes matrices, and this tensor has {} dimensions", x.dim());
      return adjoint(x);
    }>("adjoint(input)", "The conjugate transpose of the last two dimensions."),
    function<&real>("real(input)", "The real part of a complex tensor, as a view; a real tensor itself."),
    function<&imag>("imag(input)", "The imaginary part of a complex tensor, as a view."),
    function<&view_as_real>("view_as_real(input)",
                            "A complex tensor's memory as real numbers, with a last dimension of size 2."),
    function<&view_as_complex>(
        "view_as_complex(input)",
        "A real tensor's memory as complex numbers: its last dimension has size 2 and stride 1."),
    function<&complex>("complex(real, imag)", "real + i imag."),
    function<&polar>("polar(abs, angle)", "abs * (cos angle + i sin angle)."),
    op<&view_bits>("view(self, dtype)", "The same bits as elements of another type of that size."),
};

}  // namespace

}  // namespace tapescope::ops
