// exp, log, sqrt, and powers with a fixed exponent.
#if defined(TAPESCOPE_EXPONENTIAL_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef TAPESCOPE_EXPONENTIAL_INL
#undef TAPESCOPE_EXPONENTIAL_INL
#else
#define TAPESCOPE_EXPONENTIAL_INL
#endif

#include <string_view>

#include "core/backend/lanes-inl.h"
#include "core/ops/op_struct.h"

HWY_BEFORE_NAMESPACE();
namespace tapescope::ops::HWY_NAMESPACE {

struct Exp {
  static constexpr std::string_view name = "exp", node = "ExpBackward0";
  static constexpr Keep keep = Keep::output;
  static constexpr bool integers = false;
  static constexpr bool complex = true;
  static constexpr auto f(auto x) { return math::exp(x); }
  static constexpr auto df(auto result) { return result; }
};

struct Log {
  static constexpr std::string_view name = "log", node = "LogBackward0";
  static constexpr Keep keep = Keep::input;
  static constexpr bool integers = false;
  static constexpr bool complex = true;
  static constexpr auto f(auto x) { return math::log(x); }
  static constexpr auto pull(auto g, auto self) { return g / self; }
};

struct Sqrt {
  static constexpr std::string_view name = "sqrt", node = "SqrtBackward0";
  static constexpr Keep keep = Keep::output;
  static constexpr bool integers = false;
  static constexpr bool complex = true;
  static constexpr auto f(auto x) { return math::sqrt(x); }
  static constexpr auto pull(auto g, auto result) { return g / (2 * result); }
};

// x ** exponent for a number as exponent; slope exponent · x ** (exponent - 1), and 0 where the exponent is 0.
struct PowScalar {
  double exponent;
  static constexpr std::string_view name = "pow", node = "PowBackward0";
  static constexpr Keep keep = Keep::input;
  static constexpr bool integers = false;
  static constexpr bool complex = true;
  constexpr auto f(auto x) const { return math::pow(x, exponent); }
  constexpr auto df(auto self) const {
    using X = decltype(self);
    const auto e = argument<X>(exponent, "exponent");
    if constexpr (is_symbol<X>) {
      return e * math::pow(self, e - 1);
    } else {
      return e == 0 ? self * 0.0 : e * math::pow(self, e - 1);
    }
  }
};

using ExponentialOps = OpList<Exp, Log, Sqrt, PowScalar>;

}  // namespace tapescope::ops::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif
