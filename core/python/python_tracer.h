// jit.trace: the tracer as Python starts it, and what Python code does while it is traced.
#pragma once

#include "core/python/python_function.h"
#include "core/python/trace_values.h"
#include "core/trace/tracer.h"

namespace tapescope::jit {
class Code;
}

namespace tapescope::face {

// "file(line): function" for every frame, innermost first; file and line are those of the innermost frame that has a
// file.
jit::SourceRange getPythonInterpreterSourceRange();

// Traces func(*inputs). `self`: None, or the module whose parameters the graph reads as attributes. `module_map`: None,
// or a dict of what its submodules are called, by module id.
py::tuple createGraphByTracing(const py::function& func, const py::tuple& inputs, const py::object& var_name_lookup_fn,
                               bool strict, bool force_outplace, const py::object& self,
                               const std::vector<std::string>& argument_names, const py::object& module_map);
// Traces func(**inputs): the graph's inputs are those of `argument_names` that the dict has, in that order.
py::tuple createGraphByTracingWithDict(const py::function& func, const py::dict& inputs_dict,
                                       const py::object& var_name_lookup_fn, bool strict, bool force_outplace,
                                       const py::object& self, const std::vector<std::string>& argument_names,
                                       const py::object& module_map);

// The node of a custom Function, before its forward runs. `arg_types`: 'd' for a tensor, 'c' for another argument.
jit::Node* preRecordPythonTrace(const py::object& pyobj, const std::string& arg_types, std::span<const Tensor> inputs,
                                std::vector<py::object> scalar_args);
// A custom Function's call, as apply() tells it.
jit::Node* _trace_pre_record(PyObject* cls, const UnpackedInput& in, const std::vector<bool>& is_variable_input);
void _trace_post_record(jit::Node* node, PyObject* cls, std::span<const Tensor> outputs, bool is_inplace,
                        bool unpack_output);

// The call's forward threw: takes it, and what its body recorded, out of the trace.
void _trace_abandon(jit::Node* node) noexcept;

// Says that the trace will not see what is done with a tensor; nothing outside of a trace. May throw.
void tracer_warn(const char* what, bool dataflow = true);

void bind_traced_function(py::module_& m);

// Runs the graph; its one result. Raises as jit::Code::run.
py::object run_code(const jit::Code& code, PyObject* const* args, size_t count);

// A tensor whose elements the program wrote down: a trace makes a constant of it without a word.
inline Tensor literal(Tensor t) {
  if (jit::is_tracing()) jit::tracing_state()->keep_literal(t);
  return t;
}

// The sizes of a tensor as a trace sees them: numbers outside of one, else tensors of one element that stand for them.
py::tuple traced_shape(const Tensor& t);

}  // namespace tapescope::face
