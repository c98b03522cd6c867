// In-place ops and views: who may be written, and how history follows a write.
#include <unordered_set>

#include "core/ops/iterator.h"
#include "core/ops/record.h"

namespace tapescope::ops {
namespace {

const NodeType kCopySlices{"CopySlices", {"grad with the gradient of the write in the view's place"}};

// What a write through a view does to the base: the inner node differentiates the write, this one its place.
class CopySlices : public WideNode {
 public:
  CopySlices(Ref<Node> inner, const Tensor& base, const Tensor& view)
      : WideNode(inner->num_edges()),
        inner_(std::move(inner)),
        shape_(view.shape()),
        strides_(view.strides()),
        offset_(view.impl()->offset),
        dtype_(view.dtype()) {
    set_edge(0, gradient_edge(base));
    for (int i = 1; i < inner_->num_edges(); ++i) set_edge(i, inner_->edge(i));
  }
  const NodeType& type() const override { return kCopySlices; }
  void apply(std::span<Tensor> grads, std::span<Tensor> out) override {
    if (!grads[0].defined()) return;
    if (!inner_) throw_backward_twice(*this);
    Tensor whole = clone(grads[0]);
    const Tensor part = as_strided(view_parts(whole, dtype_), shape_, strides_, offset_);
    std::vector<Tensor> given{clone(part)}, returned(out.size());
    inner_->apply(given, returned);
    if (edge(0)) {
      if (returned[0].defined())
        copy_(part, returned[0]);
      else
        fill_(part, 0);
      out[0] = whole;
    }
    for (size_t i = 1; i < out.size(); ++i) out[i] = std::move(returned[i]);
  }
  void release_saved() override { inner_.reset(); }
  std::vector<Slot> slots() const override { return inner_ ? inner_->slots() : std::vector<Slot>{}; }

 private:
  Ref<Node> inner_;
  Dims shape_, strides_;
  int64_t offset_;
  DType dtype_;  // of the view: the parts of a complex base are real
};

}  // namespace

Tensor finish_view(const OpSchema& schema, Tensor out, Ref<Node> node, const Tensor& x) {
  const AutogradMeta* of_x = x.impl()->meta;
  const Tensor base = of_x && of_x->base.defined() ? of_x->base : x;
  const Node* made = node.get();
  if (node) {
    node->set_edge(0, gradient_edge(x));
    set_history(out, std::move(node));
  }
  if (grad_enabled() && is_differentiable(x.dtype())) {
    AutogradMeta& meta = autograd_meta(out);
    meta.base = base;
    meta.base_version = out.version();
  }
  observe(schema, made, out, x);
  return out;
}

Tensor value_before(const Tensor& t) {
  const Edge edge = grad_enabled() ? gradient_edge(t) : Edge{};
  const Unobserved part_of_the_op;
  Tensor copy;
  if (edge && t.is_leaf()) {
    copy = clone(t);  // a leaf that shares its memory with what is written
  } else {
    copy = Tensor::empty(t.shape(), t.dtype());
    copy_elements(copy, t);
    if (edge) copy.impl()->grad_fn = Ref<Node>(edge.node).detach(), copy.impl()->output_nr = edge.input_nr;
  }
  return copy;
}

void check_in_place(const char* op, const Tensor& self) {
  if (!grad_enabled()) return;
  if (self.requires_grad() && self.is_leaf())
    throw AutogradError(
        "a leaf Variable that requires grad is being used in an in-place operation ({}). Write inside `with "
        "tapescope.no_grad():`, or to a clone.",
        op);
  const AutogradMeta* meta = self.impl()->meta;
  if (meta && meta->base.defined() && meta->base.requires_grad() && meta->base.is_leaf())
    throw AutogradError(
        "a view of a leaf Variable that requires grad is being used in an in-place operation ({}). Write inside `with "
        "tapescope.no_grad():`, or to a clone.",
        op);
}

namespace {

// h.add_(h * h): the product saved h, and h is about to own the product. Its backward will raise, for what it saved was
// written; but until then, and after, the circle would hold all of it. What lies behind the history that `written` has
// until now was opened when it was written before: a loop of writes does not walk all of its past again.
void open_circles(const Tensor& written, Node* from) {
  if (!written.impl()->saved) return;
  std::vector<Node*> stack{from};
  std::unordered_set<const Node*> seen{from, written.grad_fn()};
  while (!stack.empty()) {
    Node* node = stack.back();
    stack.pop_back();
    for (const Slot& s : node->slots()) {
      if (!s.variable) continue;
      const Tensor t = s.variable->data();
      const AutogradMeta* m = t.defined() ? t.impl()->meta : nullptr;
      if (t.defined() && (t.is_same(written) || (m && m->base.is_same(written))))
        const_cast<SavedVariable*>(s.variable)->keep_memory_alone();
    }
    for (const Edge& e : node->edges())
      if (e && seen.insert(e.node.get()).second) stack.push_back(e.node.get());
  }
}

}  // namespace

void rebase_history(const Tensor& self, Ref<Node> node) {
  AutogradMeta* meta = self.impl()->meta;
  if (meta && meta->retains_grad && self.grad_fn()) {
    // The hook that fills .grad follows the tensor to its new node.
    if (NodeHooks* old = self.grad_fn()->hooks()) {
      auto& list = old->retain_grad;
      for (size_t i = 0; i < list.size(); ++i)
        if (list[i].input_nr == self.impl()->output_nr) {
          node->hooks_for_writing().retain_grad.push_back({0, list[i].hook});
          list.erase(list.begin() + static_cast<std::ptrdiff_t>(i));
          break;
        }
    }
  }
  if (meta && meta->base.defined()) {
    const Tensor base = meta->base;
    node->set_input_meta(0, intern_meta(self));
    open_circles(base, node.get());
    set_history(base, make_node<CopySlices>(std::move(node), base, self));
    meta->base_version = self.version() - 1;  // stale: the next use asks for the history through the base
    gradient_edge(self);
    return;
  }
  open_circles(self, node.get());
  set_history(self, std::move(node));
}

}  // namespace tapescope::ops
