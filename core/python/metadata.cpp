// The dicts that nodes carry for their users: they outlive the Python wrapper, and die with the node.
#include <mutex>
#include <unordered_map>

#include "core/python/face.h"

namespace tapescope::face {
namespace {

// Entries change under the lock, dicts under the GIL; a node may die without the GIL.
struct Kept {
  std::mutex mutex;
  std::unordered_map<const Node*, PyObject*> dicts;
};
Kept& kept() {
  static auto& k = *new Kept;
  return k;
}

void forget(const Node* node) noexcept {
  PyObject* dict = nullptr;
  {
    const std::lock_guard lock(kept().mutex);
    const auto found = kept().dicts.find(node);
    if (found == kept().dicts.end()) return;
    dict = found->second;
    kept().dicts.erase(found);
  }
  if (!Py_IsInitialized()) return;
  const PyGILState_STATE gil = PyGILState_Ensure();
  Py_DECREF(dict);
  PyGILState_Release(gil);
}

}  // namespace

py::dict node_metadata(const Node& node) {
  {
    const std::lock_guard lock(kept().mutex);
    if (const auto found = kept().dicts.find(&node); found != kept().dicts.end())
      return py::reinterpret_borrow<py::dict>(found->second);
  }
  py::dict made;
  forget_node = forget;
  node.remember();
  const std::lock_guard lock(kept().mutex);
  kept().dicts.emplace(&node, made.inc_ref().ptr());
  return made;
}

}  // namespace tapescope::face
