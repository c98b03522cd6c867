// Compiles the family for every target and makes it known.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/ops/bitwise.cpp"
#include <hwy/foreach_target.h>

#include "core/backend/cpu/pointwise-inl.h"
#include "core/ops/bitwise-inl.h"

HWY_BEFORE_NAMESPACE();
namespace tapescope::ops::HWY_NAMESPACE {
const PointwiseKernels* bitwise_kernels() {
  return kernels_of_family(BitwiseOps{});
}
}  // namespace tapescope::ops::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include "core/ops/family.h"

namespace tapescope::ops {
HWY_EXPORT(bitwise_kernels);
void add_bitwise_ops() {
  add_family(HWY_NAMESPACE::BitwiseOps{}, HWY_DYNAMIC_DISPATCH(bitwise_kernels)());
}
}  // namespace tapescope::ops
#endif
