// Ops on the bits of integers: bitwise_and, bitwise_or, bitwise_xor, bitwise_not. Of bools they are the logical ops.
#if defined(TAPESCOPE_BITWISE_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef TAPESCOPE_BITWISE_INL
#undef TAPESCOPE_BITWISE_INL
#else
#define TAPESCOPE_BITWISE_INL
#endif

#include <string_view>

#include "core/backend/lanes-inl.h"
#include "core/ops/op_struct.h"

HWY_BEFORE_NAMESPACE();
namespace tapescope::ops::HWY_NAMESPACE {

// What they have in common: no value for floats, and so no gradient.
struct OfBits {
  static constexpr std::string_view node = "NotImplemented";
  static constexpr bool integers = true;
  static constexpr bool bools = true;
  static constexpr bool floats = false;
  static constexpr bool differentiable = false;
};

struct BitwiseAnd : OfBits {
  static constexpr std::string_view name = "bitwise_and";
  static constexpr auto f(Whole a, Whole b) { return a & b; }
};

struct BitwiseOr : OfBits {
  static constexpr std::string_view name = "bitwise_or";
  static constexpr auto f(Whole a, Whole b) { return a | b; }
};

struct BitwiseXor : OfBits {
  static constexpr std::string_view name = "bitwise_xor";
  static constexpr auto f(Whole a, Whole b) { return a ^ b; }
};

struct BitwiseNot : OfBits {
  static constexpr std::string_view name = "bitwise_not";
  static constexpr auto f(Whole x) { return ~x; }
};

using BitwiseOps = OpList<BitwiseAnd, BitwiseOr, BitwiseXor, BitwiseNot>;

}  // namespace tapescope::ops::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif
