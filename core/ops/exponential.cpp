// Compiles the family for every target and makes it known.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/ops/exponential.cpp"
#include <hwy/foreach_target.h>

#include "core/backend/cpu/pointwise-inl.h"
#include "core/ops/exponential-inl.h"

HWY_BEFORE_NAMESPACE();
namespace tapescope::ops::HWY_NAMESPACE {
const PointwiseKernels* exponential_kernels() {
  return kernels_of_family(ExponentialOps{});
}
}  // namespace tapescope::ops::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include "core/ops/family.h"

namespace tapescope::ops {
HWY_EXPORT(exponential_kernels);
void add_exponential_ops() {
  add_family(HWY_NAMESPACE::ExponentialOps{}, HWY_DYNAMIC_DISPATCH(exponential_kernels)());
}
}  // namespace tapescope::ops
#endif
