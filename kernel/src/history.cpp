#include "history.h"

namespace py = pybind11;

namespace tapescope_kernel {
namespace {

nlohmann::json parse(const py::object& bytes) {
  return nlohmann::json::parse(std::string_view(bytes.cast<py::bytes>()));
}

}  // namespace

nlohmann::json History::get_tail_impl(int n, bool raw, bool output) const {
  const py::gil_scoped_acquire gil;
  return parse(host_.attr("history_tail")(n, raw, output));
}

nlohmann::json History::get_range_impl(int session, int start, int stop, bool raw, bool output) const {
  const py::gil_scoped_acquire gil;
  return parse(host_.attr("history_range")(session, start, stop, raw, output));
}

nlohmann::json History::search_impl(const std::string& pattern, bool raw, bool output, int n, bool unique) const {
  const py::gil_scoped_acquire gil;
  return parse(host_.attr("history_search")(pattern, raw, output, n, unique));
}

}  // namespace tapescope_kernel
