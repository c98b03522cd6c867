#include "core/ops/symbol.h"

#include <fmt/format.h>

#include <cmath>

#include "core/ops/math.h"

namespace tapescope::ops {

Sym::Sym(double value)
    : text_(fmt::format("{:g}", value)), rank_(value < 0 ? sign : atom), is_number_(true), value_(value) {}

Sym operator+(const Sym& a, const Sym& b) {
  return Sym(fmt::format("{} + {}", a.text(), b.text()), Sym::sum);
}
Sym operator-(const Sym& a, const Sym& b) {
  return Sym(fmt::format("{} - {}", a.text(), b.at_least(Sym::product)), Sym::sum);
}
Sym operator*(const Sym& a, const Sym& b) {
  if (a.is(1)) return b;
  if (b.is(1)) return a;
  if (b.is(-1)) return -a;
  return Sym(fmt::format("{} * {}", a.at_least(Sym::product), b.at_least(Sym::sign)), Sym::product);
}
Sym operator/(const Sym& a, const Sym& b) {
  return Sym(fmt::format("{} / {}", a.at_least(Sym::product), b.at_least(Sym::power)), Sym::product);
}
Sym operator-(const Sym& a) {
  return Sym(fmt::format("-{}", a.at_least(Sym::power)), Sym::sign);
}
Sym operator>(const Sym& a, const Sym& b) {
  return Sym(fmt::format("{} > {}", a.text(), b.text()), Sym::sum);
}
Sym operator<(const Sym& a, const Sym& b) {
  return Sym(fmt::format("{} < {}", a.text(), b.text()), Sym::sum);
}
Sym operator>=(const Sym& a, const Sym& b) {
  return Sym(fmt::format("{} >= {}", a.text(), b.text()), Sym::sum);
}
Sym operator<=(const Sym& a, const Sym& b) {
  return Sym(fmt::format("{} <= {}", a.text(), b.text()), Sym::sum);
}
Sym operator==(const Sym& a, const Sym& b) {
  return Sym(fmt::format("{} == {}", a.text(), b.text()), Sym::sum);
}
Sym operator&(const Sym& a, const Sym& b) {
  return Sym(fmt::format("({}) & ({})", a.text(), b.text()), Sym::sum);
}

namespace math {

Sym pow(const Sym& x, const Sym& e) {
  return Sym(fmt::format("{} ** {}", x.at_least(Sym::atom), e.at_least(Sym::atom)), Sym::power);
}

double pow(double x, double e) {
  return std::pow(x, e);
}

}  // namespace math
}  // namespace tapescope::ops
