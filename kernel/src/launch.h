// The kernel put together, from the connection to the end of the main loop.
#pragma once

#include <pybind11/pybind11.h>

#include <xeus/xkernel_configuration.hpp>

#include "engine_link.h"
#include "server.h"

namespace tapescope_kernel {

// Returns when the kernel was told to shut down. Throws std::runtime_error if it cannot listen.
void launch(const xeus::xconfiguration& config, pybind11::object host);

// The one kernel of this process. Throws std::runtime_error when there is none (yet, or any more).
Server& running_server();
EngineLink& engine_link();

}  // namespace tapescope_kernel
