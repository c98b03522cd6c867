#include "launch.h"

#include <memory>
#include <stdexcept>

#include <xeus/xeus_context.hpp>
#include <xeus/xkernel.hpp>

#include "history.h"
#include "interpreter.h"
#include "lazy_debugger.h"

namespace py = pybind11;

namespace tapescope_kernel {
namespace {

Server* server = nullptr;

// xeus makes the server by a plain function: what it needs waits here.
struct __attribute__((visibility("hidden"))) Pending {
  py::object host;
  Interpreter* interpreter;
};
Pending* pending = nullptr;

Host make_host(const py::object& host) {
  return {
      .wait = [host] { host.attr("wait")(); },
      .execution_count = [host] { return host.attr("next_count")().cast<int>(); },
      .comm =
          [host](const std::string& type, const xeus::xmessage& message) {
            py::list buffers;
            for (const xeus::binary_buffer& buffer : message.buffers()) {
              buffers.append(py::bytes(buffer.data(), buffer.size()));
            }
            host.attr("comm_message")(type, py::bytes(to_text(message.header())),
                                      py::bytes(to_text(message.metadata())), py::bytes(to_text(message.content())),
                                      buffers);
          },
      .comm_info =
          [host](const std::string& target) { return std::string(host.attr("comm_info")(target).cast<py::bytes>()); },
      .check_signals =
          [] {
            if (PyErr_CheckSignals() != 0) {
              throw py::error_already_set();
            }
          },
  };
}

std::unique_ptr<xeus::xserver> build_server(xeus::xcontext& context, const xeus::xconfiguration& config,
                                            nlohmann::json::error_handler_t) {
  auto built =
      std::make_unique<Server>(context.get_wrapped_context<zmq::context_t>(), config, make_host(pending->host));
  server = built.get();
  pending->interpreter->attach(*server);
  return built;
}

std::unique_ptr<xeus::xdebugger> build_debugger(xeus::xcontext& context, const xeus::xconfiguration& config,
                                                const std::string& user, const std::string& session,
                                                const nlohmann::json&) {
  return std::make_unique<LazyDebugger>(context.get_wrapped_context<zmq::context_t>(), config, user, session);
}

}  // namespace

Server& running_server() {
  if (server == nullptr) {
    throw std::runtime_error("no kernel is running in this process");
  }
  return *server;
}

EngineLink& engine_link() {
  static EngineLink link;
  return link;
}

void launch(const xeus::xconfiguration& config, py::object host) {
  auto interpreter = std::make_unique<Interpreter>(host, engine_link());
  Pending waiting{host, interpreter.get()};
  pending = &waiting;
  std::unique_ptr<xeus::xkernel> kernel;
  {
    const SignalBlock block;  // the streams' threads start in here
    kernel = std::make_unique<xeus::xkernel>(config, xeus::get_user_name(), xeus::make_context<zmq::context_t>(),
                                             std::move(interpreter), build_server, std::make_unique<History>(host),
                                             nullptr, build_debugger);
  }
  pending = nullptr;
  host.attr("ready")();
  kernel->start();
  host.attr("stopped")();
  server = nullptr;
  const py::gil_scoped_release nogil;  // threads that print hold the stream's lock for the GIL at most briefly
  kernel.reset();
}

}  // namespace tapescope_kernel
