#include <dlfcn.h>
#include <unistd.h>

#include "core/backend/cuda/plugin.h"
#include "core/tensor/error.h"

namespace tapescope::cuda {
namespace {

std::string beside_the_engine() {
  Dl_info here{};
  if (dladdr(reinterpret_cast<void*>(&plugin), &here) == 0 || here.dli_fname == nullptr) return kPluginFile;
  const std::string engine = here.dli_fname;
  return engine.substr(0, engine.rfind('/') + 1) + kPluginFile;
}

}  // namespace

const Plugin* open_plugin(const std::string& file, const char* driver, std::string& why) {
  if (dlopen(driver, RTLD_NOW | RTLD_LOCAL) == nullptr) {
    why = fmt::format("this machine has no NVIDIA driver ({} cannot be opened)", driver);
    return nullptr;
  }
  if (access(file.c_str(), F_OK) != 0) {
    why = fmt::format("Tapescope was built without its CUDA backend ({} is missing; `make cuda` builds it)", file);
    return nullptr;
  }
  void* library = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    why = fmt::format("the CUDA backend cannot be opened: {}", dlerror());
    return nullptr;
  }
  auto* entry = reinterpret_cast<decltype(&tapescope_cuda_plugin)>(dlsym(library, "tapescope_cuda_plugin"));
  if (entry == nullptr) {
    why = fmt::format("{} is not a CUDA backend of Tapescope", file);
    return nullptr;
  }
  const Plugin* opened = entry();
  if (opened->version != kPluginVersion) {
    why = fmt::format("the CUDA backend {} has version {}, and the engine needs {}: build it again (`make cuda`)", file,
                      opened->version, kPluginVersion);
    return nullptr;
  }
  return opened;
}

const Plugin& plugin() {
  static const Plugin& found = []() -> const Plugin& {
    std::string why;
    const Plugin* opened = open_plugin(beside_the_engine(), "libcuda.so.1", why);
    return opened != nullptr ? *opened : absent(std::move(why));
  }();
  return found;
}

}  // namespace tapescope::cuda
