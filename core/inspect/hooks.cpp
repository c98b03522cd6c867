#include "core/inspect/hooks.h"

#include <algorithm>

#include "core/graph/autograd_meta.h"

namespace tapescope::inspect {
namespace {

class List {
 public:
  explicit List(uint64_t node) : node_(node) {}
  void add(const char* kind, const Hook& h, std::optional<uint32_t> input_nr = {}, uint64_t tensor = 0) {
    for (HookInfo& i : h.describe())
      out.push_back({i.kind ? i.kind : kind, std::move(i), input_nr, node_, tensor, 0, order_++});
  }
  std::vector<HookView> out;

 private:
  uint64_t node_;
  uint32_t order_ = 0;
};

// In the engine's order; `leaf` is what an accumulator feeds, or undefined.
std::vector<HookView> list(const Node* node, const Tensor& leaf) {
  List l(node ? node->id() : 0);
  const NodeHooks* hooks = node ? node->hooks() : nullptr;
  const AutogradMeta* meta = leaf.defined() ? leaf.impl()->meta : nullptr;
  if (meta && meta->leaf_hook) l.add("tensor_pre", *meta->leaf_hook, 0, leaf.id());
  if (hooks) {
    for (const auto& x : hooks->tensor_pre) l.add("tensor_pre", *x.hook, x.input_nr);
    for (const auto& x : hooks->retain_grad) l.add("retain_grad", *x.hook, x.input_nr);
    for (const auto& x : hooks->pre) l.add("pre", *x);
  }
  if (meta && meta->post_accumulate_hook) l.add("post_accumulate_grad", *meta->post_accumulate_hook, {}, leaf.id());
  if (hooks)
    for (const auto& x : hooks->post) l.add("post", *x);
  return std::move(l.out);
}

}  // namespace

std::vector<HookView> hooks_of(const Node& node) {
  return list(&node, node.leaf());
}

std::vector<HookView> hooks_of(const Tensor& tensor) {
  const Edge edge = existing_gradient_edge(tensor);
  if (!tensor.grad_fn()) return list(edge.node.get(), tensor);
  std::vector<HookView> all = list(edge.node.get(), {});
  std::erase_if(all, [&](const HookView& h) { return !h.input_nr || *h.input_nr != edge.input_nr; });
  for (HookView& h : all) h.tensor = tensor.id();
  return all;
}

}  // namespace tapescope::inspect
