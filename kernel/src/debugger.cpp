// tapescope_kernel._debugger: xeus-python's debugger, over debugpy, for our names of cells.
#include "debugger.h"

#include <pybind11/pybind11.h>
#include <xeus-python/xdebugger.hpp>

namespace tapescope_kernel {
namespace {

class __attribute__((visibility("hidden"))) Debugger final : public xpyt::debugger {
 public:
  Debugger(zmq::context_t& context, const xeus::xconfiguration& config, const std::string& user,
           const std::string& session)
      : xpyt::debugger(context, config, user, session, nlohmann::json::object()),
        help_(py::module_::import("tapescope_kernel.debugging")) {
    help_.attr("prepare")(cell_prefix());
    // xeus-python's own gets no reply from debugpy while a local is looked at.
    register_request_handler(
        "richInspectVariables", [this](const nlohmann::json& message) { return rich(message); }, false);
  }
  ~Debugger() override {
    const py::gil_scoped_acquire gil;
    help_ = py::object();
  }

 private:
  xeus::xdebugger_info get_debugger_info() const override {
    return {xeus::get_tmp_hash_seed(), cell_prefix(), kCellSuffix, true, {"Python Exceptions"}};
  }
  std::string get_cell_temporary_file(const std::string& code) const override { return cell_file(code); }

  nlohmann::json rich(const nlohmann::json& message) {
    const nlohmann::json arguments = message.value("arguments", nlohmann::json::object());
    const std::string name = arguments.value("variableName", "");
    nlohmann::json reply = {{"type", "response"},
                            {"seq", message["seq"]},
                            {"request_seq", message["seq"]},
                            {"success", false},
                            {"command", message["command"]},
                            {"body", {{"data", nlohmann::json::object()}, {"metadata", nlohmann::json::object()}}}};
    const bool stopped = !get_stopped_threads().empty() && arguments.contains("frameId");
    if (stopped) {
      // Evaluated where the program stands; the result waits in the module, as debugpy would cut it short.
      const nlohmann::json evaluate = {
          {"type", "request"},
          {"command", "evaluate"},
          {"seq", message["seq"]},
          {"arguments",
           {{"expression", "__import__('tapescope_kernel.debugging', fromlist=['']).keep(" + name + ")"},
            {"frameId", arguments["frameId"]},
            {"context", "clipboard"}}}};
      const nlohmann::json answer = forward_message(evaluate);
      if (!answer.value("success", false)) {
        reply["message"] = answer.value("message", "the variable could not be read");
        return reply;
      }
    }
    const py::gil_scoped_acquire gil;
    const py::object formatted = stopped ? help_.attr("take")() : help_.attr("of_global")(name);
    if (formatted.is_none()) {
      reply["message"] = "there is no variable " + name;
      return reply;
    }
    reply["body"] = nlohmann::json::parse(std::string(formatted.cast<py::bytes>()));
    reply["success"] = true;
    return reply;
  }

  py::object help_;
};

std::unique_ptr<xeus::xdebugger> make(zmq::context_t& context, const xeus::xconfiguration& config,
                                      const std::string& user, const std::string& session) {
  return std::make_unique<Debugger>(context, config, user, session);
}

}  // namespace
}  // namespace tapescope_kernel

PYBIND11_MODULE(_debugger, module) {
  module.doc() = "The debugger, loaded when it is first asked for.";
  module.attr("factory") =
      py::capsule(reinterpret_cast<void*>(&tapescope_kernel::make), tapescope_kernel::kDebuggerFactory);
}
