// Operators and functions on tensors, so that op texts read the same on them.
#include "core/ops/math.h"
#include "core/ops/ops.h"

namespace tapescope {
namespace {

using namespace ops;

const PointwiseInfo& add_op() {
  static const PointwiseInfo& op = pointwise("add", 2);
  return op;
}
const PointwiseInfo& sub_op() {
  static const PointwiseInfo& op = pointwise("sub", 2);
  return op;
}
const PointwiseInfo& mul_op() {
  static const PointwiseInfo& op = pointwise("mul", 2);
  return op;
}
const PointwiseInfo& div_op() {
  static const PointwiseInfo& op = pointwise("div", 2);
  return op;
}
Tensor number(double v, const Tensor& like) {
  return number_like(v, like);
}

}  // namespace

// clang-format off
Tensor operator+(const Tensor& a, const Tensor& b) { return binary(add_op(), a, b); }
Tensor operator-(const Tensor& a, const Tensor& b) { return binary(sub_op(), a, b); }
Tensor operator*(const Tensor& a, const Tensor& b) { return binary(mul_op(), a, b); }
Tensor operator/(const Tensor& a, const Tensor& b) { return binary(div_op(), a, b); }
Tensor operator-(const Tensor& a) { return ops::apply("neg", a); }
Tensor operator+(const Tensor& a, double b) { return a + number(b, a); }
Tensor operator+(double a, const Tensor& b) { return number(a, b) + b; }
Tensor operator-(const Tensor& a, double b) { return a - number(b, a); }
Tensor operator-(double a, const Tensor& b) { return number(a, b) - b; }
Tensor operator*(const Tensor& a, double b) { return a * number(b, a); }
Tensor operator*(double a, const Tensor& b) { return number(a, b) * b; }
Tensor operator/(const Tensor& a, double b) { return a / number(b, a); }
Tensor operator/(double a, const Tensor& b) { return number(a, b) / b; }
Tensor operator>(const Tensor& a, const Tensor& b) { return compare(Comparison::gt, a, b); }
Tensor operator<(const Tensor& a, const Tensor& b) { return compare(Comparison::lt, a, b); }
Tensor operator==(const Tensor& a, const Tensor& b) { return compare(Comparison::eq, a, b); }
Tensor operator>(const Tensor& a, double b) { return compare(Comparison::gt, a, number(b, a)); }
Tensor operator<(const Tensor& a, double b) { return compare(Comparison::lt, a, number(b, a)); }
Tensor operator>=(const Tensor& a, double b) { return compare(Comparison::ge, a, number(b, a)); }
Tensor operator<=(const Tensor& a, double b) { return compare(Comparison::le, a, number(b, a)); }
Tensor operator==(const Tensor& a, double b) { return compare(Comparison::eq, a, number(b, a)); }
Tensor operator&(const Tensor& a, const Tensor& b) { return logical_and(a, b); }

namespace ops::math {

Tensor abs(const Tensor& x) { return apply("abs", x); }
Tensor exp(const Tensor& x) { return apply("exp", x); }
Tensor log(const Tensor& x) { return apply("log", x); }
Tensor sqrt(const Tensor& x) { return apply("sqrt", x); }
Tensor sin(const Tensor& x) { return apply("sin", x); }
Tensor cos(const Tensor& x) { return apply("cos", x); }
Tensor tanh(const Tensor& x) { return apply("tanh", x); }
Tensor trunc(const Tensor& x) { return apply("trunc", x); }
Tensor floor_divide(const Tensor& a, const Tensor& b) { return apply("floor_divide", detach(a), detach(b)); }
Tensor maximum(const Tensor& a, const Tensor& b) { return apply("maximum", a, b); }
Tensor minimum(const Tensor& a, const Tensor& b) { return apply("minimum", a, b); }
Tensor pow(const Tensor& x, double e) { return apply("pow", x, {e}); }
Tensor pow(const Tensor& x, const Tensor& e) { return apply("pow", x, e); }
Tensor where(const Tensor& c, const Tensor& a, const Tensor& b) { return ops::where(c, a, b); }
Tensor where(const Tensor& c, const Tensor& a, double b) { return ops::where(c, a, number(b, a)); }
Tensor where(const Tensor& c, double a, const Tensor& b) { return ops::where(c, number(a, b), b); }
Tensor where(const Tensor& c, double a, double b) { return ops::where(c, number(a, c), number(b, c)); }

}  // namespace ops::math
// clang-format on
}  // namespace tapescope
