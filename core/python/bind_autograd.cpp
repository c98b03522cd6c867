// backward, grad, grad modes, optimiser steps.
#include <unistd.h>

#include <atomic>

#include "core/autograd/engine.h"
#include "core/backend/parallel.h"
#include "core/graph/autograd_meta.h"
#include "core/ops/ops.h"
#include "core/ops/step.h"
#include "core/profile/profiler.h"
#include "core/python/callable.h"
#include "core/python/face.h"
#include "core/trace/tracer.h"

namespace tapescope::face {
namespace {

using py::arg;

// Threads that work without the interpreter's lock. The process does not take down what they use while they do.
std::atomic<int> unlocked = 0;

void* release_lock() {
  if (!PyGILState_Check()) return nullptr;
  ++unlocked;
  return PyEval_SaveThread();
}

void acquire_lock(void* state) {
  --unlocked;
  try {
    PyEval_RestoreThread(static_cast<PyThreadState*>(state));
  } catch (abi::__forced_unwind&) {
    stay();
  }
}

void wait_for_loops() {
  constexpr int patience = 5000;  // milliseconds
  for (int i = 0; i < patience && unlocked > 0; ++i) usleep(1000);
}

// Tensors, and GradientEdges: tuples that begin with a node and a number.
std::vector<GradientPoint> points_of(const py::list& objects) {
  std::vector<GradientPoint> points;
  for (const py::handle o : objects) {
    if (is_tensor(o.ptr())) {
      points.emplace_back(unwrap(o.ptr()));
      continue;
    }
    Ref<Node> node = PyTuple_Check(o.ptr()) && PyTuple_GET_SIZE(o.ptr()) >= 2
                         ? unwrap_node(PyTuple_GET_ITEM(o.ptr(), 0))
                         : Ref<Node>();
    if (!node) throw TypeError("expected a Tensor or a GradientEdge, got {}", Py_TYPE(o.ptr())->tp_name);
    const auto nr = py::handle(PyTuple_GET_ITEM(o.ptr(), 1)).cast<int64_t>();
    if (nr < 0 || nr >= node->num_inputs())
      throw ValueError("GradientEdge: {} has {} outputs, there is no number {}", node->type().name, node->num_inputs(),
                       nr);
    points.emplace_back(Edge{std::move(node), static_cast<uint32_t>(nr)});
  }
  return points;
}

}  // namespace

void stay() {
  while (true) pause();
}

void bind_autograd(py::module_& m) {
  m.def(
      "_backward",
      [](const py::list& tensors, const std::vector<Tensor>& grads, bool retain_graph, bool create_graph,
         const py::list& inputs) {
        backward(points_of(tensors), grads, retain_graph, create_graph, points_of(inputs));
      },
      arg("tensors"), arg("grads"), arg("retain_graph"), arg("create_graph"), arg("inputs"));
  m.def(
      "_grad",
      [](const py::list& outputs, const py::list& inputs, const std::vector<Tensor>& grads, bool retain_graph,
         bool create_graph, bool allow_unused) {
        return grad(points_of(outputs), points_of(inputs), grads, retain_graph, create_graph, allow_unused);
      },
      arg("outputs"), arg("inputs"), arg("grads"), arg("retain_graph"), arg("create_graph"), arg("allow_unused"));
  m.def("_gradient_edge", [](const Tensor& t) {
    const Edge e = gradient_edge(t);
    return py::make_tuple(py::reinterpret_steal<py::object>(wrap(e.node.get())), e.input_nr);
  });
  m.def("is_grad_enabled", [] { return grad_enabled(); });
  m.def("_set_grad_enabled", [](bool on) { thread_state.grad_mode = on && !inference_mode; });
  m.def("is_inference_mode_enabled", [] { return inference_mode; });
  m.def("_set_inference", [](bool on) {
    inference_mode = on;
    thread_state.grad_mode = !on;
  });
  m.def("_is_checkpoint_valid", &is_checkpoint_valid);
  m.def("_current_graph_task_id", &current_graph_task_id);
  m.def("_current_graph_task_execution_order", [] {
    py::list out;
    for (const Ref<Node>& n : current_execution_order()) out.append(py::reinterpret_steal<py::object>(wrap(n.get())));
    return out;
  });
  m.def("_will_engine_execute_node", [](py::object node) {
    const Ref<Node> n = unwrap_node(node.ptr());
    if (!n) throw TypeError("_will_engine_execute_node: takes a node, not {}", Py_TYPE(node.ptr())->tp_name);
    return will_execute(*n);
  });
  m.def("_current_autograd_node", [] { return py::reinterpret_steal<py::object>(wrap(current_node())); });
  m.def("_queue_callback", [](py::function f) {
    queue_callback([f = std::move(f)] {
      const profile::Range range(profile::RangeKind::hook, [&] { return "hook: " + describe_callable(f).name; });
      f();
    });
  });
  def_method(
      "retain_grad", [](const Tensor& t) { retain_grad(t); },
      "Keeps the gradient of a non-leaf in .grad. Raises RuntimeError if it does not require grad.");
  py::class_<ops::Step>(m, "_Step", "One step of an optimizer: parts are added, then all of them run.")
      .def(py::init<>())
      .def("sgd",
           [](ops::Step& step, const Tensor& p, const Tensor& grad, const Tensor& momentum, double lr, double mu,
              double dampening, double decay, bool nesterov, bool maximize, bool first) {
             step.sgd(p, grad, momentum, {lr, mu, dampening, decay, nesterov, maximize, first});
           })
      .def("adam",
           [](ops::Step& step, const Tensor& p, const Tensor& grad, const Tensor& m1, const Tensor& m2, int64_t count,
              double lr, double b1, double b2, double eps, double decay, bool decoupled, bool maximize) {
             step.adam(p, grad, m1, m2, {lr, b1, b2, eps, decay, decoupled, maximize, count});
           })
      .def("run", &ops::Step::run);
  m.def("_push_module", [](uint32_t id) {
    if (jit::is_tracing()) [[unlikely]]
      jit::tracing_state()->push_module(id);
    return std::exchange(thread_state.module, id);
  });
  m.def("_pop_module", [](uint32_t outer) {
    if (jit::is_tracing()) [[unlikely]]
      jit::tracing_state()->pop_module();
    thread_state.module = outer;
  });
  check_interrupt = [] {
    if (PyErr_CheckSignals() < 0) throw py::error_already_set();
  };
  interpreter_lock = {release_lock, acquire_lock};
  Py_AtExit(wait_for_loops);
}

}  // namespace tapescope::face
