// Anomaly mode's Python side: stacks are Python's, and so are warnings.
#include "core/graph/anomaly.h"

#include "core/graph/state.h"
#include "core/python/face.h"

namespace tapescope::face {
namespace {

class PythonAnomaly final : public AnomalyMode {
 public:
  void created(const Node& node) noexcept override {
    try {
      const py::gil_scoped_acquire gil;
      py::dict metadata = node_metadata(node);
      metadata["traceback_"] = helper().attr("stack")();
      if (Node* parent = thread_state.evaluating) metadata["parent_"] = py::reinterpret_steal<py::object>(wrap(parent));
    } catch (abi::__forced_unwind&) {
      stay();
    } catch (py::error_already_set& error) {
      error.discard_as_unraisable("anomaly mode");
    } catch (const std::exception&) {
    }
  }

  void failed(const Node& node) override {
    const py::gil_scoped_acquire gil;
    helper().attr("report")(py::reinterpret_steal<py::object>(wrap(const_cast<Node*>(&node))));
  }

 private:
  static py::object helper() { return py::module_::import("tapescope.autograd.anomaly_mode"); }
};

PythonAnomaly& mode() {
  static auto& m = *new PythonAnomaly;
  return m;
}

}  // namespace

void bind_anomaly(py::module_& m) {
  m.def("_set_anomaly", [](bool on, bool check_nan) {
    mode().check_nan = check_nan;
    anomaly_mode = on ? &mode() : nullptr;
  });
  m.def(
      "is_anomaly_enabled", [] { return anomaly_mode != nullptr; }, "True while anomaly mode is on.");
  m.def(
      "is_anomaly_check_nan_enabled", [] { return mode().check_nan; },
      "True if anomaly mode takes a NaN in a backward for an error.");
}

}  // namespace tapescope::face
