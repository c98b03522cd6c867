// tapescope_kernel._kernel: what the Python side of the kernel calls.
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <iostream>

#include <xeus/xguid.hpp>

#include "cell_run.h"
#include "debugger.h"
#include "launch.h"
#include "static_tls.h"
#include "terminal.h"

namespace py = pybind11;

namespace tapescope_kernel {
namespace {

// Parents as Python sees them: opaque, but for the header's text.
struct PyParent {
  ParentPtr parent;
};

ParentPtr or_current(const PyParent* given) {
  return given != nullptr ? given->parent : running_server().parent();
}

xeus::buffer_sequence to_buffers(const py::iterable& values) {
  xeus::buffer_sequence buffers;
  for (const py::handle value : values) {
    Py_buffer view;
    if (PyObject_GetBuffer(value.ptr(), &view, PyBUF_FULL_RO) != 0) {
      throw py::error_already_set();
    }
    xeus::binary_buffer bytes(static_cast<size_t>(view.len));
    const int failed = PyBuffer_ToContiguous(bytes.data(), &view, view.len, 'C');
    PyBuffer_Release(&view);
    if (failed != 0) {
      throw py::error_already_set();
    }
    buffers.push_back(std::move(bytes));
  }
  return buffers;
}

void publish(const std::string& msg_type, std::string content, std::string metadata, const py::iterable& buffers,
             const PyParent* parent) {
  xeus::buffer_sequence raw = to_buffers(buffers);
  const ParentPtr owner = or_current(parent);
  Server& server = running_server();
  const py::gil_scoped_release nogil;
  server.publish_text(msg_type, std::move(content), std::move(metadata), std::move(raw), owner);
}

std::string input(const std::string& prompt, bool password) {
  return running_server().input(prompt, password, [](const std::function<void()>& wait) {
    const py::gil_scoped_release nogil;
    wait();
  });
}

xeus::xconfiguration to_config(const py::dict& values) {
  const auto text = [&](const char* name) { return py::str(values[name]).cast<std::string>(); };
  xeus::xconfiguration config;
  config.m_transport = text("transport");
  config.m_ip = text("ip");
  config.m_control_port = text("control_port");
  config.m_shell_port = text("shell_port");
  config.m_stdin_port = text("stdin_port");
  config.m_iopub_port = text("iopub_port");
  config.m_hb_port = text("hb_port");
  config.m_signature_scheme = text("signature_scheme");
  config.m_key = text("key");
  return config;
}

bool connect(const py::capsule& capsule) {
  void* table = PyCapsule_GetPointer(capsule.ptr(), TAPESCOPE_KERNEL_API_NAME);
  if (table == nullptr) {
    throw py::error_already_set();
  }
  if (!engine_link().connect(table)) {
    return false;
  }
  if (CellRun* run = CellRun::current()) {
    run->begin();
  }
  return true;
}

}  // namespace
}  // namespace tapescope_kernel

PYBIND11_MODULE(_kernel, module) {
  using namespace tapescope_kernel;
  module.doc() = "The kernel's sockets, streams and cell runs.";
  claim_static_tls();
  redirect_logs();

  py::class_<PyParent>(module, "Parent", "The request that an output belongs to.")
      .def_property_readonly("header", [](const PyParent& self) { return self.parent->header; })
      .def("__eq__", [](const PyParent& self, const PyParent& other) { return self.parent == other.parent; })
      .def("__hash__", [](const PyParent& self) { return std::hash<ParentPtr>()(self.parent); });

  module.def(
      "run", [](const py::dict& config, const py::object& host) { launch(to_config(config), host); }, py::arg("config"),
      py::arg("host"), "Serves until told to shut down.");
  module.def("publish", &publish, py::arg("msg_type"), py::arg("content"), py::arg("metadata") = "{}",
             py::arg("buffers") = py::tuple(), py::arg("parent") = nullptr,
             "Sends a message on iopub; texts are JSON.");
  module.def(
      "write",
      [](const std::string& name, const std::string& text, const PyParent* parent) {
        running_server().streams().write(name, text, or_current(parent));
      },
      py::arg("name"), py::arg("text"), py::arg("parent") = nullptr, "Queues text for a stream.");
  module.def(
      "flush",
      [] {
        Server& server = running_server();
        const py::gil_scoped_release nogil;
        server.capture().drain();
        server.streams().flush();
      },
      "Sends what the streams hold.");
  module.def("input", &input, py::arg("prompt"), py::arg("password"), "Asks the front end for a line.");
  module.def("parent", [] { return PyParent{running_server().parent()}; });
  module.def(
      "descriptors", [] { return py::make_tuple(running_server().shell_fd(), running_server().wake_fd()); },
      "What to wait for between requests.");
  module.def(
      "dropped", [] { return running_server().dropped(); },
      "How many messages were malformed, or signed with another key, and dropped.");
  module.def("stopping", [] { return running_server().stopping(); });
  module.def("connect", &connect, py::arg("capsule"), "Takes the engine's functions; False: another version.");
  module.def("new_id", [] { return std::string(xeus::new_xguid().c_str()); });
  module.def(
      "cell_file", [](const std::string& code) { return cell_file(code); }, py::arg("code"),
      "File name of a cell, the one that debuggers are told.");
  module.def("terminal_fd", &terminal_fd);
}
