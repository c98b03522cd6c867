#include "core/python/python_tracer.h"

#include "core/python/frames.h"
#include "core/python/with_gil.h"
#include "core/trace/passes.h"

namespace tapescope::face {
namespace {

using jit::IValue;

// What the package sets; owned for good.
PyObject* unique_name_fn = nullptr;
PyObject* warning_category = nullptr;

// What the program calls the tensor: by the lookup that the caller gave, else by the frame that runs.
std::string name_of_variable(const py::object& lookup, const Tensor& t) {
  if (lookup.is_none()) return name_in_frame(t);
  const py::object name = lookup(py::reinterpret_steal<py::object>(wrap(t)));
  return name.is_none() ? "" : std::string(py::str(name));
}

// That of the first frame that is not of the jit package.
Py_ssize_t level_of_caller() {
  Py_ssize_t level = 1;
  auto frame = py::reinterpret_borrow<py::object>(reinterpret_cast<PyObject*>(PyEval_GetFrame()));
  while (frame && !frame.is_none()) {
    const std::string file = py::str(frame.attr("f_code").attr("co_filename"));
    if (file.find("/tapescope/jit/") == std::string::npos) return level;
    frame = frame.attr("f_back");
    ++level;
  }
  return 1;
}

jit::TraceOptions options_of(const py::object& lookup, bool strict, bool force_outplace, const py::object& module_map) {
  jit::TraceOptions o;
  o.strict = strict;
  o.force_outplace = force_outplace;
  o.lookup_var_name = [lookup](const Tensor& t) { return name_of_variable(lookup, t); };
  o.warn = [](const std::string& message) {
    PyObject* category = warning_category ? warning_category : PyExc_UserWarning;
    if (PyErr_WarnEx(category, message.c_str(), level_of_caller()) < 0) throw py::error_already_set();
  };
  if (module_map.is_none()) return o;
  o.module_name = [module_map](uint32_t id) -> std::string {
    PyObject* name = PyDict_GetItem(module_map.ptr(), py::int_(id).ptr());
    return name ? std::string(py::str(name)) : "";
  };
  return o;
}

py::tuple finished(jit::Traced traced) {
  return py::make_tuple(traced.graph, to_python(traced.result));
}

std::shared_ptr<jit::Object> self_of(const py::object& self) {
  return self.is_none() ? nullptr : self.cast<std::shared_ptr<jit::Object>>();
}

class FunctionCall final : public jit::PythonCallable {
 public:
  FunctionCall(const py::object& cls, std::string arg_types, std::vector<py::object> scalars)
      : cls_(cls.inc_ref().ptr()), arg_types_(std::move(arg_types)) {
    for (const py::object& s : scalars) scalars_.push_back(s.inc_ref().ptr());
  }
  ~FunctionCall() override {
    drop(cls_);
    for (PyObject* s : scalars_) drop(s);
  }
  std::string name() const override { return reinterpret_cast<PyTypeObject*>(cls_)->tp_name; }
  std::string calling_convention() const override { return arg_types_; }
  std::string scalars() const override {
    const WithGil gil;
    std::string out;
    for (PyObject* s : scalars_) out += fmt::format("{}{}", out.empty() ? "" : ", ", shown(s));
    return fmt::format("({})", out);
  }
  IValue call(std::span<const IValue> tensors) const override {
    const WithGil gil;
    py::tuple args(arg_types_.size());
    size_t tensor = 0, scalar = 0;
    for (size_t i = 0; i < arg_types_.size(); ++i)
      args[i] =
          arg_types_[i] == 'd' ? to_python(tensors[tensor++]) : py::reinterpret_borrow<py::object>(scalars_[scalar++]);
    return to_ivalue(face::call(py::handle(cls_).attr("apply"), *args), name());
  }

 private:
  // On one line: a repr may be anything.
  static std::string shown(PyObject* o) {
    std::string s;
    try {
      s = py::repr(o);
    } catch (py::error_already_set&) {
      s = fmt::format("<{}>", Py_TYPE(o)->tp_name);
    }
    if (!PyUnicode_Check(o) && s.find_first_of("()'\"\n\\") != std::string::npos)
      s = fmt::format("<{}>", Py_TYPE(o)->tp_name);
    return s;
  }

  PyObject* cls_;
  std::string arg_types_;
  std::vector<PyObject*> scalars_;
};

// What was recorded behind the node as a graph of its own.
void _append_subgraph(jit::Node* node, std::span<jit::Value* const> trace_outputs) {
  auto sub = std::make_shared<jit::Graph>();
  std::unordered_map<const jit::Value*, jit::Value*> map;
  for (const jit::Value* v : node->inputs()) {
    map[v] = sub->add_input();
    map[v]->set_type(v->type());
  }
  const std::function<jit::Value*(jit::Value*)> value = [&](jit::Value* v) -> jit::Value* {
    if (const auto found = map.find(v); found != map.end()) return found->second;
    // From outside: a constant, or a tensor that the body closes over.
    if (v->node()->kind() == "prim::Constant") return map[v] = sub->insert(sub->clone(*v->node(), value))->output();
    map[v] = sub->add_input();
    return map[v]->set_type(v->type());
  };
  for (const jit::Node* n = node->next(); n != node->owning_block()->return_node(); n = n->next()) {
    const jit::Node* copy = sub->insert(sub->clone(*n, value));
    for (size_t i = 0; i < n->outputs().size(); ++i) map[n->output(i)] = copy->output(i);
  }
  for (jit::Value* v : trace_outputs)
    if (v) sub->register_output(value(v));
  node->set_attribute("Subgraph", sub);
}

}  // namespace

jit::SourceRange getPythonInterpreterSourceRange() {
  std::vector<SiteId> stack;
  current_stack(stack);
  return jit::SourceRange(std::move(stack));
}

py::tuple createGraphByTracing(const py::function& func, const py::tuple& inputs, const py::object& var_name_lookup_fn,
                               bool strict, bool force_outplace, const py::object& self,
                               const std::vector<std::string>& argument_names, const py::object& module_map) {
  std::vector<IValue> values;
  for (size_t i = 0; i < inputs.size(); ++i) values.push_back(to_ivalue(inputs[i], fmt::format("input {}", i)));
  const auto run = [&](std::span<const IValue> in) {
    py::tuple args(in.size());
    for (size_t i = 0; i < in.size(); ++i) args[i] = to_python(in[i]);
    return to_ivalue(func(*args), "the result");
  };
  return finished(jit::trace(run, std::move(values), options_of(var_name_lookup_fn, strict, force_outplace, module_map),
                             self_of(self), argument_names));
}

py::tuple createGraphByTracingWithDict(const py::function& func, const py::dict& inputs_dict,
                                       const py::object& var_name_lookup_fn, bool strict, bool force_outplace,
                                       const py::object& self, const std::vector<std::string>& argument_names,
                                       const py::object& module_map) {
  std::vector<IValue> values;
  std::vector<std::string> names;
  for (const std::string& name : argument_names) {
    if (!inputs_dict.contains(name)) continue;
    names.push_back(name);
    values.push_back(to_ivalue(inputs_dict[name.c_str()], fmt::format("input '{}'", name)));
  }
  const auto run = [&](std::span<const IValue> in) {
    py::dict args;
    for (auto [key, value] : inputs_dict) args[key] = value;
    for (size_t i = 0; i < in.size(); ++i) args[names[i].c_str()] = to_python(in[i]);
    return to_ivalue(func(**args), "the result");
  };
  return finished(jit::trace(run, std::move(values), options_of(var_name_lookup_fn, strict, force_outplace, module_map),
                             self_of(self), names));
}

jit::Node* preRecordPythonTrace(const py::object& pyobj, const std::string& arg_types, std::span<const Tensor> inputs,
                                std::vector<py::object> scalar_args) {
  const auto& state = jit::tracing_state();
  std::vector<jit::Value*> values;
  for (const Tensor& t : inputs) values.push_back(state->value_of(t));
  std::string name = reinterpret_cast<PyTypeObject*>(pyobj.ptr())->tp_name;
  jit::Node* n = state->graph->create(fmt::format("^{}", name), values, 0);
  n->callable = std::make_shared<FunctionCall>(pyobj, arg_types, std::move(scalar_args));
  n->set_source_range(getPythonInterpreterSourceRange());
  n->set_scope(state->scope());
  return state->graph->insert(n);
}

jit::Node* _trace_pre_record(PyObject* cls, const UnpackedInput& in, const std::vector<bool>& is_variable_input) {
  if (!jit::is_tracing()) return nullptr;
  std::string arg_types;
  std::vector<py::object> scalars;
  for (size_t i = 0; i < is_variable_input.size(); ++i) {
    arg_types += is_variable_input[i] ? 'd' : 'c';
    if (!is_variable_input[i])
      scalars.push_back(
          py::reinterpret_borrow<py::object>(PyTuple_GET_ITEM(in.input_tuple, static_cast<Py_ssize_t>(i))));
  }
  return preRecordPythonTrace(py::reinterpret_borrow<py::object>(cls), arg_types, in.input_vars, std::move(scalars));
}

void _trace_post_record(jit::Node* node, PyObject* cls, std::span<const Tensor> outputs, bool is_inplace,
                        bool unpack_output) {
  if (!node || !jit::is_tracing()) return;
  const auto& state = jit::tracing_state();
  node->set_attribute("inplace", int64_t{is_inplace});
  const py::object module = py::getattr(cls, "__module__", py::str(""));
  node->set_attribute("module", std::string(py::str(module)));
  std::vector<jit::Value*> before;
  std::vector<jit::TypePtr> types;
  for (const Tensor& t : outputs) {
    before.push_back(t.defined() && state->has_value(t) ? state->value_of(t) : nullptr);
    types.push_back(t.defined() ? jit::Type::tensor(t.dtype(), t.shape()) : jit::Type::none());
  }
  _append_subgraph(node, before);
  // The node stands for all that its body did.
  jit::Node* const begin = node;
  std::vector<jit::Value*> made;
  jit::Node* unpack = nullptr;
  if (unpack_output && outputs.size() == 1) {
    made.push_back(node->add_output());
    made[0]->set_type(types[0]);
  } else {
    jit::Value* const whole[] = {node->add_output()};
    whole[0]->set_type(jit::Type::tuple(types));
    unpack = state->graph->create("prim::TupleUnpack", whole, outputs.size());
    unpack->set_source_range(node->source_range());
    unpack->set_scope(node->scope());
    for (size_t i = 0; i < outputs.size(); ++i) {
      unpack->output(i)->set_type(types[i]);
      made.push_back(unpack->output(i));
    }
  }
  for (size_t i = 0; i < outputs.size(); ++i) {
    if (!outputs[i].defined()) continue;
    state->set_value(outputs[i], made[i]);
    if (!node->history) state->record_history(node, outputs[i]);
  }
  for (jit::Node* n = state->graph->insert_point()->prev(); n != begin;) {
    jit::Node* const earlier = n->prev();
    bool used = false;
    for (const jit::Value* v : n->outputs()) used = used || !v->uses().empty();
    if (!used) n->destroy();
    n = earlier;
  }
  if (unpack) unpack->insert_after(begin);
}

void _trace_abandon(jit::Node* node) noexcept {
  if (!node || !jit::is_tracing()) return;
  jit::Node* n = jit::tracing_state()->graph->insert_point()->prev();
  for (bool last = false; !last;) {
    jit::Node* const earlier = n->prev();
    last = n == node;
    bool used = false;
    for (const jit::Value* v : n->outputs()) used = used || !v->uses().empty();
    if (!used) n->destroy();
    n = earlier;
  }
}

void tracer_warn(const char* what, bool dataflow) {
  if (!jit::is_tracing()) return;
  std::string message = what;
  if (dataflow)
    message +=
        " might cause the trace to be incorrect. We can't record the data flow of Python values, so this value will be "
        "treated as a constant in the future. This means that the trace might not generalize to other inputs!";
  else
    message +=
        " results are registered as constants in the trace. You can safely ignore this warning if you use this "
        "function "
        "to create tensors out of constant variables that would be the same every time you call this function. In any "
        "other case, this might cause the trace to be incorrect.";
  jit::tracing_state()->warn(message);
}

py::tuple traced_shape(const Tensor& t) {
  py::tuple out(static_cast<size_t>(t.dim()));
  const bool traced = jit::is_tracing() && jit::tracing_state()->has_value(t);
  for (int d = 0; d < t.dim(); ++d) {
    if (!traced) {
      out[static_cast<size_t>(d)] = py::int_(t.size(d));
      continue;
    }
    const auto& state = jit::tracing_state();
    jit::Value* const parts[] = {state->value_of(t), state->value_of(IValue(int64_t{d}))};
    jit::Value* const size[] = {state->add("aten::size", parts)->output()->set_type(jit::Type::integer())};
    const Tensor number = ops::scalar(t.size(d));
    state->set_value(number,
                     state->add("prim::NumToTensor", size)->output()->set_type(jit::Type::tensor(DType::int64, {})));
    out[static_cast<size_t>(d)] = py::reinterpret_steal<py::object>(wrap(number));
  }
  return out;
}

void initPythonTracerBindings(py::module_& m) {
  using State = jit::TracingState;
  py::class_<State, std::shared_ptr<State>>(m, "TracingState", "What an open trace has recorded so far.")
      .def("__repr__",
           [](const State& s) { return fmt::format("<TracingState of {} nodes>", s.graph->nodes().size()); })
      .def("__str__", [](const State& s) { return s.graph->str(); })
      .def("push_scope", &State::push_scope, py::arg("scope_name"))
      .def("pop_scope", &State::pop_scope, "Raises ValueError if none is open.")
      .def("current_scope", [](const State& s) { return s.scope() ? s.scope()->full_name() : std::string(); })
      .def_property_readonly("graph", [](const State& s) { return s.graph; });
  m.def("_create_graph_by_tracing", &createGraphByTracing, py::arg("func"), py::arg("inputs"),
        py::arg("var_name_lookup_fn"), py::arg("strict"), py::arg("force_outplace"), py::arg("self") = py::none(),
        py::arg("argument_names") = std::vector<std::string>(), py::arg("module_map") = py::none());
  m.def("_create_graph_by_tracing_with_dict", &createGraphByTracingWithDict, py::arg("func"), py::arg("inputs_dict"),
        py::arg("var_name_lookup_fn"), py::arg("strict"), py::arg("force_outplace"), py::arg("self") = py::none(),
        py::arg("argument_names") = std::vector<std::string>(), py::arg("module_map") = py::none());
  m.def(
      "_get_tracing_state", [] { return jit::is_tracing() ? jit::tracing_state() : nullptr; },
      "The open trace of this thread, or None.");
  m.def("_set_tracing_state", &jit::set_tracing_state, py::arg("state").none(true));
  m.def("_tracer_set_get_unique_name_fn", [](const py::object& f) {
    Py_XDECREF(std::exchange(unique_name_fn, f.is_none() ? nullptr : f.inc_ref().ptr()));
    if (jit::is_tracing())
      jit::tracing_state()->options.lookup_var_name = [f](const Tensor& t) { return name_of_variable(f, t); };
  });
  m.def("_tracer_set_force_outplace", [](bool on) {
    if (jit::is_tracing()) jit::tracing_state()->options.force_outplace = on;
  });
  m.def(
      "_tracer_warn_use_python",
      [](const py::object& category) { Py_XDECREF(std::exchange(warning_category, category.inc_ref().ptr())); },
      py::arg("category"), "Warnings of the tracer are of this category from now on.");
  m.def(
      "_tracer_warn",
      [](const std::string& message) {
        if (jit::is_tracing()) jit::tracing_state()->warn(message);
      },
      py::arg("message"), "Says it as a TracerWarning; nothing outside of a trace.");
  m.def("_source_stack", [] { return getPythonInterpreterSourceRange().str(); });
}

}  // namespace tapescope::face
