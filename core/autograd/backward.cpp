// backward and grad: the calls that users make, and their rules.
#include "core/autograd/accumulate_grad.h"
#include "core/autograd/engine.h"
#include "core/graph/autograd_meta.h"
#include "core/ops/ops.h"

namespace tapescope {
namespace {

// Element type and shape of the gradient there; null: an edge whose node says nothing.
const TensorMeta* meta_of(const GradientPoint& p) {
  if (p.tensor.defined()) return intern_meta(p.tensor);
  return static_cast<int>(p.edge.input_nr) < p.edge.node->num_inputs()
             ? p.edge.node->input_meta(static_cast<int>(p.edge.input_nr))
             : nullptr;
}

std::string shape_of(const GradientPoint& p) {
  const TensorMeta* m = meta_of(p);
  return m ? to_string(m->shape) : "unknown shape";
}

std::vector<Edge> root_edges(const std::vector<GradientPoint>& points, std::vector<Tensor>& grads) {
  std::vector<Edge> roots;
  if (grads.size() != points.size())
    throw AutogradError("got {} tensors and {} gradients; give one gradient a tensor, or none at all", points.size(),
                        grads.size());
  for (size_t i = 0; i < points.size(); ++i) {
    Edge e = points[i].tensor.defined() ? gradient_edge(points[i].tensor) : points[i].edge;
    if (!e) throw AutogradError("element {} of tensors does not require grad and does not have a grad_fn", i);
    const TensorMeta* meta = meta_of(points[i]);
    if (!grads[i].defined()) {
      if (!meta || numel(meta->shape) != 1)
        throw AutogradError(
            "grad can be implicitly created only for scalar outputs: element {} has shape {}. Reduce it, as in "
            ".sum(), or pass a gradient of that shape.",
            i, shape_of(points[i]));
      if (is_complex(meta->dtype))
        throw AutogradError(
            "grad can be implicitly created only for real scalar outputs but got {}: element {}. Take .real or .abs() "
            "of it, or pass a gradient.",
            name_of(meta->dtype), i);
      grads[i] = ops::full(meta->shape, 1, meta->dtype);
    } else if (meta) {
      if (!(grads[i].shape() == meta->shape))
        throw AutogradError("Mismatch in shape: grad_output[{}] has a shape of {} and output[{}] has a shape of {}.", i,
                            to_string(grads[i].shape()), i, to_string(meta->shape));
      if (is_complex(grads[i].dtype()) != is_complex(meta->dtype))
        throw AutogradError(
            "For complex Tensors, both grad_output and output are required to have the same dtype. Mismatch in dtype: "
            "grad_output[{}] has a dtype of {} and output[{}] has a dtype of {}.",
            i, name_of(grads[i].dtype()), i, name_of(meta->dtype));
      grads[i] = ops::to(grads[i], meta->dtype);
    }
    roots.push_back(std::move(e));
  }
  return roots;
}

std::vector<Edge> input_edges(const std::vector<GradientPoint>& inputs) {
  std::vector<Edge> edges;
  for (const GradientPoint& p : inputs) {
    Edge e = p.tensor.defined() ? gradient_edge(p.tensor) : p.edge;
    // A view made in no_grad mode requires grad as its base does, and no gradient gets there.
    if (!e && p.tensor.defined() && p.tensor.requires_grad()) e.node = Ref<Node>::adopt(new AccumulateGrad(p.tensor));
    if (!e)
      throw AutogradError(
          "One of the differentiated Tensors does not require grad; it has shape {}. Call "
          ".requires_grad_() on it before the forward pass.",
          to_string(p.tensor.shape()));
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
  gradient_edge(t);  // a stale view asks again
  AutogradMeta& meta = autograd_meta(t);
  if (meta.retains_grad) return;
  meta.retains_grad = true;
  t.grad_fn()->hooks_for_writing().retain_grad.push_back({t.impl()->output_nr, std::make_shared<RetainGrad>(t)});
}

void backward(const std::vector<GradientPoint>& tensors, const std::vector<Tensor>& given, bool retain_graph,
              bool create_graph, const std::vector<GradientPoint>& inputs) {
  std::vector<Tensor> grads = given;
  if (grads.empty()) grads.resize(tensors.size());
  const std::vector<Edge> roots = root_edges(tensors, grads);
  const std::vector<Edge> targets = input_edges(inputs);
  for (const GradientPoint& p : inputs)
    if (p.tensor.defined()) retain_grad(p.tensor);
  run_backward(roots, std::move(grads), targets, {retain_graph, create_graph, true, true});
}

std::vector<Tensor> grad(const std::vector<GradientPoint>& outputs, const std::vector<GradientPoint>& inputs,
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
          i, shape_of(inputs[i]));
  return result;
}

}  // namespace tapescope
