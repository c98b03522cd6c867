// Functions of the program's own, in Python.
//
// A call makes two objects. PyNode is the vertex of the graph. THPFunction is the Python object that forward and
// backward get as `ctx`, and that `grad_fn` shows: PyNode owns it, it knows PyNode without owning it.
//
// Invariants
//   * While both live, `obj->base.node` is the PyNode and `Node::python` is the object.
//   * When the node dies first, the object stays for whoever holds it: `has_freed_buffers` is set, and attributes that
//     need a node raise.
//   * Saved variables lie in the object, as their hooks may be the program's; they are not visited by the garbage
//     collector, for a tensor that a node keeps does not lead back to the node.
//   * `to_save`, `dirty_tensors`, `non_differentiable` and `saved_for_forward` are the program's until apply() ends.
#pragma once

#include <vector>

#include "core/autograd/custom_function.h"
#include "core/python/node_object.h"

namespace tapescope::jit {
class Node;
}

namespace tapescope::face {

// What a result looks like, for the zeros that stand for a gradient that did not come; null: no tensor.
using VariableInfo = const TensorMeta*;

struct THPFunction {
  PyNodeObject base;
  PyObject* needs_input_grad;  // owned, as all here; null: None
  PyObject* to_save;
  PyObject* non_differentiable;
  PyObject* dirty_tensors;
  PyObject* saved_for_forward;
  PyObject* compiled_autograd_backward_state;
  bool materialize_grads;
  bool pure_view;
  bool materialize_non_diff_grads;
  bool clear_saved_tensors_on_access;
  bool boxed_grads_call;
  bool saved_tensors_taken;
  char has_freed_buffers;
  std::vector<VariableInfo> output_info;
  std::vector<VariableInfo> input_info;  // of the tensors among the arguments
  std::vector<SavedVariable> saved_variables;
  std::vector<bool> is_variable_input;  // one an argument
};

extern PyTypeObject THPFunctionType;
inline bool THPFunction_Check(PyObject* o) {
  return PyObject_TypeCheck(o, &THPFunctionType);
}

class PyNode final : public WideNode {
 public:
  // Takes over the reference to `obj`.
  PyNode(PyObject* obj, int edges);
  ~PyNode() override;
  void apply(std::span<Tensor> grads, std::span<Tensor> out) override;
  const NodeType& type() const override { return *type_; }
  // Drops the saved variables, also where there were none: reading them raises from now on.
  void release_saved() override { release_variables(); }
  std::vector<Slot> slots() const override;

  void release_variables();
  using Node::release_variables;
  using WideNode::resize_inputs;

  PyObject* const obj;

 private:
  py::tuple to_py_args(std::span<const Tensor> grads) const;
  void to_variable_list(const py::tuple& results, std::span<Tensor> out) const;
  const NodeType* type_;
};

// What apply() was called with.
struct InputFlags {
  bool is_executable = false;
  std::vector<Edge> next_edges;
  PyObject* needs_input_grad = nullptr;  // owned by whoever takes it
  std::vector<bool> is_variable_input;
};
struct UnpackedInput {
  PyObject* input_tuple = nullptr;  // borrowed
  std::vector<Tensor> input_vars;
};

// True if `obj` had to be wrapped in a tuple.
bool ensure_tuple(py::object& obj);

// In function_apply.cpp.
PyObject* THPFunction_apply(PyObject* cls, PyObject* const* args, Py_ssize_t n, PyObject* names);
// The call in an open trace; node null: there is none.
struct TracedCall {
  jit::Node* node = nullptr;
  PyObject* cls = nullptr;
  bool unpack_output = false;
};
// In function_outputs.cpp: gives what forward returned its history, in place.
void process_outputs(PyNode& node, THPFunction* ctx, const UnpackedInput& in, py::tuple& outputs, bool is_executable,
                     bool overridden_setup_context, const TracedCall& traced);
// In function_saved.cpp: ctx.saved_tensors.
py::tuple unpack_saved_variables(THPFunction* self);

void THPFunction_initModule(py::module_& m);

}  // namespace tapescope::face
