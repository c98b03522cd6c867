#include "static_tls.h"

#include <mutex>

namespace tapescope_kernel {

// Compiled with the initial-exec model: that the module refers to call_once's variables so is all that matters.
void claim_static_tls() {
  static std::once_flag flag;
  std::call_once(flag, [] {});
}

}  // namespace tapescope_kernel
