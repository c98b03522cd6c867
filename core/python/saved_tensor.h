// What Python sees of a saved variable, and hooks on saved variables that are Python callables.
#pragma once

#include "core/graph/saved_variable.h"
#include "core/python/face.h"

namespace tapescope::face {

// A slot of a node. Owns the node; the slot may be empty, or freed.
class SavedTensor {
 public:
  SavedTensor(Ref<Node> node, std::string slot) : node_(std::move(node)), slot_(std::move(slot)) {}
  // Throws AutogradError if the node holds it no more.
  SavedVariable& variable() const;
  const Node& node() const { return *node_; }
  const std::string& slot() const { return slot_; }

 private:
  Ref<Node> node_;
  std::string slot_;
};

class PySavedVariableHooks final : public SavedVariableHooks {
 public:
  // Throws TypeError for what cannot be called.
  PySavedVariableHooks(py::object pack_hook, py::object unpack_hook);
  ~PySavedVariableHooks() override;
  void pack(const Tensor& t) override;
  Tensor unpack() override;
  std::vector<HookInfo> describe() const override;
  PyObject* packed() const { return data_; }

 private:
  PyObject *pack_hook_, *unpack_hook_, *data_ = nullptr;  // owned
};

// What the pack hook returned, borrowed; null where these are no hooks of Python's.
PyObject* packed_object(const SavedVariableHooks* hooks);

}  // namespace tapescope::face
