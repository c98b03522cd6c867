// history_request, answered from IPython's database.
#pragma once

#include <pybind11/pybind11.h>

#include <string>

#include <xeus/xhistory_manager.hpp>

namespace tapescope_kernel {

class __attribute__((visibility("hidden"))) History : public xeus::xhistory_manager {
 public:
  explicit History(pybind11::object host) : host_(std::move(host)) {}

 private:
  void configure_impl() override {}
  // IPython's shell stores what it runs.
  void store_inputs_impl(int, int, const std::string&, const std::string&) override {}
  nlohmann::json get_tail_impl(int n, bool raw, bool output) const override;
  nlohmann::json get_range_impl(int session, int start, int stop, bool raw, bool output) const override;
  nlohmann::json search_impl(const std::string& pattern, bool raw, bool output, int n, bool unique) const override;

  pybind11::object host_;
};

}  // namespace tapescope_kernel
