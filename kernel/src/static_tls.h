#pragma once

namespace tapescope_kernel {

// Room for thread-local variables that are reached directly is scarce: libraries that a cell imports take it, and one
// that comes late fails to load ("cannot allocate memory in static TLS block"). Modules that use std::call_once in that
// way need libstdc++'s to be there. Here it is claimed while the process is young.
void claim_static_tls();

}  // namespace tapescope_kernel
