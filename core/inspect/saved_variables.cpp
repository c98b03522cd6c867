#include "core/inspect/saved_variables.h"

namespace tapescope::inspect {

std::vector<SavedView> saved_variables_of(const Node& node) {
  std::vector<SavedView> out;
  const std::vector<Slot> slots = node.slots();
  for (size_t i = 0; i < slots.size(); ++i) {
    const SavedVariable* s = slots[i].variable;
    if (!s || !s->was_saved()) continue;
    SavedView v{saved_id(node.id(), i), std::string(slots[i].name), s->tensor_id(), s->saved_version(), !s->alive()};
    v.meta = s->meta();
    if (const SavedVariableHooks* hooks = s->hooks())
      if (const auto info = hooks->describe(); !info.empty()) v.packed_by = info[0].name;
    if (const Tensor t = s->data(); t.defined()) {
      v.storage = t.impl()->storage->id();
      v.version_now = t.version();
    }
    out.push_back(std::move(v));
  }
  return out;
}

}  // namespace tapescope::inspect
