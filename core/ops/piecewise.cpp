// Compiles the family for every target and makes it known.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/ops/piecewise.cpp"
#include <hwy/foreach_target.h>

#include "core/backend/cpu/pointwise-inl.h"
#include "core/ops/piecewise-inl.h"

HWY_BEFORE_NAMESPACE();
namespace tapescope::ops::HWY_NAMESPACE {
const PointwiseKernels* piecewise_kernels() {
  return kernels_of_family(PiecewiseOps{});
}
}  // namespace tapescope::ops::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include "core/ops/family.h"

namespace tapescope::ops {
HWY_EXPORT(piecewise_kernels);
void add_piecewise_ops() {
  add_family(HWY_NAMESPACE::PiecewiseOps{}, HWY_DYNAMIC_DISPATCH(piecewise_kernels)());
}
}  // namespace tapescope::ops
#endif
