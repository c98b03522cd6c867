// Compiles the family for every target and makes it known.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/ops/arithmetic.cpp"
#include <hwy/foreach_target.h>

#include "core/backend/cpu/pointwise-inl.h"
#include "core/ops/arithmetic-inl.h"

HWY_BEFORE_NAMESPACE();
namespace tapescope::ops::HWY_NAMESPACE {
const PointwiseKernels* arithmetic_kernels() {
  return kernels_of_family(ArithmeticOps{});
}
}  // namespace tapescope::ops::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include "core/ops/family.h"

namespace tapescope::ops {
HWY_EXPORT(arithmetic_kernels);
void add_arithmetic_ops() {
  add_family(HWY_NAMESPACE::ArithmeticOps{}, HWY_DYNAMIC_DISPATCH(arithmetic_kernels)());
}
}  // namespace tapescope::ops
#endif
