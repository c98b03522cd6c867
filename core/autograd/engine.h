// The engine: runs a backward graph.
//
// A GraphTask is one call of backward or grad. It counts, for every node reachable from the roots, how many gradients
// will arrive; a node whose count has come to zero waits in the ready queue, which gives out the one with the highest
// (reentrant depth, sequence number). Work stays on the calling thread; a backward called inside a node is a task of
// its own, one level deeper.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "core/graph/node.h"

namespace tapescope {

struct BackwardOptions {
  bool keep_graph = false;
  bool create_graph = false;
  bool accumulate = true;  // backward: into .grad of leaves; grad: captured and returned
  bool allow_unreachable = false;
  // Of inputs, by their place; for gradients that are captured, not accumulated.
  std::vector<std::pair<size_t, std::shared_ptr<CaptureHook>>> capture_hooks = {};
};

// Runs from `roots` (edges whose gradients are `grads`). With `inputs`, only what leads to them runs; without
// `accumulate` their gradients come back, in order (undefined: not reached).
// Throws AutogradError, or whatever a hook or node threw.
std::vector<Tensor> run_backward(std::span<const Edge> roots, std::vector<Tensor> grads, std::span<const Edge> inputs,
                                 const BackwardOptions& options);

// Where gradients start or end: a tensor, or an edge of the graph whose tensor may be gone.
struct GradientPoint {
  Tensor tensor;  // undefined: the edge counts
  Edge edge;
  GradientPoint(Tensor t) : tensor(std::move(t)) {}
  GradientPoint(Edge e) : edge(std::move(e)) {}
};

// backward(tensors, grads): undefined grads stand for 1 on a scalar. inputs: empty means all leaves.
void backward(const std::vector<GradientPoint>& tensors, const std::vector<Tensor>& grads, bool retain_graph,
              bool create_graph, const std::vector<GradientPoint>& inputs);
std::vector<Tensor> grad(const std::vector<GradientPoint>& outputs, const std::vector<GradientPoint>& inputs,
                         const std::vector<Tensor>& grads, bool retain_graph, bool create_graph, bool allow_unused);

// Makes a non-leaf keep its gradient in `.grad`.
void retain_grad(const Tensor& t);

// Checks and fits what a node returned to what the next one expects: sums broadcast dimensions, casts.
void fit_gradient(const Node& from, int index, const TensorMeta& wanted, Tensor& grad);

// Runs node by itself: hooks aside, as calling `grad_fn(…)` does.
std::vector<Tensor> call_node(Node& node, std::vector<Tensor> grads);

// Whether the running pass keeps what the graph saved; true outside of one.
bool current_task_keeps_graph();
// False while a pass runs, on this thread, that computes the gradients of chosen inputs alone; true outside of one.
bool is_checkpoint_valid();
// Number of the running pass on this thread; -1 outside.
int64_t current_graph_task_id();
// The nodes of the running pass in the order in which they run, from its roots: those that have run and those to come.
// Throws AutogradError outside a pass.
std::vector<Ref<Node>> current_execution_order();
// Whether the running pass runs this node or captures its gradient; false for one that it does not reach. Throws
// AutogradError outside a pass.
bool will_execute(const Node& node);
// The node whose backward runs on this thread; null outside.
Node* current_node();
// Registers a function to run when the current pass is done. Throws AutogradError outside a pass.
void queue_callback(std::function<void()> f);

// Called between nodes: throws if the user asked to stop. Set by the Python face.
inline void (*check_interrupt)() = nullptr;

}  // namespace tapescope
