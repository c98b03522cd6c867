#include "core/backend/cpu/capability.h"

#include <gtest/gtest.h>

#include <cstdlib>

namespace tapescope::cpu {
namespace {

TEST(Capability, IsNoMoreThanTheEnvironmentAllows) {
  const char* word = std::getenv("TAPESCOPE_CPU_CAPABILITY");
  const std::string most = word ? word : "avx512";
  EXPECT_TRUE(most != "default" || capability() == "DEFAULT");
  EXPECT_TRUE(most == "avx512" || capability() != "AVX512");
}

TEST(Capability, RefusesOtherWords) {
  EXPECT_FALSE(limit_capability("AVX9"));
  EXPECT_FALSE(limit_capability(""));
}

}  // namespace
}  // namespace tapescope::cpu
