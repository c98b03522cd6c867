// How an op enters history: one call at its end.
#pragma once

#include "core/graph/autograd_meta.h"
#include "core/graph/observer.h"
#include "core/graph/saved_variable.h"
#include "core/ops/ops.h"

namespace tapescope::ops {

template <class... T>
bool needs_grad(const T&... in) {
  return grad_enabled() && ((in.defined() && in.requires_grad()) || ...);
}

template <class N, class... Args>
Ref<N> make_node(Args&&... args) {
  return Ref<N>::adopt(new N(std::forward<Args>(args)...));
}

// Wires `node` (null: not recorded) behind `out`: edge i goes to input i. Tells observers. Returns out.
template <class... In>
Tensor finish(const OpSchema& schema, Tensor out, Ref<Node> node, const In&... in) {
  const Node* made = node.get();
  if (node) {
    int i = 0;
    // Inputs past the node's edges are constants, such as class labels.
    ((i < node->num_edges() ? node->set_edge(i, in.defined() ? gradient_edge(in) : Edge{}) : void(), ++i), ...);
    set_history(out, std::move(node));
  }
  observe(schema, made, out, in...);
  return out;
}

// The same for a view of `base`: writes through `out` will reach base's history.
Tensor finish_view(const OpSchema& schema, Tensor out, Ref<Node> node, const Tensor& base);

// The same for several views that one op returns. None of them may be written.
std::vector<Tensor> finish_views(const OpSchema& schema, std::vector<Tensor> outs, Ref<Node> node, const Tensor& base);

// Before an in-place op: throws AutogradError if `self` may not be written, or not with the history of `other`.
void check_in_place(const char* op, const Tensor& self, const Tensor& other = {});
// The same for an op that writes one value everywhere: elements of `self` may then be one and the same.
void check_fill(const char* op, const Tensor& self, const Tensor& other = {});
// What an in-place op is about to overwrite and its slope needs: the value of `t` in memory of its own, at the same
// place in history, so that gradients of gradients find their way.
Tensor value_before(const Tensor& t);
// After it: the version moves and `node` (null: not recorded) becomes self's history, through its base if it is a view.
template <class... In>
Tensor finish_in_place(const OpSchema& schema, const Tensor& self, Ref<Node> node, const In&... in);
// Output `nr` of the op that `node` differentiates is now in self.
void rebase_history(const Tensor& self, Ref<Node> node, uint32_t nr = 0);

template <class... In>
Tensor finish_in_place(const OpSchema& schema, const Tensor& self, Ref<Node> node, const In&... in) {
  const Node* made = node.get();
  if (node) {
    int i = 0;
    // Inputs past the node's edges are constants, such as class labels. Views of self are asked before the version
    // moves: their histories are those of what was read.
    ((i < node->num_edges() ? node->set_edge(i, in.defined() ? gradient_edge(in) : Edge{}) : void(), ++i), ...);
  }
  self.bump_version();
  if (node) rebase_history(self, std::move(node));
  observe(schema, made, self, in...);
  return self;
}

}  // namespace tapescope::ops
