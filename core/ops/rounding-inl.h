// Ops that round: floor, ceil, trunc, remainder, fmod, floor_divide.
#if defined(TAPESCOPE_ROUNDING_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef TAPESCOPE_ROUNDING_INL
#undef TAPESCOPE_ROUNDING_INL
#else
#define TAPESCOPE_ROUNDING_INL
#endif

#include <string_view>

#include "core/backend/lanes-inl.h"
#include "core/ops/op_struct.h"

HWY_BEFORE_NAMESPACE();
namespace tapescope::ops::HWY_NAMESPACE {

// What they have in common: flat between its steps.
struct Flat {
  static constexpr Keep keep = Keep::none;
  static constexpr bool integers = true;
  static constexpr auto pull(auto g, auto) { return g * 0; }
};

struct Floor : Flat {
  static constexpr std::string_view name = "floor", node = "FloorBackward0";
  static constexpr auto f(auto x) { return math::floor(x); }
};

struct Ceil : Flat {
  static constexpr std::string_view name = "ceil", node = "CeilBackward0";
  static constexpr auto f(auto x) { return math::ceil(x); }
};

// Towards zero.
struct Trunc : Flat {
  static constexpr std::string_view name = "trunc", node = "TruncBackward0";
  static constexpr auto f(auto x) { return math::trunc(x); }
};

// a - b · floor(a / b), as Python's %: of b's sign. Between two steps of the quotient the slopes are 1 and -quotient.
struct Remainder {
  static constexpr std::string_view name = "remainder", node = "RemainderBackward1";
  static constexpr Keep da_keep = Keep::none, db_keep = Keep::both;
  static constexpr bool integers = true;
  static constexpr bool divides = true;
  static constexpr auto f(auto a, auto b) { return math::remainder(a, b); }
  static constexpr auto da(auto, auto) { return one; }
  static constexpr auto pull_b(auto g, auto self, auto other) { return -g * math::floor_divide(self, other); }
};

// a - b · trunc(a / b), as C's: of a's sign.
struct Fmod {
  static constexpr std::string_view name = "fmod", node = "FmodBackward1";
  static constexpr Keep da_keep = Keep::none, db_keep = Keep::both;
  static constexpr bool integers = true;
  static constexpr bool divides = true;
  static constexpr auto f(auto a, auto b) { return math::fmod(a, b); }
  static constexpr auto da(auto, auto) { return one; }
  static constexpr auto pull_b(auto g, auto self, auto other) { return -g * math::trunc(self / other); }
};

// floor(a / b), as Python's //. PyTorch has no derivative for it.
struct FloorDivide {
  static constexpr std::string_view name = "floor_divide", node = "NotImplemented";
  static constexpr Keep da_keep = Keep::none, db_keep = Keep::none;
  static constexpr bool integers = true;
  static constexpr bool divides = true;
  static constexpr bool differentiable = false;
  static constexpr auto f(auto a, auto b) { return math::floor_divide(a, b); }
};

using RoundingOps = OpList<Floor, Ceil, Trunc, Remainder, Fmod, FloorDivide>;

}  // namespace tapescope::ops::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif
