// Compiles the family for every target and makes it known.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/ops/rounding.cpp"
#include <hwy/foreach_target.h>

#include "core/backend/cpu/pointwise-inl.h"
#include "core/ops/rounding-inl.h"

HWY_BEFORE_NAMESPACE();
namespace tapescope::ops::HWY_NAMESPACE {
const PointwiseKernels* rounding_kernels() {
  return kernels_of_family(RoundingOps{});
}
}  // namespace tapescope::ops::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include "core/ops/family.h"

namespace tapescope::ops {
HWY_EXPORT(rounding_kernels);
void add_rounding_ops() {
  add_family(HWY_NAMESPACE::RoundingOps{}, HWY_DYNAMIC_DISPATCH(rounding_kernels)());
}
}  // namespace tapescope::ops
#endif
