#include "core/autograd/engine.h"

#include <queue>

#include "core/autograd/accumulate_grad.h"
#include "core/autograd/node_map.h"
#include "core/graph/anomaly.h"
#include "core/graph/observer.h"
#include "core/ops/ops.h"

namespace tapescope {
namespace {

std::atomic<uint32_t> next_pass{1};

// A node's place in a task: gradients that have come, and how many are still to come.
struct Pending {
  Node* node = nullptr;
  uint32_t missing = 0;
  bool needed = true;    // on the way to a requested input
  int32_t capture = -1;  // first of `inputs` that asks for this node's gradient
  std::vector<Tensor> grads;
};

struct Ready {
  uint64_t sequence_nr;
  uint32_t index;
  bool operator<(const Ready& o) const { return sequence_nr < o.sequence_nr; }
};

class GraphTask {
 public:
  GraphTask(std::span<const Edge> roots, std::vector<Tensor> grads, std::span<const Edge> inputs,
            const BackwardOptions& options);
  std::vector<Tensor> run();
  int64_t id() const { return id_; }
  bool keeps_graph() const { return options_.keep_graph; }
  // Of this pass and of those that it runs in.
  bool checkpoint_valid() const { return inputs_.empty() && (!outer_ || outer_->checkpoint_valid()); }
  std::vector<Ref<Node>> order() const;
  bool runs(const Node& node) const;
  void queue_callback(std::function<void()> f) { callbacks_.push_back(std::move(f)); }

  static thread_local GraphTask* current;

 private:
  uint32_t place(Node* node);
  void count_dependencies();
  void mark_needed();
  void deliver(const Edge& e, Tensor grad, uint32_t count);
  void evaluate(uint32_t at);
  void capture(uint32_t at, std::span<Tensor> grads);

  uint32_t id_;
  std::span<const Edge> roots_, inputs_;
  BackwardOptions options_;
  std::vector<Tensor> root_grads_, captured_;
  NodeMap places_;
  std::vector<Pending> pending_;
  std::priority_queue<Ready> ready_;
  std::vector<std::function<void()>> callbacks_;
  GraphTask* outer_;
};

thread_local GraphTask* GraphTask::current = nullptr;

bool has_nan(const Tensor& t) {
  const NoGrad no_grad;
  const Tensor flat = ops::contiguous(t);
  return visit(t.dtype(), [&]<class T>(T) {
    const T* p = flat.data<T>();
    return std::any_of(p, p + flat.numel(), [](T v) { return v != v; });
  });
}

void check_nan(const Node& node, std::span<const Tensor> out) {
  for (size_t i = 0; i < out.size(); ++i)
    if (out[i].defined() && has_nan(out[i]))
      throw AutogradError("Function '{}' returned nan values in its {}th output.", node.type().name, i);
}

GraphTask::GraphTask(std::span<const Edge> roots, std::vector<Tensor> grads, std::span<const Edge> inputs,
                     const BackwardOptions& options)
    : id_(next_pass.fetch_add(1)),
      roots_(roots),
      inputs_(inputs),
      options_(options),
      root_grads_(std::move(grads)),
      captured_(inputs.size()),
      outer_(current) {}

uint32_t GraphTask::place(Node* node) {
  auto [index, fresh] = places_.find_or_add(node);
  if (fresh) pending_.push_back({node, 0, true, -1, {}});
  return index;
}

void GraphTask::count_dependencies() {
  for (const Edge& r : roots_) ++pending_[place(r.node.get())].missing;
  // pending_ grows while it is walked: each node's edges are counted once.
  for (size_t i = 0; i < pending_.size(); ++i)
    for (const Edge& e : pending_[i].node->edges())
      if (e) ++pending_[place(e.node.get())].missing;
}

// A node is needed if a requested input can be reached from it. Children have lower topological numbers, so one pass
// in that order decides.
void GraphTask::mark_needed() {
  if (inputs_.empty()) return;
  std::vector<uint32_t> order(pending_.size());
  for (uint32_t i = 0; i < order.size(); ++i) order[i] = i, pending_[i].needed = false;
  for (size_t i = 0; i < inputs_.size(); ++i) {
    const auto at = places_.find(inputs_[i].node.get());
    if (!at) continue;
    if (options_.accumulate)
      pending_[*at].needed = true;
    else if (pending_[*at].capture < 0)
      pending_[*at].capture = static_cast<int32_t>(i);
  }
  std::sort(order.begin(), order.end(), [&](uint32_t a, uint32_t b) {
    return pending_[a].node->topological_nr() < pending_[b].node->topological_nr();
  });
  for (uint32_t i : order)
    for (const Edge& e : pending_[i].node->edges()) {
      if (!e) continue;
      const Pending& next = pending_[*places_.find(e.node.get())];
      if (next.needed || next.capture >= 0) pending_[i].needed = true;
    }
}

// One gradient of `count` has come to an input.
void GraphTask::deliver(const Edge& e, Tensor grad, uint32_t count) {
  const uint32_t at = *places_.find(e.node.get());
  Pending& p = pending_[at];
  if (p.grads.empty()) p.grads.resize(static_cast<size_t>(std::max(1, p.node->num_inputs())));
  if (grad.defined()) {
    Tensor& have = p.grads[e.input_nr];
    if (!have.defined()) {
      have = std::move(grad);
    } else if (!grad_enabled() && have.use_count() == 1 && have.impl()->storage->use_count() == 1 &&
               have.is_contiguous() && have.dtype() == grad.dtype()) {
      ops::binary_(ops::pointwise("add", 2), have, grad);
    } else {
      have = have + grad;
    }
  }
  p.missing -= count;
  if (p.missing == 0) ready_.push({p.node->sequence_nr(), at});
}

void GraphTask::capture(uint32_t at, std::span<Tensor> grads) {
  if (pending_[at].capture < 0) return;
  for (size_t i = 0; i < inputs_.size(); ++i)
    if (inputs_[i].node.get() == pending_[at].node) {
      captured_[i] = grads[inputs_[i].input_nr];
      for (const auto& [input, hook] : options_.capture_hooks)
        if (input == i) captured_[i] = (*hook)(captured_[i]);
    }
}

void GraphTask::evaluate(uint32_t at) {
  Node& node = *pending_[at].node;
  std::vector<Tensor> grads = std::move(pending_[at].grads);
  const bool needed = pending_[at].needed, captures = pending_[at].capture >= 0;
  const int edges = node.num_edges();
  if (!needed && !captures) {
    for (const Edge& e : node.edges())
      if (e) deliver(e, {}, 1);
    return;
  }
  // Ops of hooks count as the node's: they are not the cell's forward trace.
  struct Evaluating {
    explicit Evaluating(Node* n) { thread_state.evaluating = n; }
    ~Evaluating() { thread_state.evaluating = nullptr; }
  } evaluating(&node);
  NodeHooks* hooks = node.hooks();
  if (const Tensor leaf = node.leaf(); leaf.defined() && leaf.impl()->meta && leaf.impl()->meta->leaf_hook) {
    const auto hook = leaf.impl()->meta->leaf_hook;
    (*hook)(grads[0]);
  }
  if (hooks) {
    for (size_t i = 0; i < hooks->tensor_pre.size(); ++i) {
      const auto h = hooks->tensor_pre[i];
      (*h.hook)(grads[h.input_nr]);
    }
    for (size_t i = 0; i < hooks->retain_grad.size(); ++i) {
      const auto h = hooks->retain_grad[i];
      (*h.hook)(grads[h.input_nr]);
    }
  }
  capture(at, grads);
  if (!needed) {
    for (const Edge& e : node.edges())
      if (e) deliver(e, {}, 1);
    return;
  }
  if (hooks)
    for (size_t i = 0; i < hooks->pre.size(); ++i) (*std::shared_ptr(hooks->pre[i]))(grads);

  constexpr int kInline = 4;
  Tensor few[kInline];
  std::vector<Tensor> many(edges > kInline ? static_cast<size_t>(edges) : 0);
  const std::span<Tensor> out(edges > kInline ? many.data() : few, static_cast<size_t>(edges));
  std::vector<Tensor> given;
  if (hooks && !hooks->post.empty()) given = grads;
  if (op_observer) op_observer->node_done(id_, node, grads);

  node.apply(grads, out);
  grads.clear();
  for (int i = 0; i < edges; ++i)
    if (const Edge& e = node.edge(i); e && out[static_cast<size_t>(i)].defined())
      if (const TensorMeta* m = e.node->input_meta(static_cast<int>(e.input_nr)))
        fit_gradient(node, i, *m, out[static_cast<size_t>(i)]);
  hooks = node.hooks();  // one that was registered meanwhile runs, and is given nothing
  if (hooks)
    for (size_t i = 0; i < hooks->post.size(); ++i) (*std::shared_ptr(hooks->post[i]))(out, given);
  if (!options_.keep_graph) node.release_variables(id_);
  if (anomaly_mode && anomaly_mode->check_nan) [[unlikely]]
    check_nan(node, out);
  for (int i = 0; i < edges; ++i)
    if (const Edge& e = node.edge(i)) deliver(e, std::move(out[static_cast<size_t>(i)]), 1);
}

bool GraphTask::runs(const Node& node) const {
  const auto at = places_.find(&node);
  return at && (pending_[*at].needed || pending_[*at].capture >= 0);
}

// The queue once more, with counts of its own.
std::vector<Ref<Node>> GraphTask::order() const {
  std::vector<uint32_t> missing(pending_.size());
  for (const Edge& r : roots_) ++missing[*places_.find(r.node.get())];
  for (const Pending& p : pending_)
    for (const Edge& e : p.node->edges())
      if (e) ++missing[*places_.find(e.node.get())];
  std::priority_queue<Ready> ready;
  const auto arrive = [&](const Edge& e) {
    const uint32_t at = *places_.find(e.node.get());
    if (--missing[at] == 0) ready.push({e.node->sequence_nr(), at});
  };
  for (const Edge& r : roots_) arrive(r);
  std::vector<Ref<Node>> out;
  while (!ready.empty()) {
    const Pending& p = pending_[ready.top().index];
    ready.pop();
    if (p.needed) out.emplace_back(p.node);
    for (const Edge& e : p.node->edges())
      if (e) arrive(e);
  }
  return out;
}

std::vector<Tensor> GraphTask::run() {
  GradMode mode(options_.create_graph);
  Node* const evaluating = std::exchange(thread_state.evaluating, nullptr);
  current = this;
  struct Restore {
    GraphTask* outer;
    Node* evaluating;
    ~Restore() {
      GraphTask::current = outer;
      thread_state.evaluating = evaluating;
    }
  } restore{outer_, evaluating};
  count_dependencies();
  mark_needed();
  if (op_observer)
    op_observer->pass_begin({id_, !options_.accumulate, options_.keep_graph, options_.create_graph, roots_});
  bool raised = true;
  struct Report {
    GraphTask& task;
    bool& raised;
    ~Report() {
      if (op_observer) op_observer->pass_end(task.id_, raised);
    }
  } report{*this, raised};
  for (size_t i = 0; i < roots_.size(); ++i) deliver(roots_[i], std::move(root_grads_[i]), 1);
  uint32_t since_check = 0;
  while (!ready_.empty()) {
    const uint32_t at = ready_.top().index;
    ready_.pop();
    // Small nodes share a check; one that gives a large gradient gets its own.
    const Tensor& first = pending_[at].grads[0];
    since_check += 1 + static_cast<uint32_t>(first.defined() ? std::min<int64_t>(first.numel() >> 9, 32) : 0);
    if (check_interrupt && since_check >= 32) {
      since_check = 0;
      check_interrupt();
    }
    try {
      const ObservedNode observed(*pending_[at].node);
      evaluate(at);
    } catch (...) {
      if (anomaly_mode) anomaly_mode->failed(*pending_[at].node);
      throw;
    }
  }
  for (size_t i = 0; i < callbacks_.size(); ++i) callbacks_[i]();
  raised = false;
  return std::move(captured_);
}

}  // namespace

bool current_task_keeps_graph() {
  return !GraphTask::current || GraphTask::current->keeps_graph();
}
bool is_checkpoint_valid() {
  return !GraphTask::current || GraphTask::current->checkpoint_valid();
}
int64_t current_graph_task_id() {
  return GraphTask::current ? GraphTask::current->id() : -1;
}

std::vector<Ref<Node>> current_execution_order() {
  if (!GraphTask::current)
    throw AutogradError("_current_graph_task_execution_order() should only be called during the backward pass.");
  return GraphTask::current->order();
}
bool will_execute(const Node& node) {
  if (!GraphTask::current)
    throw AutogradError("_will_engine_execute_node() should only be called during the backward pass.");
  return GraphTask::current->runs(node);
}
Node* current_node() {
  return thread_state.evaluating;
}
void queue_callback(std::function<void()> f) {
  if (!GraphTask::current) throw AutogradError("Final callbacks can only be installed during backward pass.");
  GraphTask::current->queue_callback(std::move(f));
}

void fit_gradient(const Node& from, int index, const TensorMeta& wanted, Tensor& grad) {
  if (!(grad.shape() == wanted.shape)) {
    bool reducible = grad.dim() >= wanted.shape.size();
    for (int d = 1; reducible && d <= wanted.shape.size(); ++d) {
      const int64_t w = wanted.shape[wanted.shape.size() - d];
      reducible = w == 1 || w == grad.size(grad.dim() - d);
    }
    if (!reducible)
      throw AutogradError(
          "Function {} returned an invalid gradient at index {} - got {} but expected shape compatible with {}",
          from.type().name, index, to_list_string(grad.shape()), to_list_string(wanted.shape));
    grad = ops::sum_to(grad, wanted.shape);
  }
  // A real input that met a complex one: only the real part can move it.
  if (is_complex(grad.dtype()) && !is_complex(wanted.dtype)) grad = ops::real(grad);
  if (grad.dtype() != wanted.dtype) grad = ops::to(grad, wanted.dtype);
}

std::vector<Tensor> call_node(Node& node, std::vector<Tensor> grads) {
  std::vector<Tensor> out(static_cast<size_t>(node.num_edges()));
  node.apply(grads, out);
  for (int i = 0; i < node.num_edges(); ++i)
    if (const Edge& e = node.edge(i); e && out[static_cast<size_t>(i)].defined())
      if (const TensorMeta* m = e.node->input_meta(static_cast<int>(e.input_nr)))
        fit_gradient(node, i, *m, out[static_cast<size_t>(i)]);
  return out;
}

std::vector<Tensor> run_backward(std::span<const Edge> roots, std::vector<Tensor> grads, std::span<const Edge> inputs,
                                 const BackwardOptions& options) {
  return GraphTask(roots, std::move(grads), inputs, options).run();
}

}  // namespace tapescope
