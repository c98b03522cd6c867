#include "interpreter.h"

#include <optional>

namespace py = pybind11;

namespace tapescope_kernel {
namespace {

nlohmann::json parse(const py::object& bytes) {
  return nlohmann::json::parse(std::string_view(bytes.cast<py::bytes>()));
}

std::optional<CellFailure> failure_of(const py::object& value) {
  if (value.is_none()) {
    return std::nullopt;
  }
  const auto parts = value.cast<py::tuple>();
  return CellFailure{parts[0].cast<std::string>(), parts[1].cast<std::string>(), parts[2].cast<std::string>(),
                     parts[3].cast<long>()};
}

}  // namespace

Interpreter::Interpreter(py::object host, const EngineLink& link)
    : host_(std::move(host)), link_(link), info_(parse(host_.attr("kernel_info")())) {}

nlohmann::json Interpreter::execute_request_impl(int, const std::string& code, bool silent, bool store_history,
                                                 nlohmann::json user_expressions, bool allow_stdin) {
  const py::gil_scoped_acquire gil;
  // The name that the compiler will give the cell, its number, and whether it is to be recorded.
  const auto opening = host_.attr("open_cell")(code, silent, store_history).cast<py::tuple>();
  const CellText cell{code, opening[0].cast<std::string>(), opening[1].cast<int>(), opening[2].cast<int>()};
  CellRun run(link_, cell, [this](const std::string& trouble) { report(trouble); });
  const auto outcome =
      host_.attr("execute")(code, silent, store_history, py::bytes(to_text(user_expressions)), allow_stdin)
          .cast<py::tuple>();
  server_->capture().drain();
  run.end(failure_of(outcome[1]), [this](std::string content) {
    server_->publish_text("display_data", std::move(content), "{}", {}, server_->parent());
  });
  server_->streams().flush();
  return parse(outcome[0]);
}

nlohmann::json Interpreter::complete_request_impl(const std::string& code, int cursor_pos) {
  const py::gil_scoped_acquire gil;
  return parse(host_.attr("complete")(code, cursor_pos));
}

nlohmann::json Interpreter::inspect_request_impl(const std::string& code, int cursor_pos, int detail_level) {
  const py::gil_scoped_acquire gil;
  return parse(host_.attr("inspect")(code, cursor_pos, detail_level));
}

nlohmann::json Interpreter::is_complete_request_impl(const std::string& code) {
  const py::gil_scoped_acquire gil;
  return parse(host_.attr("is_complete")(code));
}

nlohmann::json Interpreter::kernel_info_request_impl() {
  return info_;
}

nlohmann::json Interpreter::internal_request_impl(const nlohmann::json& content) {
  const py::gil_scoped_acquire gil;
  return parse(host_.attr("run_internal")(content.value("code", "")));
}

void Interpreter::report(const std::string& trouble) {
  if (reported_.insert(trouble).second) {
    server_->streams().write("stderr", "Tapescope: " + trouble + "\n", server_->parent());
  }
}

}  // namespace tapescope_kernel
