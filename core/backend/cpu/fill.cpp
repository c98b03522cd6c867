// One element many times over: the gradient of a sum, zeros, ones.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/backend/cpu/fill.cpp"
#include <hwy/cache_control.h>
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include <cstring>

#include "core/backend/kernels.h"

HWY_BEFORE_NAMESPACE();
namespace tapescope::ops::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// Elements of 1, 2, 4, 8 or 16 bytes; `to` lies as the element's type asks.
void fill(char* to, const char* from, int64_t n, int size, bool streamed) {
  const hn::ScalableTag<uint8_t> d;
  const auto step = static_cast<int64_t>(hn::Lanes(d));
  HWY_ALIGN uint8_t pattern[hn::MaxLanes(d)];
  for (int64_t i = 0; i < step; i += size) std::memcpy(pattern + i, from, static_cast<size_t>(size));
  const auto v = hn::Load(d, pattern);
  auto* p = reinterpret_cast<uint8_t*>(to);
  const int64_t bytes = n * size;
  int64_t i = 0;
  if (streamed && reinterpret_cast<uintptr_t>(p) % static_cast<size_t>(step) == 0)
    for (; i + step <= bytes; i += step) hn::Stream(v, d, p + i);
  for (; i + 4 * step <= bytes; i += 4 * step) {
    hn::StoreU(v, d, p + i);
    hn::StoreU(v, d, p + i + step);
    hn::StoreU(v, d, p + i + 2 * step);
    hn::StoreU(v, d, p + i + 3 * step);
  }
  for (; i + step <= bytes; i += step) hn::StoreU(v, d, p + i);
  std::memcpy(p + i, pattern, static_cast<size_t>(bytes - i));
}

}  // namespace tapescope::ops::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tapescope::ops {
HWY_EXPORT(fill);
void fill_of_this_machine(char* to, const char* from, int64_t n, int size, bool streamed) {
  HWY_DYNAMIC_DISPATCH(fill)(to, from, n, size, streamed);
}
}  // namespace tapescope::ops

namespace tapescope::cpu {
void fill(void* to, const void* element, int64_t n, int size, bool streamed) {
  ops::fill_of_this_machine(static_cast<char*>(to), static_cast<const char*>(element), n, size, streamed);
}
void end_of_stream() {
  hwy::FlushStream();
}
}  // namespace tapescope::cpu
#endif
