// Ops of two tensors: add, sub, mul, div, pow, maximum, minimum.
#if defined(TAPESCOPE_ARITHMETIC_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef TAPESCOPE_ARITHMETIC_INL
#undef TAPESCOPE_ARITHMETIC_INL
#else
#define TAPESCOPE_ARITHMETIC_INL
#endif

#include <string_view>

#include "core/backend/lanes-inl.h"
#include "core/ops/op_struct.h"

HWY_BEFORE_NAMESPACE();
namespace tapescope::ops::HWY_NAMESPACE {

struct Add {
  static constexpr std::string_view name = "add", node = "AddBackward0";
  static constexpr Keep da_keep = Keep::none, db_keep = Keep::none;
  static constexpr bool integers = true;
  static constexpr bool bools = true;
  static constexpr bool complex = true;
  static constexpr auto f(auto a, auto b) { return a + b; }
  static constexpr auto da(auto, auto) { return one; }
  static constexpr auto db(auto, auto) { return one; }
};

struct Sub {
  static constexpr std::string_view name = "sub", node = "SubBackward0";
  static constexpr Keep da_keep = Keep::none, db_keep = Keep::none;
  static constexpr bool integers = true;
  static constexpr bool complex = true;
  static constexpr auto f(auto a, auto b) { return a - b; }
  static constexpr auto da(auto, auto) { return one; }
  static constexpr auto pull_b(auto g, auto, auto) { return -g; }
};

struct Mul {
  static constexpr std::string_view name = "mul", node = "MulBackward0";
  static constexpr Keep da_keep = Keep::b, db_keep = Keep::a;
  static constexpr bool integers = true;
  static constexpr bool bools = true;
  static constexpr bool complex = true;
  static constexpr auto f(auto a, auto b) { return a * b; }
  static constexpr auto da(auto, auto other) { return other; }
  static constexpr auto db(auto self, auto) { return self; }
};

// a / b; slopes 1 / b and -a / b².
struct Div {
  static constexpr std::string_view name = "div", node = "DivBackward0";
  static constexpr Keep da_keep = Keep::b, db_keep = Keep::both;
  static constexpr bool integers = false;
  static constexpr bool complex = true;
  static constexpr auto f(auto a, auto b) { return a / b; }
  static constexpr auto pull_a(auto g, auto, auto other) { return g / other; }
  static constexpr auto pull_b(auto g, auto self, auto other) { return -g * ((self / other) / other); }
};

// a ** b; slopes b · a ** (b - 1) (0 where b is 0) and a ** b · log a (0 where a is 0 and b is not negative).
struct Pow {
  static constexpr std::string_view name = "pow", node = "PowBackward1";
  static constexpr Keep da_keep = Keep::both, db_keep = Keep::both;
  static constexpr bool integers = true;
  static constexpr bool complex = true;
  static constexpr auto f(auto a, auto b) { return math::pow(a, b); }
  static constexpr auto pull_a(auto g, auto self, auto exponent) {
    return math::where(exponent == 0, g * 0, g * (exponent * math::pow(self, exponent - 1)));
  }
  static constexpr auto pull_b(auto g, auto self, auto exponent) {
    return math::where(self == 0, g * 0, g * (math::pow(self, exponent) * math::log(self)));
  }
};

// The larger; NaN if either is. Equal operands share the gradient.
struct Maximum {
  static constexpr std::string_view name = "maximum", node = "MaximumBackward0";
  static constexpr Keep da_keep = Keep::both, db_keep = Keep::both;
  static constexpr bool integers = true;
  static constexpr bool bools = true;
  static constexpr auto f(auto a, auto b) { return math::maximum(a, b); }
  static constexpr auto pull_a(auto g, auto self, auto other) {
    return math::where(self == other, g * 0.5, math::where(self < other, g * 0, g));
  }
  static constexpr auto pull_b(auto g, auto self, auto other) {
    return math::where(self == other, g * 0.5, math::where(self > other, g * 0, g));
  }
};

struct Minimum {
  static constexpr std::string_view name = "minimum", node = "MinimumBackward0";
  static constexpr Keep da_keep = Keep::both, db_keep = Keep::both;
  static constexpr bool integers = true;
  static constexpr bool bools = true;
  static constexpr auto f(auto a, auto b) { return math::minimum(a, b); }
  static constexpr auto pull_a(auto g, auto self, auto other) {
    return math::where(self == other, g * 0.5, math::where(self > other, g * 0, g));
  }
  static constexpr auto pull_b(auto g, auto self, auto other) {
    return math::where(self == other, g * 0.5, math::where(self < other, g * 0, g));
  }
};

using ArithmeticOps = OpList<Add, Sub, Mul, Div, Pow, Maximum, Minimum>;

}  // namespace tapescope::ops::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif
