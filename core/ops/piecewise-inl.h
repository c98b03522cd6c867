// Ops with a kink: neg, abs, relu, clamp. Gradients at the kink are PyTorch's.
#if defined(TAPESCOPE_PIECEWISE_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef TAPESCOPE_PIECEWISE_INL
#undef TAPESCOPE_PIECEWISE_INL
#else
#define TAPESCOPE_PIECEWISE_INL
#endif

#include <string_view>

#include "core/backend/lanes-inl.h"
#include "core/ops/op_struct.h"

HWY_BEFORE_NAMESPACE();
namespace tapescope::ops::HWY_NAMESPACE {

struct Neg {
  static constexpr std::string_view name = "neg", node = "NegBackward0";
  static constexpr Keep keep = Keep::none;
  static constexpr bool integers = true;
  static constexpr bool complex = true;
  static constexpr auto f(auto x) { return -x; }
  static constexpr auto pull(auto g, auto) { return -g; }
};

// |x|; slope sign(x), 0 at 0.
struct Abs {
  static constexpr std::string_view name = "abs", node = "AbsBackward0";
  static constexpr Keep keep = Keep::input;
  static constexpr bool integers = true;
  static constexpr auto f(auto x) { return math::abs(x); }
  static constexpr auto pull(auto g, auto self) { return math::where(self > 0, g, math::where(self < 0, -g, g * 0)); }
};

// max(x, 0); the gradient passes where the result is positive. NaN stays NaN.
struct Relu {
  static constexpr std::string_view name = "relu", node = "ReluBackward0";
  static constexpr Keep keep = Keep::output;
  static constexpr bool integers = true;
  static constexpr auto f(auto x) { return math::where(x < 0, 0, x); }
  static constexpr auto pull(auto g, auto result) { return math::where(result > 0, g, 0); }
};

// x held between min and max; the gradient passes where x lies between them, ends included.
struct Clamp {
  double min, max;
  static constexpr std::string_view name = "clamp", node = "ClampBackward1";
  static constexpr Keep keep = Keep::input;
  static constexpr bool integers = true;
  constexpr auto f(auto x) const {
    const auto raised = math::where(x < min, min, x);
    return math::where(raised > max, max, raised);
  }
  constexpr auto pull(auto g, auto self) const {
    using X = decltype(self);
    return math::where((self >= argument<X>(min, "min")) & (self <= argument<X>(max, "max")), g, 0);
  }
};

using PiecewiseOps = OpList<Neg, Abs, Relu, Clamp>;

}  // namespace tapescope::ops::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif
