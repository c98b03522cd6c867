// What the kernel's module and the debugger's share. The latter is loaded at the first request that needs it: its
// libraries, and debugpy, weigh more than all the rest of a kernel.
#pragma once

#include <string>

#include <xeus/xdebugger.hpp>
#include <xeus/xkernel_configuration.hpp>
#include <xeus/xsystem.hpp>
#include <zmq.hpp>

namespace tapescope_kernel {

// Made by the module tapescope_kernel._debugger, handed over in a capsule. Call it with the GIL.
using DebuggerFactory = std::unique_ptr<xeus::xdebugger> (*)(zmq::context_t& context,
                                                             const xeus::xconfiguration& config,
                                                             const std::string& user, const std::string& session);
inline constexpr const char* kDebuggerFactory = "tapescope_kernel._debugger.factory";

// Cells are files to a debugger, named by a hash of their text; front ends compute the same names from these.
inline constexpr const char* kCellSuffix = ".py";
inline std::string cell_prefix() {
  return xeus::get_tmp_prefix("tapescope");
}
inline std::string cell_file(const std::string& code) {
  return xeus::get_cell_tmp_file(cell_prefix(), code, kCellSuffix);
}

}  // namespace tapescope_kernel
