// GraphView: the live graph and a recording, read into plain structs. Reading keeps nothing alive and runs nothing.
#pragma once

#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/graph/node.h"
#include "core/inspect/hooks.h"
#include "core/inspect/saved_variables.h"
#include "core/record/cells.h"
#include "core/record/recorder.h"

namespace tapescope::inspect {

enum class NodeState { alive, released, gone };

struct EdgeView {
  uint64_t to = 0;
  uint32_t index = 0, input_nr = 0;
};

struct NodeView {
  uint64_t id = 0;
  const NodeType* type = nullptr;
  NodeState state = NodeState::alive;
  uint32_t released_by = 0;
  std::optional<uint64_t> sequence_nr;  // absent on AccumulateGrad and on nodes that are gone
  uint64_t variable = 0;
  uint64_t created_by = 0;
  uint32_t site = 0, module = 0, repeat = 0, turn = 0;
  uint64_t op = 0;  // index into ops, from 1
  std::vector<const TensorMeta*> inputs;
  std::vector<EdgeView> edges;
  std::vector<SavedView> saved;
  std::vector<HookView> hooks;
};

struct TensorView {
  uint64_t id = 0;
  const TensorMeta* meta = nullptr;
  std::vector<int64_t> strides;  // empty: contiguous
  uint64_t storage = 0;
  int64_t storage_bytes = 0;
  uint32_t version = 0;
  bool requires_grad = false, gone = false;
  uint64_t grad_fn = 0;
  uint32_t output_nr = 0;
  std::string name;
};

struct ModuleView {
  std::string path, type;
  std::vector<HookView> hooks = {};
};

struct FailureView {
  std::string type, message, file;
  int line = 0;
};

// What the user calls things: from whoever knows the program's variables.
struct Names {
  std::unordered_map<uint64_t, std::string> tensors;
  std::unordered_map<uint32_t, ModuleView> modules;
};

struct GraphView {
  uint64_t cell = 0;
  std::string title;
  std::vector<NodeView> nodes;  // from outputs to leaves
  std::vector<OpRecord> ops;
  std::vector<PassRecord> passes;
  std::vector<RepeatRecord> repeats;
  std::unordered_map<uint64_t, TensorView> tensors;
  std::unordered_map<uint32_t, ModuleView> modules;
  std::optional<FailureView> failure;
  std::vector<WriteRecord>
      writes;  // to memory that a saved variable holds, after it was saved; `tensor` is one of `tensors`
  std::vector<std::pair<uint64_t, double>> grad_norms;
  struct LeftOut {
    const char* table;
    uint64_t count;
    const char* reason;
  };
  std::vector<LeftOut> left_out;
  std::string census;  // the schema's Census as JSON, from whoever counted; empty: nobody did
};

// Of a display that comes by itself.
inline constexpr size_t kMostNodes = 20000, kMostWrites = 1000;

// The graph above `roots`; of a larger one the `most` nodes that were made last.
GraphView view_of_roots(const std::vector<Ref<Node>>& roots, const Names& names, size_t most = kMostNodes);
// What a cell built and ran.
GraphView view_of_recording(const Recorder& recording, const Names& names, std::optional<FailureView> failure);

// Fills in the nodes behind `g.ops`: live ones above `start` and `also`; those of `gone` that do not live; and others
// that are gone as the ops tell of them.
void add_nodes_of_ops(GraphView& g, std::vector<const Node*> start, std::vector<const Node*> also,
                      std::vector<NodeView> gone = {});
// Then tensors, names, writes and modules.
void finish_view(GraphView& g, const Names& names);

// Live objects by id; null if gone.
Node* find_node(uint64_t id);
TensorImpl* find_tensor(uint64_t id);

}  // namespace tapescope::inspect
