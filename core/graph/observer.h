// The op seam: observers see every op when it is done, and every backward pass.
//
// An observer keeps metadata only: the references it is handed are valid during the call alone, and it must not run
// ops, touch Python, or throw.
#pragma once

#include <atomic>
#include <span>

#include "core/graph/node.h"

namespace tapescope {

// What all calls of an op share. Lives as long as the process.
struct OpSchema {
  const char* name;  // "tanh", "add_"
  bool in_place = false;
};

struct OpCall {
  const OpSchema& schema;
  std::span<const Tensor* const> inputs;
  std::span<const Tensor* const> outputs;
  const Node* node;  // null: the op made none
};

struct PassStart {
  uint32_t pass;
  bool is_grad;  // autograd.grad, not backward
  bool retain_graph, create_graph;
  std::span<const Edge> roots;
};

class OpObserver {
 public:
  virtual ~OpObserver() = default;
  virtual void op(const OpCall& call) noexcept = 0;
  // `t` was written by what is no op of the forward trace, such as an optimizer's step; its version has moved.
  virtual void write(const OpSchema& schema, const Tensor& t) noexcept = 0;
  virtual void pass_begin(const PassStart& start) noexcept = 0;
  // A node ran; `grads` is what it was given, before hooks.
  virtual void node_done(uint32_t pass, const Node& node, std::span<const Tensor> grads) noexcept = 0;
  virtual void pass_end(uint32_t pass, bool raised) noexcept = 0;
  // The norm of a gradient that a hook sees; -1 where there is none, or it would cost too much.
  virtual double norm_of(const Tensor&) const noexcept { return -1.0; }
};

// The cell recorder, or null. Ops read it once a call.
inline OpObserver* op_observer = nullptr;

// Sees each node of a backward pass from its begin, before its hooks, to its end, after them; on the thread that runs
// it. What the profiler is.
class NodeObserver {
 public:
  virtual ~NodeObserver() = default;
  virtual void node_begin(const Node& node) noexcept = 0;
  virtual void node_end(const Node& node) noexcept = 0;
};

inline constinit std::atomic<NodeObserver*> node_observer{nullptr};

class ObservedNode {
 public:
  explicit ObservedNode(const Node& node) noexcept
      : observer_(node_observer.load(std::memory_order_acquire)), node_(node) {
    if (observer_) [[unlikely]]
      observer_->node_begin(node_);
  }
  ~ObservedNode() {
    if (observer_) [[unlikely]]
      observer_->node_end(node_);
  }
  ObservedNode(const ObservedNode&) = delete;
  ObservedNode& operator=(const ObservedNode&) = delete;

 private:
  NodeObserver* observer_;
  const Node& node_;
};

// What is done while one of these stands is part of an op that is told of as a whole.
class Unobserved {
 public:
  Unobserved() : before_(op_observer) { op_observer = nullptr; }
  ~Unobserved() { op_observer = before_; }
  Unobserved(const Unobserved&) = delete;
  Unobserved& operator=(const Unobserved&) = delete;

 private:
  OpObserver* before_;
};

template <class... In>
inline void observe(const OpSchema& schema, const Node* node, const Tensor& out, const In&... in) {
  if (!op_observer) [[likely]]
    return;
  const Tensor* inputs[] = {&in..., nullptr};
  const Tensor* outputs[] = {&out};
  op_observer->op({schema, {inputs, sizeof...(In)}, outputs, node});
}

}  // namespace tapescope
