#include "core/inspect/owners.h"

#include <unordered_map>

#include "core/graph/autograd_meta.h"
#include "core/graph/saved_variable.h"

namespace tapescope::inspect {
namespace {

// Calls f(name, tensor) for each tensor that a node owns.
template <class F>
void each_tensor(const Node& n, F f) {
  for (const Slot& s : n.slots())
    if (s.variable)
      if (TensorImpl* t = s.variable->data().impl()) f("._saved_" + std::string(s.name), t);
  if (TensorImpl* t = n.leaf().impl()) f(std::string(".variable"), t);
}

void each_live_tensor(const std::function<void(TensorImpl*)>& f) {
  TensorImpl::slab().walk([&](void* slot) { f(static_cast<TensorImpl*>(slot)); });
}

// Counts down, without touching a count.
class Falling {
 public:
  void drop(Node* n, uint32_t counts = 1) {
    if (n && (lost_[n] += counts) == n->use_count()) nodes_.push_back(n);
  }
  void drop(TensorImpl* t, uint32_t counts = 1) {
    if (t && (lost_[t] += counts) == t->count.load()) tensors_.push_back(t);
  }
  Freed run() {
    for (size_t i = 0, k = 0; i < nodes_.size() || k < tensors_.size();) {
      if (i < nodes_.size())
        fall(*nodes_[i++]);
      else
        fall(*tensors_[k++]);
    }
    return {static_cast<int64_t>(nodes_.size()), static_cast<int64_t>(tensors_.size()), bytes_};
  }

 private:
  void fall(const Node& n) {
    for (const Edge& e : n.edges()) drop(e.node.get());
    if (n.inner())
      drop(n.inner());
    else
      each_tensor(n, [&](const std::string&, TensorImpl* t) { drop(t); });
  }
  void fall(const TensorImpl& t) {
    drop(t.grad_fn);
    if (t.meta) {
      drop(t.meta->grad.impl());
      drop(t.meta->base.impl());
      drop(t.meta->shared_accumulator.get());
    }
    if (Storage* s = t.storage.get(); s && ++lost_[s] == s->use_count()) bytes_ += s->bytes();
  }

  std::unordered_map<const void*, uint32_t> lost_;
  std::vector<Node*> nodes_;
  std::vector<TensorImpl*> tensors_;
  int64_t bytes_ = 0;
};

}  // namespace

std::vector<Holder> holders_of(const Node& node) {
  std::vector<Holder> out;
  Node::walk([&](Node* n) {
    for (int i = 0; i < n->num_edges(); ++i)
      if (n->edge(i).node.get() == &node) out.push_back({"graph", fmt::format(".next_functions[{}]", i), n->id(), 0});
    if (n->inner() == &node) out.push_back({"graph", ".fn", n->id(), 0});
  });
  each_live_tensor([&](TensorImpl* t) {
    if (t->grad_fn == &node) out.push_back({"graph", ".grad_fn", 0, t->id});
  });
  return out;
}

std::vector<Holder> holders_of(const TensorImpl& tensor) {
  std::vector<Holder> out;
  Node::walk([&](Node* n) {
    if (n->inner()) return;  // what it saved is the inner node's
    each_tensor(*n, [&](std::string name, TensorImpl* t) {
      if (t == &tensor) out.push_back({"graph", std::move(name), n->id(), 0});
    });
  });
  each_live_tensor([&](TensorImpl* t) {
    if (t->meta && t->meta->grad.impl() == &tensor) out.push_back({"grad", ".grad", 0, t->id});
    if (t->meta && t->meta->base.impl() == &tensor) out.push_back({"graph", "._base", 0, t->id});
  });
  return out;
}

Freed freed_by(std::span<const LettingGo> owners) {
  Falling falling;
  for (const LettingGo& o : owners) {
    falling.drop(o.node, o.count);
    falling.drop(o.tensor, o.count);
  }
  return falling.run();
}

}  // namespace tapescope::inspect
