#include "core/graph/node.h"

#include "core/graph/anomaly.h"
#include "core/graph/autograd_meta.h"

namespace tapescope {
namespace {

std::atomic<uint64_t> next_id{1};

// Slots in steps of 64 bytes.
constexpr size_t kStep = 64, kClasses = 12;
Slab& slab_of(size_t size) {
  static Slab* const* slabs = [] {
    auto** s = new Slab*[kClasses];
    for (size_t i = 0; i < kClasses; ++i) s[i] = new Slab((i + 1) * kStep);
    return s;
  }();
  return *slabs[(size - 1) / kStep];
}

struct Dying {
  bool busy = false;
  std::vector<Node*> waiting;
};
thread_local Dying dying;

}  // namespace

void retain(Node* node) noexcept {
  node->retain();
}
void release(Node* node) noexcept {
  node->release();
}

Node::Node(Edge* edges, int num_edges, const TensorMeta** inputs, int num_inputs) noexcept
    : num_edges_(static_cast<uint32_t>(num_edges)),
      id_(next_id.fetch_add(1, std::memory_order_relaxed)),
      sequence_nr_(thread_state.sequence_nr++),
      site_(current_site()),
      module_(thread_state.module),
      num_inputs_(static_cast<uint16_t>(num_inputs)),
      edges_(edges),
      inputs_(inputs) {
  if (thread_state.evaluating) [[unlikely]] {
    created_by_ = thread_state.evaluating->id();
    if (!site_) site_ = thread_state.evaluating->site();
  }
  if (anomaly_mode) [[unlikely]]
    anomaly_mode->created(*this);
}

void* Node::operator new(size_t size) {
  if (size > kStep * kClasses) throw InternalError("a node of {} bytes fits no slab", size);
  return slab_of(size).allocate();
}
void Node::operator delete(void* p, size_t size) noexcept {
  slab_of(size).free(p);
}

void Node::dispose() noexcept {
  if (dying.busy) {
    dying.waiting.push_back(this);
    return;
  }
  dying.busy = true;
  delete this;
  while (!dying.waiting.empty()) {
    Node* next = dying.waiting.back();
    dying.waiting.pop_back();
    delete next;
  }
  dying.busy = false;
}

void Node::walk(const std::function<void(Node*)>& f) {
  for (size_t i = 0; i < kClasses; ++i) slab_of((i + 1) * kStep).walk([&](void* slot) { f(static_cast<Node*>(slot)); });
}

Edge existing_gradient_edge(const Tensor& t) {
  if (t.grad_fn()) return {Ref<Node>(t.grad_fn()), t.impl()->output_nr};
  const AutogradMeta* meta = t.impl()->meta;
  if (meta && meta->shared_accumulator) return {meta->shared_accumulator, 0};
  Node* accumulator = meta ? meta->accumulator : nullptr;
  if (accumulator && accumulator->try_retain()) return {Ref<Node>::adopt(accumulator), 0};
  return {};
}

void set_history(const Tensor& t, Ref<Node> node, uint32_t nr) {
  node->set_input_meta(static_cast<int>(nr), intern_meta(t));
  TensorImpl* impl = t.impl();
  if (impl->grad_fn) release(impl->grad_fn);
  impl->grad_fn = node.detach();
  impl->output_nr = nr;
}

}  // namespace tapescope
