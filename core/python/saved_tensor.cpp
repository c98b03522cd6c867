#include "core/python/saved_tensor.h"
#include "core/profile/profiler.h"

#include <deque>
#include <optional>

#include "core/graph/observer.h"
#include "core/profile/profiler.h"
#include "core/python/callable.h"
#include "core/python/with_gil.h"

namespace tapescope::face {
namespace {

// The default hooks of a thread, innermost last, and why there may be none.
struct Defaults {
  std::vector<std::pair<PyObject*, PyObject*>> stack;  // owned
  std::optional<std::string> disabled;
};
// On the heap: room for thread-local variables that are reached directly is scarce.
Defaults& defaults() {
  static thread_local Defaults* const d = new Defaults;
  return *d;
}

std::unique_ptr<SavedVariableHooks> innermost() {
  const auto& [pack, unpack] = defaults().stack.back();
  return std::make_unique<PySavedVariableHooks>(py::reinterpret_borrow<py::object>(pack),
                                                py::reinterpret_borrow<py::object>(unpack));
}

void push(py::object pack, py::object unpack) {
  Defaults& d = defaults();
  if (d.disabled) throw AutogradError("{}", *d.disabled);
  for (const py::object& hook : {pack, unpack})
    if (!PyCallable_Check(hook.ptr()))
      throw TypeError("saved_tensors_hooks: a hook is a function of one argument, not a {}",
                      Py_TYPE(hook.ptr())->tp_name);
  d.stack.emplace_back(pack.release().ptr(), unpack.release().ptr());
  default_saved_hooks = innermost;
  thread_state.saved_hooks = true;
}

void pop() {
  Defaults& d = defaults();
  if (d.stack.empty()) throw AutogradError("there are no default hooks for saved tensors to be taken away");
  const auto [pack, unpack] = d.stack.back();
  d.stack.pop_back();
  thread_state.saved_hooks = !d.stack.empty();
  Py_DECREF(pack);
  Py_DECREF(unpack);
}

// Who is asked before a write; owned.
PyObject* writing = nullptr;

void ask_before_write(const Tensor& t) {
  const WithGil gil;
  const Unobserved part_of_the_op;
  const NoGrad no_grad;
  if (writing) call(py::reinterpret_borrow<py::object>(writing), py::reinterpret_steal<py::object>(wrap(t)));
}

}  // namespace

SavedVariable& SavedTensor::variable() const {
  for (const Slot& s : node_->slots())
    if (s.name == slot_ && s.variable) return const_cast<SavedVariable&>(*s.variable);
  throw_backward_twice(*node_);
}

PySavedVariableHooks::PySavedVariableHooks(py::object pack_hook, py::object unpack_hook) {
  for (const py::object& hook : {pack_hook, unpack_hook})
    if (!PyCallable_Check(hook.ptr()))
      throw TypeError("register_hooks: a hook is a function of one argument, not a {}", Py_TYPE(hook.ptr())->tp_name);
  pack_hook_ = pack_hook.release().ptr();
  unpack_hook_ = unpack_hook.release().ptr();
}

PySavedVariableHooks::~PySavedVariableHooks() {
  if (!Py_IsInitialized()) return;
  const WithGil gil;
  // Destructors of the program's run here: an error that is on its way stays.
  PyObject *error, *value, *traceback;
  PyErr_Fetch(&error, &value, &traceback);
  Py_XDECREF(pack_hook_);
  Py_XDECREF(unpack_hook_);
  Py_XDECREF(data_);
  PyErr_Restore(error, value, traceback);
}

void PySavedVariableHooks::pack(const Tensor& t) {
  const WithGil gil;
  const profile::Range range(profile::RangeKind::hook, [&] { return "hook: " + describe_callable(pack_hook_).name; });
  const py::object given = py::reinterpret_steal<py::object>(wrap(t));
  data_ = checked_call([&] { return PyObject_CallOneArg(pack_hook_, given.ptr()); }).release().ptr();
  Py_CLEAR(pack_hook_);  // it is asked once
}

Tensor PySavedVariableHooks::unpack() {
  const WithGil gil;
  const profile::Range range(profile::RangeKind::hook, [&] { return "hook: " + describe_callable(unpack_hook_).name; });
  const py::object got = checked_call([&] { return PyObject_CallOneArg(unpack_hook_, data_); });
  if (!is_tensor(got.ptr()))
    throw TypeError("Output of saved tensor unpack_hook expected to be a Tensor but got result of type {}",
                    Py_TYPE(got.ptr())->tp_name);
  return unwrap(got.ptr());
}

std::vector<HookInfo> PySavedVariableHooks::describe() const {
  const WithGil gil;
  return {describe_callable(unpack_hook_)};
}

PyObject* packed_object(const SavedVariableHooks* hooks) {
  const auto* ours = dynamic_cast<const PySavedVariableHooks*>(hooks);
  return ours ? ours->packed() : nullptr;
}

void bind_saved_tensors(py::module_& m) {
  py::class_<SavedTensor>(m, "SavedTensor", "What a node saved, as it lies there: see Node._raw_saved_…")
      .def(py::init([]() -> SavedTensor* {
        throw AutogradError(
            "Trying to create a SavedTensor object from Python is forbidden: take it from a node's _raw_saved_… "
            "attribute.");
      }))
      .def(
          "register_hooks",
          [](const SavedTensor& s, py::object pack_hook, py::object unpack_hook) {
            s.variable().register_hooks(
                std::make_unique<PySavedVariableHooks>(std::move(pack_hook), std::move(unpack_hook)));
          },
          py::arg("pack_hook"), py::arg("unpack_hook"),
          "Packs it now with pack_hook(tensor); unpack_hook(packed) brings it back whenever it is asked for.\n\n"
          "Raises RuntimeError if it is None, was freed, or has hooks already.")
      .def_property_readonly(
          "data", [](const SavedTensor& s) { return s.variable().data(); },
          "The memory without history; None if it was freed, or hooks hold it.")
      .def_property_readonly(
          "unpack_hook",
          [](const SavedTensor& s) {
            const SavedVariableHooks* h = s.variable().hooks();
            return h ? py::object(py::str(h->describe()[0].name)) : py::object(py::none());
          },
          "Name of the hook that brings it back, or None.");
  m.def("_push_saved_tensors_default_hooks", &push, py::arg("pack_hook"), py::arg("unpack_hook"));
  m.def("_pop_saved_tensors_default_hooks", &pop);
  m.def("_saved_tensors_hooks_is_enabled", [] { return !defaults().disabled; });
  m.def("_saved_tensors_hooks_message", [] { return defaults().disabled; });
  m.def("_saved_tensors_hooks_disable", [](std::string message) {
    if (!defaults().stack.empty()) throw AutogradError("{}", message);
    defaults().disabled = std::move(message);
  });
  m.def("_set_before_write", [](py::object f) {
    before_write = f.is_none() ? nullptr : ask_before_write;
    PyObject* old = std::exchange(writing, f.is_none() ? nullptr : f.release().ptr());
    Py_XDECREF(old);
  });
  m.def("_saved_tensors_hooks_enable", [] { defaults().disabled.reset(); });
  m.def("_default_saved_tensors_hooks", []() -> py::object {
    const Defaults& d = defaults();
    if (d.stack.empty()) return py::none();
    return py::make_tuple(py::handle(d.stack.back().first), py::handle(d.stack.back().second));
  });
}

}  // namespace tapescope::face
