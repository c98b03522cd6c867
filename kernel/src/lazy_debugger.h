// The debugger that xeus is given: the real one, from the first request that needs it.
#pragma once

#include <memory>
#include <string>

#include "debugger.h"

namespace tapescope_kernel {

// All requests come on the control thread, which takes the GIL for them.
class LazyDebugger : public xeus::xdebugger {
 public:
  LazyDebugger(zmq::context_t& context, const xeus::xconfiguration& config, std::string user, std::string session)
      : context_(context), config_(config), user_(std::move(user)), session_(std::move(session)) {}

 private:
  nlohmann::json process_request_impl(const nlohmann::json& header, const nlohmann::json& message) override;
  void load();

  zmq::context_t& context_;
  xeus::xconfiguration config_;
  std::string user_;
  std::string session_;
  std::unique_ptr<xeus::xdebugger> inner_;
};

}  // namespace tapescope_kernel
