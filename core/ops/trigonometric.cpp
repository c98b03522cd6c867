// Compiles the family for every target and makes it known.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/ops/trigonometric.cpp"
#include <hwy/foreach_target.h>

#include "core/backend/cpu/pointwise-inl.h"
#include "core/ops/trigonometric-inl.h"

HWY_BEFORE_NAMESPACE();
namespace tapescope::ops::HWY_NAMESPACE {
const PointwiseKernels* trigonometric_kernels() {
  return kernels_of_family(TrigonometricOps{});
}
}  // namespace tapescope::ops::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include "core/ops/family.h"

namespace tapescope::ops {
HWY_EXPORT(trigonometric_kernels);
void add_trigonometric_ops() {
  add_family(HWY_NAMESPACE::TrigonometricOps{}, HWY_DYNAMIC_DISPATCH(trigonometric_kernels)());
}
}  // namespace tapescope::ops
#endif
