// xeus's interpreter, answered by the Python side (tapescope_kernel/host.py). This file, server.h, history.h and
// launch.cpp are all that faces xeus.
#pragma once

#include <pybind11/pybind11.h>

#include <set>
#include <string>

#include <xeus/xinterpreter.hpp>

#include "cell_run.h"
#include "engine_link.h"
#include "server.h"

namespace tapescope_kernel {

// GCC warns of a class that is more visible than the pybind11 objects in it.
class __attribute__((visibility("hidden"))) Interpreter : public xeus::xinterpreter {
 public:
  Interpreter(pybind11::object host, const EngineLink& link);

  void attach(Server& server) { server_ = &server; }

 private:
  void configure_impl() override {}
  nlohmann::json execute_request_impl(int count, const std::string& code, bool silent, bool store_history,
                                      nlohmann::json user_expressions, bool allow_stdin) override;
  nlohmann::json complete_request_impl(const std::string& code, int cursor_pos) override;
  nlohmann::json inspect_request_impl(const std::string& code, int cursor_pos, int detail_level) override;
  nlohmann::json is_complete_request_impl(const std::string& code) override;
  nlohmann::json kernel_info_request_impl() override;
  void shutdown_request_impl() override {}
  // Code of the debugger's, on the control thread: it is not to wait for the cell that it is to debug.
  nlohmann::json internal_request_impl(const nlohmann::json& content) override;

  void report(const std::string& trouble);

  pybind11::object host_;
  const EngineLink& link_;
  Server* server_ = nullptr;
  nlohmann::json info_;  // made once: the control thread answers without the GIL
  std::set<std::string> reported_;
};

}  // namespace tapescope_kernel
