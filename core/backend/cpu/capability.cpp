#include "core/backend/cpu/capability.h"

#include <hwy/highway.h>

#include <cstdio>
#include <cstdlib>

namespace tapescope::cpu {
namespace {

// Highway's better targets have the lower bits.
#if HWY_ARCH_X86
constexpr int64_t kAvx512 = HWY_AVX2 - 1, kAvx2 = HWY_AVX2;
#else
constexpr int64_t kAvx512 = 0, kAvx2 = 0;
#endif

// Before main, and so before any loop is looked up.
[[maybe_unused]] const bool limited = [] {
  const char* word = std::getenv("TAPESCOPE_CPU_CAPABILITY");
  if (word != nullptr && !limit_capability(word))
    std::fprintf(stderr, "tapescope: TAPESCOPE_CPU_CAPABILITY=%s is none of default, avx2, avx512; it is ignored\n",
                 word);
  return true;
}();

}  // namespace

bool limit_capability(const std::string& word) {
  int64_t without = 0;
  if (word == "default") {
    without = kAvx512 | kAvx2;
  } else if (word == "avx2") {
    without = kAvx512;
  } else if (word != "avx512") {
    return false;
  }
  hwy::DisableTargets(without);
  hwy::GetChosenTarget().DeInit();
  return true;
}

std::string capability() {
  const int64_t targets = hwy::SupportedTargets() & HWY_TARGETS;
  return targets & kAvx512 ? "AVX512" : targets & kAvx2 ? "AVX2" : "DEFAULT";
}

}  // namespace tapescope::cpu
