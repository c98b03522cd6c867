// Traced functions and modules as one file.
//
// The file is in the safetensors format, version 0.x: eight bytes of length, a JSON header, the tensors' bytes. The
// header's metadata hold "tapescope.trace": the version, the graphs' texts, the tree of modules. Any reader of
// safetensors can open the tensors; nothing in the file is run when it is loaded.
#pragma once

#include "core/trace/ir.h"

namespace tapescope::jit {

struct SavedMethod {
  std::string name;
  std::shared_ptr<Graph> graph;
  std::vector<std::string> argument_names;
};
struct SavedTrace {
  std::string name;
  std::vector<SavedMethod> methods;
  std::shared_ptr<Object> module;  // null: a function
};

// Throws NotImplementedError for a graph that calls Python.
std::string serialize(const SavedTrace& trace);
// Throws ValueError that says where the bytes are no trace: cut off, damaged, or of a newer version. What it gives back
// is linted.
SavedTrace deserialize(std::string_view bytes);

}  // namespace tapescope::jit
