#include "lazy_debugger.h"

#include <pybind11/pybind11.h>

namespace py = pybind11;

namespace tapescope_kernel {
namespace {

nlohmann::json response(const nlohmann::json& message, bool success) {
  const auto seq = message.contains("seq") ? message["seq"] : nlohmann::json(0);
  return {{"type", "response"},
          {"seq", seq},
          {"request_seq", seq},
          {"success", success},
          {"command", message.value("command", "")}};
}

nlohmann::json refusal(const nlohmann::json& message, const std::string& reason) {
  nlohmann::json reply = response(message, false);
  reply["message"] = reason;
  reply["body"] = nlohmann::json::object();
  return reply;
}

// Front ends ask this of every kernel that they connect to.
nlohmann::json idle_info(const nlohmann::json& message) {
  nlohmann::json reply = response(message, true);
  reply["body"] = {{"isStarted", false},
                   {"hashMethod", "Murmur2"},
                   {"hashSeed", xeus::get_tmp_hash_seed()},
                   {"tmpFilePrefix", cell_prefix()},
                   {"tmpFileSuffix", kCellSuffix},
                   {"breakpoints", nlohmann::json::array()},
                   {"stoppedThreads", nlohmann::json::array()},
                   {"richRendering", true},
                   {"exceptionPaths", {"Python Exceptions"}},
                   {"copyToGlobals", false}};
  return reply;
}

}  // namespace

void LazyDebugger::load() {
  const py::gil_scoped_acquire gil;
  const py::capsule made = py::module_::import("tapescope_kernel._debugger").attr("factory");
  const auto make = reinterpret_cast<DebuggerFactory>(PyCapsule_GetPointer(made.ptr(), kDebuggerFactory));
  if (make == nullptr) {
    throw py::error_already_set();
  }
  inner_ = make(context_, config_, user_, session_);
  inner_->register_control_messenger(get_control_messenger());
}

nlohmann::json LazyDebugger::process_request_impl(const nlohmann::json& header, const nlohmann::json& message) {
  if (!message.is_object() || !message.contains("command") || !message["command"].is_string()) {
    return refusal(nlohmann::json::object(), "a debug request names its command");
  }
  if (!inner_ && message["command"] == "debugInfo") {
    return idle_info(message);
  }
  try {
    if (!inner_) {
      load();
    }
    nlohmann::json reply = inner_->process_request(header, message);
    return reply.is_null() || reply.empty() ? refusal(message, "the debugger is not started") : reply;
  } catch (const py::error_already_set& error) {
    const py::gil_scoped_acquire gil;
    return refusal(message, error.what());
  } catch (const std::exception& error) {
    return refusal(message, error.what());
  }
}

}  // namespace tapescope_kernel
