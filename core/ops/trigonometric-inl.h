// sin, cos.
#if defined(TAPESCOPE_TRIGONOMETRIC_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef TAPESCOPE_TRIGONOMETRIC_INL
#undef TAPESCOPE_TRIGONOMETRIC_INL
#else
#define TAPESCOPE_TRIGONOMETRIC_INL
#endif

#include <string_view>

#include "core/backend/lanes-inl.h"
#include "core/ops/op_struct.h"

HWY_BEFORE_NAMESPACE();
namespace tapescope::ops::HWY_NAMESPACE {

struct Sin {
  static constexpr std::string_view name = "sin", node = "SinBackward0";
  static constexpr Keep keep = Keep::input;
  static constexpr bool integers = false;
  static constexpr bool complex = true;
  static constexpr auto f(auto x) { return math::sin(x); }
  static constexpr auto df(auto self) { return math::cos(self); }
};

struct Cos {
  static constexpr std::string_view name = "cos", node = "CosBackward0";
  static constexpr Keep keep = Keep::input;
  static constexpr bool integers = false;
  static constexpr bool complex = true;
  static constexpr auto f(auto x) { return math::cos(x); }
  static constexpr auto df(auto self) { return -math::sin(self); }
};

using TrigonometricOps = OpList<Sin, Cos>;

}  // namespace tapescope::ops::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif
