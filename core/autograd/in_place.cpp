// In-place ops and views: who may be written, and how history follows a write.
#include <unordered_set>

#include "core/ops/iterator.h"
#include "core/ops/record.h"

namespace tapescope::ops {
namespace {

const NodeType kCopySlices{"CopySlices", {"grad with the gradient of the write in the view's place"}};

// What a write through a view does to the base: the inner node differentiates the write, this one its place. Places are
// counted from the base's first element, which need not be the first of its memory.
class CopySlices : public WideNode {
 public:
  CopySlices(Ref<Node> inner, const Tensor& base, const Tensor& view)
      : WideNode(inner->num_edges()),
        inner_(std::move(inner)),
        shape_(view.shape()),
        strides_(view.strides()),
        base_shape_(base.shape()),
        base_strides_(base.is_contiguous() ? Dims{} : base.strides()),
        offset_(view.impl()->offset - base.impl()->offset * itemsize(base.dtype()) / itemsize(view.dtype())),
        dtype_(view.dtype()) {
    set_edge(0, gradient_edge(base));
    for (int i = 1; i < inner_->num_edges(); ++i) set_edge(i, inner_->edge(i));
  }
  const NodeType& type() const override { return kCopySlices; }
  void apply(std::span<Tensor> grads, std::span<Tensor> out) override {
    if (!grads[0].defined()) return;
    if (!inner_) throw_backward_twice(*this);
    const Tensor memory = laid_as_base(grads[0]);
    const Tensor part = as_strided(view_parts(memory, dtype_), shape_, strides_, offset_);
    std::vector<Tensor> given{clone(part)}, returned(out.size());
    inner_->apply(given, returned);
    if (edge(0)) {
      // Elements that lie in one place were filled: nothing of what was there is left.
      if (returned[0].defined() && !may_overlap_itself(shape_, strides_))
        copy_(part, returned[0]);
      else
        fill_(part, 0);
      out[0] = base_strides_.empty() ? memory : as_strided(memory, base_shape_, base_strides_, 0);
    }
    for (size_t i = 1; i < out.size(); ++i) out[i] = std::move(returned[i]);
  }
  void release_saved() override { inner_.reset(); }
  Node* inner() const override { return inner_.get(); }
  std::vector<Slot> slots() const override { return inner_ ? inner_->slots() : std::vector<Slot>{}; }

 private:
  // A copy of the base's gradient in memory that is laid out as the base's.
  Tensor laid_as_base(const Tensor& grad) const {
    if (base_strides_.empty()) return clone_in_order(grad);
    int64_t extent = 1;
    for (int d = 0; d < base_shape_.size(); ++d) extent += (base_shape_[d] - 1) * base_strides_[d];
    Tensor memory = full({extent}, 0, grad.dtype());
    copy_(as_strided(memory, base_shape_, base_strides_, 0), grad);
    return memory;
  }

  Ref<Node> inner_;
  Dims shape_, strides_, base_shape_, base_strides_;  // base_strides_ is empty for a contiguous base
  int64_t offset_;
  DType dtype_;  // of the view: the parts of a complex base are real
};

}  // namespace

namespace {

void become_view(const Tensor& out, const Tensor& x, Creation how) {
  const AutogradMeta* of_x = x.impl()->meta;
  const bool of_view = of_x && of_x->base.defined();
  if (!is_differentiable(x.dtype()) || x.impl()->inference) return;
  if (!grad_enabled()) {
    // The gradients of a backward come and go with it: their views need no more than their memory.
    if (thread_state.evaluating && !x.requires_grad() && !of_view) return;
    how = inference_mode ? Creation::inference : Creation::no_grad;
  }
  AutogradMeta& meta = autograd_meta(out);
  meta.base = of_view ? of_x->base : x;
  meta.base_version = out.version();
  meta.creation = how == Creation::normal && of_view ? of_x->creation : how;
}

}  // namespace

Tensor finish_view(const OpSchema& schema, Tensor out, Ref<Node> node, const Tensor& x) {
  const Node* made = node.get();
  if (node) {
    node->set_edge(0, gradient_edge(x));
    set_history(out, std::move(node));
  }
  become_view(out, x, Creation::normal);
  observe(schema, made, out, x);
  return out;
}

std::vector<Tensor> finish_views(const OpSchema& schema, std::vector<Tensor> outs, Ref<Node> node, const Tensor& x) {
  const Node* made = node.get();
  if (node) node->set_edge(0, gradient_edge(x));
  for (size_t i = 0; i < outs.size(); ++i) {
    if (node) set_history(outs[i], node, static_cast<uint32_t>(i));
    become_view(outs[i], x, Creation::multi_output);
    observe(schema, made, outs[i], x);
  }
  return outs;
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

void check_in_place(const char* op, const Tensor& self, const Tensor& other) {
  if (!self.is_contiguous() && may_overlap_itself(self.shape(), self.strides()))
    throw AutogradError(
        "{}: unsupported operation: more than one element of the written-to tensor refers to a single memory location "
        "(shape {}, strides {}). Please clone() the tensor before performing the operation.",
        op, to_string(self.shape()), to_string(self.strides()));
  check_fill(op, self, other);
}

namespace {

void check_history(const char* op, const Tensor& self, const Tensor& other) {
  if (self.impl()->inference && !inference_mode)
    throw AutogradError(
        "{}: Inplace update to inference tensor outside InferenceMode is not allowed. You can make a clone to get a "
        "normal tensor before doing inplace update.",
        op);
  if (!grad_enabled()) return;
  if (const AutogradMeta* meta = self.impl()->meta; meta && meta->base.defined()) {
    if (meta->creation != Creation::normal && (self.requires_grad() || (other.defined() && other.requires_grad())))
      check_creation(self, false);
    if (meta->base.requires_grad() && meta->base.is_leaf())
      throw AutogradError(
          "a view of a leaf Variable that requires grad is being used in an in-place operation ({}). Write inside "
          "`with tapescope.no_grad():`, or to a clone.",
          op);
  }
  if (self.requires_grad() && self.is_leaf())
    throw AutogradError(
        "a leaf Variable that requires grad is being used in an in-place operation ({}). Write inside `with "
        "tapescope.no_grad():`, or to a clone.",
        op);
  // A view that may not be used any more says so before anything is written.
  if (other.defined() && other.impl()->meta && other.impl()->meta->base.defined()) gradient_edge(other);
}

}  // namespace

void check_fill(const char* op, const Tensor& self, const Tensor& other) {
  check_history(op, self, other);
  if (before_write) [[unlikely]]
    before_write(self);
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

namespace {

// The hook that fills .grad, taken from the node that the tensor had until now; null: there is none.
std::shared_ptr<TensorPreHook> take_retain_grad(const Tensor& t) {
  const AutogradMeta* meta = t.impl()->meta;
  NodeHooks* old = meta && meta->retains_grad && t.grad_fn() ? t.grad_fn()->hooks() : nullptr;
  if (!old) return nullptr;
  for (auto h = old->retain_grad.begin(); h != old->retain_grad.end(); ++h)
    if (h->input_nr == t.impl()->output_nr) {
      auto hook = std::move(h->hook);
      old->retain_grad.erase(h);
      return hook;
    }
  return nullptr;
}
// It follows the tensor to its new node.
void put_retain_grad(const Tensor& t, std::shared_ptr<TensorPreHook> hook) {
  if (hook && t.grad_fn())
    t.grad_fn()->hooks_for_writing().retain_grad.push_back({t.impl()->output_nr, std::move(hook)});
}

}  // namespace

void rebase_history(const Tensor& self, Ref<Node> node, uint32_t nr) {
  AutogradMeta* meta = self.impl()->meta;
  auto retained = take_retain_grad(self);
  if (meta && meta->base.defined()) {
    const Tensor base = meta->base;
    auto retained_base = take_retain_grad(base);
    node->set_input_meta(static_cast<int>(nr), intern_meta(self));
    open_circles(base, node.get());
    set_history(base, make_node<CopySlices>(std::move(node), base, self));
    put_retain_grad(base, std::move(retained_base));
    meta->base_version = self.version() - 1;  // stale: the next use asks for the history through the base
    gradient_edge(self);
  } else {
    open_circles(self, node.get());
    set_history(self, std::move(node), nr);
  }
  put_retain_grad(self, std::move(retained));
}

}  // namespace tapescope::ops
