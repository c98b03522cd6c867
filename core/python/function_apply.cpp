// Function.apply.
#include "core/profile/profiler.h"
#include "core/python/python_function.h"
#include "core/python/python_tracer.h"
#include "core/python/with_gil.h"

namespace tapescope::face {
namespace {

// The functions of the base class: a subclass that has others overrides them.
PyObject* base_setup_context = nullptr;
PyObject* with_defaults = nullptr;

py::object attribute(PyObject* o, PyObject* name) {
  PyObject* found = PyObject_GetAttr(o, name);
  if (!found) throw_python_error();
  return py::reinterpret_steal<py::object>(found);
}

std::pair<UnpackedInput, InputFlags> unpack_input(PyObject* args) {
  UnpackedInput unpacked;
  InputFlags flags;
  const Py_ssize_t n = PyTuple_GET_SIZE(args);
  unpacked.input_tuple = args;
  flags.needs_input_grad = PyTuple_New(n);
  flags.is_variable_input.reserve(static_cast<size_t>(n));
  bool any = false;
  for (Py_ssize_t i = 0; i < n; ++i) {
    PyObject* a = PyTuple_GET_ITEM(args, i);
    const bool variable = is_tensor(a);
    bool needs = false;
    if (variable) {
      unpacked.input_vars.push_back(unwrap(a));
      needs = unpacked.input_vars.back().requires_grad();
    }
    any |= needs;
    PyTuple_SET_ITEM(flags.needs_input_grad, i, Py_NewRef(needs ? Py_True : Py_False));
    flags.is_variable_input.push_back(variable);
  }
  flags.is_executable = any && grad_enabled();
  if (flags.is_executable) {
    flags.next_edges.reserve(unpacked.input_vars.size());
    for (const Tensor& t : unpacked.input_vars) flags.next_edges.push_back(gradient_edge(t));
  }
  return {std::move(unpacked), std::move(flags)};
}

py::tuple make_ctx_input_tuple(PyObject* ctx, PyObject* inputs) {
  const Py_ssize_t n = PyTuple_GET_SIZE(inputs);
  py::tuple out(static_cast<size_t>(n + 1));
  PyTuple_SET_ITEM(out.ptr(), 0, Py_NewRef(ctx));
  for (Py_ssize_t i = 0; i < n; ++i) PyTuple_SET_ITEM(out.ptr(), i + 1, Py_NewRef(PyTuple_GET_ITEM(inputs, i)));
  return out;
}
py::tuple make_ctx_input_output_tuple(PyObject* ctx, PyObject* inputs, const py::object& output) {
  return py::make_tuple(py::handle(ctx), py::handle(inputs), output);
}

bool is_true(py::handle o, const char* what) {
  if (!PyBool_Check(o.ptr()))
    throw AutogradError("{} must be True or False, but it is a {}", what, Py_TYPE(o.ptr())->tp_name);
  return o.ptr() == Py_True;
}

// Names that each call looks up.
struct Names {
  PyObject* backward_cls = PyUnicode_InternFromString("_backward_cls");
  PyObject* setup_context = PyUnicode_InternFromString("setup_context");
  PyObject* forward = PyUnicode_InternFromString("forward");
  PyObject* clear = PyUnicode_InternFromString("clear_saved_tensors_on_access");
  PyObject* boxed = PyUnicode_InternFromString("boxed_grads_call");
};

// The call as an event of a profile: named by the class, with the sequence number of the node that comes.
class RecordedCall {
 public:
  RecordedCall(PyObject* cls, PyObject* args) {
    if (profile::running()) [[unlikely]]
      begin(cls, args);
  }
  ~RecordedCall() {
    if (token_) [[unlikely]]
      profile::end_range(token_, profile::RangeKind::function, node_, sequence_nr_);
  }
  RecordedCall(const RecordedCall&) = delete;
  RecordedCall& operator=(const RecordedCall&) = delete;

  void made(const Node& node) { node_ = node.id(), sequence_nr_ = node.sequence_nr(); }

 private:
  void begin(PyObject* cls, PyObject* args) {
    sequence_nr_ = thread_state.sequence_nr;
    std::string_view name = reinterpret_cast<PyTypeObject*>(cls)->tp_name;
    name.remove_prefix(name.rfind('.') + 1);
    std::vector<profile::Argument> arguments;
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(args); ++i) {
      profile::Argument a;
      if (PyObject* o = PyTuple_GET_ITEM(args, i); is_tensor(o)) {
        const Tensor t = unwrap(o);
        a.shapes.emplace_back(t.shape().begin(), t.shape().end());
        a.type = name_of(t.dtype());
      }
      arguments.push_back(std::move(a));
    }
    token_ = profile::begin_range(std::string(name), profile::RangeKind::function, sequence_nr_, std::move(arguments));
  }

  uint64_t token_ = 0, node_ = 0, sequence_nr_ = 0;
};

py::object apply(PyObject* cls, PyObject* args) {
  static const Names& names = *new Names;
  RecordedCall recorded(cls, args);
  const py::object backward_cls = attribute(cls, names.backward_cls);
  const py::object setup_context = attribute(cls, names.setup_context), forward = attribute(cls, names.forward);
  const bool overridden = !setup_context.is(py::handle(base_setup_context));
  py::object given = py::reinterpret_borrow<py::object>(args);
  if (overridden) given = py::handle(with_defaults)(forward, given);

  auto [unpacked, flags] = unpack_input(given.ptr());
  py::object needs = py::reinterpret_steal<py::object>(flags.needs_input_grad);
  py::object made = py::reinterpret_steal<py::object>(PyObject_CallNoArgs(backward_cls.ptr()));
  if (!made) throw_python_error();
  if (!THPFunction_Check(made.ptr()))
    throw TypeError("{}._backward_cls makes a {}, which is no context of a Function",
                    reinterpret_cast<PyTypeObject*>(cls)->tp_name, Py_TYPE(made.ptr())->tp_name);
  auto* ctx = reinterpret_cast<THPFunction*>(made.ptr());
  ctx->clear_saved_tensors_on_access = is_true(attribute(cls, names.clear), "clear_saved_tensors_on_access");
  ctx->boxed_grads_call = is_true(attribute(cls, names.boxed), "boxed_grads_call");
  jit::Node* const traced = _trace_pre_record(cls, unpacked, flags.is_variable_input);
  struct Abandon {
    jit::Node* node;
    ~Abandon() { _trace_abandon(node); }
  } abandon{traced};
  const auto node = Ref<PyNode>::adopt(new PyNode(made.release().ptr(), static_cast<int>(flags.next_edges.size())));
  for (size_t i = 0; i < flags.next_edges.size(); ++i)
    node->set_edge(static_cast<int>(i), std::move(flags.next_edges[i]));
  ctx->needs_input_grad = needs.release().ptr();
  ctx->is_variable_input = std::move(flags.is_variable_input);
  PyObject* const self = reinterpret_cast<PyObject*>(ctx);

  py::object output;
  {
    const NoGrad no_grad;
    if (overridden) {
      output = checked_call([&] { return PyObject_CallObject(forward.ptr(), given.ptr()); });
      const py::tuple seen = make_ctx_input_output_tuple(self, given.ptr(), output);
      checked_call([&] { return PyObject_CallObject(setup_context.ptr(), seen.ptr()); });
    } else {
      const py::tuple seen = make_ctx_input_tuple(self, given.ptr());
      output = checked_call([&] { return PyObject_CallObject(forward.ptr(), seen.ptr()); });
    }
  }
  const bool unpack = ensure_tuple(output);
  py::tuple outputs = py::reinterpret_borrow<py::tuple>(output);
  process_outputs(*node, ctx, unpacked, outputs, flags.is_executable, overridden, {traced, cls, unpack});
  abandon.node = nullptr;
  if (flags.is_executable) recorded.made(*node);
  if (!flags.is_executable) {
    Py_CLEAR(ctx->non_differentiable);
    Py_CLEAR(ctx->dirty_tensors);
  }
  return unpack ? py::reinterpret_borrow<py::object>(PyTuple_GET_ITEM(outputs.ptr(), 0)) : py::object(outputs);
}

}  // namespace

PyObject* THPFunction_apply(PyObject* cls, PyObject* const* args, Py_ssize_t n, PyObject* names) {
  return guarded([&]() -> PyObject* {
    if (names && PyTuple_GET_SIZE(names))
      throw TypeError("{}.apply() takes no keyword arguments; give them in forward's order",
                      reinterpret_cast<PyTypeObject*>(cls)->tp_name);
    py::tuple given(static_cast<size_t>(n));
    for (Py_ssize_t i = 0; i < n; ++i) PyTuple_SET_ITEM(given.ptr(), i, Py_NewRef(args[i]));
    return apply(cls, given.ptr()).release().ptr();
  });
}

void THPFunction_initModule(py::module_& m) {
  m.def("_set_function_base", [](py::object setup_context, py::object defaults) {
    base_setup_context = setup_context.release().ptr();
    with_defaults = defaults.release().ptr();
  });
}

}  // namespace tapescope::face
