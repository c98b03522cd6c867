// struct Node: a vertex of the backward graph.
//
// A node is made by a forward op and knows how to turn the gradients of that op's outputs (its inputs) into gradients
// of the op's inputs (its outputs). `edge(i)` says which input of which node takes output i; an invalid edge stands
// for an op input that needs no gradient. For y = f(a, b), a leaf and b = g(c):
//
//     y.grad_fn ── edge 0 ──▶ AccumulateGrad(a)
//               └─ edge 1 ──▶ b.grad_fn ──▶ …
//
// Invariants
//   * A node owns the nodes that its edges name; no tensor and no node owns a node upwards, so graphs are free of
//     cycles unless a user makes one.
//   * `sequence_nr` grows with creation on a thread: the engine runs later nodes first. AccumulateGrad has the highest.
//   * `topological_nr` is greater than that of every node it leads to; 0 only without edges.
//   * Saved variables have names (`slots()`), and `release_saved()` drops them all; after it any unpacking raises.
//   * Nodes come from slabs and are freed iteratively: a chain of a million nodes does not overflow the stack.
//   * `hooks_` is null until a hook is registered.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/graph/hooks.h"
#include "core/graph/meta.h"
#include "core/graph/site.h"
#include "core/graph/state.h"
#include "core/tensor/ref.h"

namespace tapescope {

class SavedVariable;

struct Edge {
  Ref<Node> node;
  uint32_t input_nr = 0;
  explicit operator bool() const noexcept { return bool(node); }
};

// A saved slot, by PyTorch's name. `variable` is null for a value that is no tensor; then `text` is how Python would
// write it.
struct Slot {
  std::string_view name;
  const SavedVariable* variable = nullptr;
  std::string text = {};
};

// What all nodes of a kind share.
struct NodeType {
  std::string name;                      // "TanhBackward0"
  std::vector<std::string> derivatives;  // formula of each gradient, in terms of grad and the slots' names
};

class Node;
inline void (*forget_node)(const Node* node) noexcept = nullptr;

class Node {
  // First, so that the count lies where a slab looks for it.
  std::atomic<uint32_t> count_{1};
  uint32_t num_edges_;

 public:
  static constexpr uint64_t kLast = UINT64_MAX;

  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;

  // Turns `grads` (one an input, may be undefined) into `out` (one an edge, all undefined at first).
  virtual void apply(std::span<Tensor> grads, std::span<Tensor> out) = 0;
  virtual const NodeType& type() const = 0;
  virtual void release_saved() {}
  virtual std::vector<Slot> slots() const { return {}; }
  // The node inside, whose slots this one shows; null elsewhere.
  virtual Node* inner() const { return nullptr; }
  // The leaf that an AccumulateGrad feeds; undefined elsewhere.
  virtual Tensor leaf() const { return {}; }

  uint64_t id() const noexcept { return id_; }
  uint64_t sequence_nr() const noexcept { return sequence_nr_; }
  void set_sequence_nr(uint64_t nr) noexcept { sequence_nr_ = nr; }
  uint32_t topological_nr() const noexcept { return topological_nr_; }
  SiteId site() const noexcept { return site_; }
  uint32_t module() const noexcept { return module_; }
  uint64_t created_by() const noexcept { return created_by_; }

  int num_edges() const noexcept { return static_cast<int>(num_edges_); }
  const Edge& edge(int i) const noexcept { return edges_[i]; }
  std::span<const Edge> edges() const noexcept { return {edges_, num_edges_}; }
  void set_edge(int i, Edge e) noexcept {
    if (e.node && e.node->topological_nr_ >= topological_nr_) topological_nr_ = e.node->topological_nr_ + 1;
    edges_[i] = std::move(e);
  }

  int num_inputs() const noexcept { return num_inputs_; }
  // What input i has to look like; null if nothing was said.
  const TensorMeta* input_meta(int i) const noexcept { return inputs_[i]; }
  void set_input_meta(int i, const TensorMeta* m) noexcept { inputs_[i] = m; }

  bool released() const noexcept { return released_; }
  uint32_t released_by() const noexcept { return released_by_; }
  // Drops the saved variables; `pass` is the backward pass that does it. The first one counts: a later pass, which
  // finds nothing to drop, did not free the graph.
  void release_variables(uint32_t pass) {
    release_saved();
    if (std::exchange(released_, true)) return;
    released_by_ = pass;
  }

  NodeHooks* hooks() const noexcept { return hooks_.get(); }
  NodeHooks& hooks_for_writing() {
    if (!hooks_) hooks_ = std::make_unique<NodeHooks>();
    return *hooks_;
  }

  // Set when something outside keeps data about this node: `forget_node` is called with it when it dies.
  void remember() const noexcept { remembered_ = true; }

  // The Python wrapper, not owned; the wrapper owns the node and clears this when it goes.
  void* python = nullptr;

  void retain() noexcept { count_.fetch_add(1, std::memory_order_relaxed); }
  void release() noexcept {
    if (count_.load(std::memory_order_acquire) == 1 || count_.fetch_sub(1, std::memory_order_acq_rel) == 1) dispose();
  }
  uint32_t use_count() const noexcept { return count_.load(std::memory_order_acquire); }
  // Another owner, unless the last one has already gone.
  bool try_retain() noexcept {
    uint32_t n = count_.load(std::memory_order_relaxed);
    while (n && !count_.compare_exchange_weak(n, n + 1, std::memory_order_acq_rel)) {
    }
    return n != 0;
  }

  static void* operator new(size_t size);
  static void operator delete(void* p, size_t size) noexcept;

  // Calls f with every live node.
  static void walk(const std::function<void(Node*)>& f);

 protected:
  // The arrays belong to the derived class.
  Node(Edge* edges, int num_edges, const TensorMeta** inputs, int num_inputs) noexcept;
  virtual ~Node() {
    if (remembered_) [[unlikely]]
      forget_node(this);
  }
  void run_last() noexcept { sequence_nr_ = kLast; }
  void set_inputs(const TensorMeta** inputs, int num) noexcept {
    inputs_ = inputs;
    num_inputs_ = static_cast<uint16_t>(num);
  }

 private:
  void dispose() noexcept;

  uint64_t id_;
  uint64_t sequence_nr_;
  uint32_t topological_nr_ = 0;
  SiteId site_;
  uint32_t module_;
  uint32_t released_by_ = 0;
  bool released_ = false;
  mutable bool remembered_ = false;
  uint16_t num_inputs_;
  Edge* edges_;
  const TensorMeta** inputs_;
  uint64_t created_by_ = 0;
  std::unique_ptr<NodeHooks> hooks_;
};
static_assert(sizeof(Node) <= 112, "the fixed part of a node stays under two cache lines");

// A node with room for its edges and inputs inside.
template <int Edges, int Inputs = 1>
class InlineNode : public Node {
 protected:
  explicit InlineNode(int edges = Edges) noexcept : Node(edges_, edges, inputs_, Inputs) {}

 private:
  Edge edges_[Edges];
  const TensorMeta* inputs_[Inputs] = {};
};

// A node with any number of edges and inputs.
class WideNode : public Node {
 protected:
  WideNode(int edges, int inputs = 1)
      : WideNode(
            new Edge[static_cast<size_t>(edges)], edges, new const TensorMeta* [static_cast<size_t>(inputs)] {},
            inputs) {}
  // For an op that knows how many results it has only when it has run. What was said of the inputs is forgotten.
  void resize_inputs(int n) {
    inputs_.reset(new const TensorMeta* [static_cast<size_t>(n)] {});
    set_inputs(inputs_.get(), n);
  }

 private:
  WideNode(Edge* e, int ne, const TensorMeta** i, int ni) noexcept : Node(e, ne, i, ni), edges_(e), inputs_(i) {}
  std::unique_ptr<Edge[]> edges_;
  std::unique_ptr<const TensorMeta*[]> inputs_;
};

// Where the gradient of `t` goes: its grad_fn, or the AccumulateGrad of a leaf that requires grad, or nowhere.
Edge gradient_edge(const Tensor& t);
// The same, but never makes an AccumulateGrad.
Edge existing_gradient_edge(const Tensor& t);

// Makes output `nr` of the op that `node` differentiates out of `t`.
void set_history(const Tensor& t, Ref<Node> node, uint32_t nr = 0);

}  // namespace tapescope
