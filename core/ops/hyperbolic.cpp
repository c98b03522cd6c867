// Compiles the family for every target and makes it known.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/ops/hyperbolic.cpp"
#include <hwy/foreach_target.h>

#include "core/backend/cpu/pointwise-inl.h"
#include "core/ops/hyperbolic-inl.h"

HWY_BEFORE_NAMESPACE();
namespace tapescope::ops::HWY_NAMESPACE {
const PointwiseKernels* hyperbolic_kernels() {
  return kernels_of_family(HyperbolicOps{});
}
}  // namespace tapescope::ops::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include "core/ops/family.h"

namespace tapescope::ops {
HWY_EXPORT(hyperbolic_kernels);
void add_hyperbolic_ops() {
  add_family(HWY_NAMESPACE::HyperbolicOps{}, HWY_DYNAMIC_DISPATCH(hyperbolic_kernels)());
}
}  // namespace tapescope::ops
#endif
