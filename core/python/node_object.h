// A node as a Python object.
//
// Invariants
//   * There is one object a node while the object lives (Node::python).
//   * The object of an engine's node owns the node. With a custom function it is the other way round: the node owns the
//     object, which is the function's ctx, and `node` is null once it died or where there never was one.
#pragma once

#include "core/python/face.h"

namespace tapescope::face {

struct PyNodeObject {
  PyObject_HEAD Node* node;
  PyObject* dict;
  PyObject* weak;
};

extern PyTypeObject NodeBase;

// The node behind `self`. Throws AutogradError, as PyTorch's check of legacy access, where there is none.
Node* check_legacy_fn_attr_access(PyObject* self, const char* attribute);

// Calls visit with every dict of Python hooks that a node, or the leaf's meta, holds.
int visit_hook_dicts(const Node& node, visitproc visit, void* arg);
// With what the node alone holds, for an object that owns the node's only count.
int visit_node(const Node& node, visitproc visit, void* arg);

}  // namespace tapescope::face
