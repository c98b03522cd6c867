#include <dlfcn.h>
#include <gtest/gtest.h>
#include <link.h>

#include "core/backend/cuda/plugin.h"

namespace tapescope::cuda {
namespace {

std::string why_not(const std::string& file, const char* driver) {
  std::string why;
  EXPECT_EQ(open_plugin(file, driver, why), nullptr);
  return why;
}

TEST(Load, SaysWhatIsMissing) {
  EXPECT_EQ(why_not("/nowhere/backend.so", "libnodriver.so.7"),
            "this machine has no NVIDIA driver (libnodriver.so.7 cannot be opened)");
  EXPECT_EQ(why_not("/nowhere/backend.so", "libc.so.6"),
            "Tapescope was built without its CUDA backend (/nowhere/backend.so is missing; `make cuda` builds it)");
}

TEST(Load, RefusesWhatIsNoBackend) {
  EXPECT_NE(why_not("/etc/passwd", "libc.so.6").find("the CUDA backend cannot be opened: /etc/passwd"),
            std::string::npos);
  link_map* libm = nullptr;
  ASSERT_EQ(dlinfo(dlopen("libm.so.6", RTLD_NOW), RTLD_DI_LINKMAP, &libm), 0);
  EXPECT_NE(why_not(libm->l_name, "libc.so.6").find("is not a CUDA backend of Tapescope"), std::string::npos);
}

TEST(Load, TheAnswerIsTheSameEachTime) {
  EXPECT_EQ(&plugin(), &plugin());
  EXPECT_EQ(plugin().version, kPluginVersion);
  if (const char* trouble = plugin().trouble()) {
    EXPECT_EQ(plugin().device_count(), 0) << trouble;
  } else {
    EXPECT_GT(plugin().device_count(), 0);
  }
}

}  // namespace
}  // namespace tapescope::cuda
