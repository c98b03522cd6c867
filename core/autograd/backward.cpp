// backward and grad: the calls that users make, and their rules.
#include "core/autograd/engine.h"
#include "core/graph/autograd_meta.h"
#include "core/ops/ops.h"

namespace tapescope {
namespace {

std::vector<Edge> root_edges(const std::vector<Tensor>& tensors, std::vector<Tensor>& grads) {
  std::vector<Edge> roots;
  if (grads.size() != tensors.size())
    throw AutogradError("got {} tensors and {} gradients; give one gradient a tensor, or none at all", tensors.size(),
                        grads.size());
  for (size_t i = 0; i < tensors.size(); ++i) {
    const Tensor& t = tensors[i];
    Edge e = gradient_edge(t);
    if (!e) throw AutogradError("element {} of tensors does not require grad and does not have a grad_fn", i);
    if (!grads[i].defined()) {
      if (t.numel() != 1)
        throw AutogradError(
            "grad can be implicitly created only for scalar outputs: element {} has shape {}. Reduce it, as in "
            ".sum(), or pass a gradient of that shape.",
            i, to_string(t.shape()));
      grads[i] = ops::full(t.shape(), 1, t.dtype());
    } else {
      if (!(grads[i].shape() == t.shape()))
        throw AutogradError("Mismatch in shape: grad_output[{}] has a shape of {} and output[{}] has a shape of {}.", i,
                            to_string(grads[i].shape()), i, to_string(t.shape()));
      grads[i] = ops::to(grads[i], t.dtype());
    }
    roots.push_back(std::move(e));
  }
  return roots;
}

std::vector<Edge> input_edges(const std::vector<Tensor>& inputs) {
  std::vector<Edge> edges;
  for (const Tensor& t : inputs) {
    Edge e = gradient_edge(t);
    if (!e)
      throw AutogradError(
          "One of the differentiated Tensors does not require grad; it has shape {}. Call "
          ".requires_grad_() on it before the forward pass.",
          to_string(t.shape()));
    edges.push_back(std::move(e));
  }
  return edges;
}

// Fills .grad of a non-leaf while it lives; holds it weakly, for the tensor owns the node.
class RetainGrad : public TensorPreHook {
 public:
  explicit RetainGrad(const Tensor& t) : id_(t.id()), impl_(t.impl()) {}
  void operator()(Tensor& grad) override {
    if (!grad.defined() || !alive()) return;
    Tensor& have = impl_->meta->grad;
    have = have.defined() ? have + grad : ops::clone(grad);
  }
  std::vector<HookInfo> describe() const override { return {{"retain_grad", "", 0, id_}}; }

 private:
  // Slots are never unmapped, and an id is never given twice.
  bool alive() const { return impl_->count.load() && impl_->id == id_ && impl_->meta; }
  uint64_t id_;
  TensorImpl* impl_;
};

}  // namespace

void retain_grad(const Tensor& t) {
  if (!t.requires_grad())
    throw AutogradError(
        "can't retain_grad on Tensor that has requires_grad=False; call .requires_grad_() before the op that uses it");
  if (t.is_leaf()) return;
  AutogradMeta& meta = autograd_meta(t);
  if (meta.retains_grad) return;
  meta.retains_grad = true;
  t.grad_fn()->hooks_for_writing().retain_grad.push_back({t.impl()->output_nr, std::make_shared<RetainGrad>(t)});
}

void backward(const std::vector<Tensor>& tensors, const std::vector<Tensor>& given, bool retain_graph,
              bool create_graph, const std::vector<Tensor>& inputs) {
  std::vector<Tensor> grads = given;
  if (grads.empty()) grads.resize(tensors.size());
  const std::vector<Edge> roots = root_edges(tensors, grads);
  const std::vector<Edge> targets = input_edges(inputs);
  for (const Tensor& t : inputs) retain_grad(t);
  run_backward(roots, std::move(grads), targets, {retain_graph, create_graph, true, true});
}

std::vector<Tensor> grad(const std::vector<Tensor>& outputs, const std::vector<Tensor>& inputs,
                         const std::vector<Tensor>& given, bool retain_graph, bool create_graph, bool allow_unused) {
  if (inputs.empty()) throw ValueError("grad requires non-empty inputs.");
  std::vector<Tensor> grads = given;
  if (grads.empty()) grads.resize(outputs.size());
  const std::vector<Edge> roots = root_edges(outputs, grads);
  const std::vector<Edge> targets = input_edges(inputs);
  std::vector<Tensor> result =
      run_backward(roots, std::move(grads), targets, {retain_graph, create_graph, false, true});
  for (size_t i = 0; i < result.size(); ++i)
    if (!result[i].defined() && !allow_unused)
      throw AutogradError(
          "One of the differentiated Tensors appears to not have been used in the graph: input {}, of shape {}. Set "
          "allow_unused=True if this is the desired behavior.",
          i, to_string(inputs[i].shape()));
  return result;
}

}  // namespace tapescope
