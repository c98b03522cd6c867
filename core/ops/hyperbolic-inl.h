// tanh, sigmoid.
#if defined(TAPESCOPE_HYPERBOLIC_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef TAPESCOPE_HYPERBOLIC_INL
#undef TAPESCOPE_HYPERBOLIC_INL
#else
#define TAPESCOPE_HYPERBOLIC_INL
#endif

#include <string_view>

#include "core/backend/lanes-inl.h"
#include "core/ops/op_struct.h"

HWY_BEFORE_NAMESPACE();
namespace tapescope::ops::HWY_NAMESPACE {

// tanh x; slope 1 - tanh² x.
struct Tanh {
  static constexpr std::string_view name = "tanh", node = "TanhBackward0";
  static constexpr Keep keep = Keep::output;
  static constexpr bool integers = false;
  static constexpr bool complex = true;
  static constexpr auto f(auto x) { return math::tanh(x); }
  static constexpr auto df(auto result) { return 1 - result * result; }
};

// 1 / (1 + e^-x); slope σ (1 - σ).
struct Sigmoid {
  static constexpr std::string_view name = "sigmoid", node = "SigmoidBackward0";
  static constexpr Keep keep = Keep::output;
  static constexpr bool integers = false;
  static constexpr bool complex = true;
  static constexpr auto f(auto x) { return 1 / (1 + math::exp(-x)); }
  static constexpr auto df(auto result) { return result * (1 - result); }
};

using HyperbolicOps = OpList<Tanh, Sigmoid>;

}  // namespace tapescope::ops::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif
