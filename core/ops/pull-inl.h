// pull<K>: the gradient of an operand, from whichever of its forms an op gives. Compiled once a target.
#if defined(TAPESCOPE_PULL_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef TAPESCOPE_PULL_INL
#undef TAPESCOPE_PULL_INL
#else
#define TAPESCOPE_PULL_INL
#endif

#include "core/backend/targets.h"
#include "core/ops/op_struct.h"

HWY_BEFORE_NAMESPACE();
namespace tapescope::ops::HWY_NAMESPACE {

// The gradient of operand K. kept: what a unary op kept; both operands of a binary op.
template <int K, class Op, class G, class... Kept>
constexpr auto pull(const Op& op, G g, Kept... kept) {
  if constexpr (K == 0 && requires { op.pull(g, kept...); }) {
    return op.pull(g, kept...);
  } else if constexpr (K == 0 && requires { op.pull_a(g, kept...); }) {
    return op.pull_a(g, kept...);
  } else if constexpr (K == 1 && requires { op.pull_b(g, kept...); }) {
    return op.pull_b(g, kept...);
  } else if constexpr (arity<Op> == 1) {
    return g * op.df(kept...);
  } else if constexpr (K == 0) {
    return g * op.da(kept...);
  } else {
    return g * op.db(kept...);
  }
}

}  // namespace tapescope::ops::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif
