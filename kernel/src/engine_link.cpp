#include "engine_link.h"

namespace tapescope_kernel {

bool EngineLink::connect(const void* table) {
  const auto* api = static_cast<const TapescopeKernelApi*>(table);
  if (api->version != TAPESCOPE_KERNEL_API_VERSION) {
    return false;
  }
  api_ = api;
  return true;
}

std::string EngineLink::last_error() const {
  const TapescopeText text = api_->last_error();
  return text.size == 0 ? "no reason given" : std::string(text.data, text.size);
}

}  // namespace tapescope_kernel
