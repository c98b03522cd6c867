// The way to the engine: the table of functions that tapescope._C hands over.
#pragma once

#include <string>

#include "../../core/python/kernel_api.h"

namespace tapescope_kernel {

class EngineLink {
 public:
  // The pointer of the capsule TAPESCOPE_KERNEL_API_NAME. False: its version is not the one we were built for.
  bool connect(const void* table);
  bool connected() const { return api_ != nullptr; }
  const TapescopeKernelApi& api() const { return *api_; }
  std::string last_error() const;

 private:
  const TapescopeKernelApi* api_ = nullptr;
};

}  // namespace tapescope_kernel
