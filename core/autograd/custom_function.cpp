#include "core/autograd/custom_function.h"

#include <cxxabi.h>

#include <algorithm>
#include <deque>
#include <mutex>

#include "core/graph/autograd_meta.h"
#include "core/ops/record.h"

namespace tapescope {
namespace {

bool contains(const std::vector<TensorImpl*>& list, const Tensor& t) {
  return std::find(list.begin(), list.end(), t.impl()) != list.end();
}
bool is_view(const Tensor& t) {
  return t.impl()->meta && t.impl()->meta->base.defined();
}

Tensor view_of_itself(const Tensor& t) {
  const Unobserved part_of_the_call;
  return ops::as_strided(t, t.shape(), t.strides(), t.impl()->offset);
}

void forget_history(const Tensor& t) {
  TensorImpl* impl = t.impl();
  if (impl->grad_fn) release(std::exchange(impl->grad_fn, nullptr));
  impl->output_nr = 0;
  impl->requires_grad_flag = false;
}

Tensor constant(const WrapRules& rules, Tensor t) {
  const bool is_input = contains(rules.inputs, t);
  if (!t.requires_grad()) {
    if (!is_input || contains(rules.dirty, t)) return t;
    const NoGrad no_grad;
    return view_of_itself(t);
  }
  if (is_input) return t.alias();
  if (!is_view(t)) forget_history(t);
  return t;
}

Tensor written(const Tensor& t, const Ref<Node>& node, uint32_t nr, size_t outputs) {
  if (t.is_leaf() && t.requires_grad())
    throw AutogradError(
        "a leaf Variable that requires grad has been used in an in-place operation: {} marked it dirty. Clone it "
        "before, or write to it in no_grad mode.",
        node->type().name);
  if (is_view(t) && outputs > 1)
    throw AutogradError(
        "If your Function modifies in-place an input that is a view of another Tensor, your Function cannot return "
        "more than one Tensor: {} returns {}. Split it into two, the one that writes, and the one that returns the "
        "others.",
        node->type().name, outputs);
  if (AutogradMeta* meta = t.impl()->meta) {
    meta->grad = {};
    meta->leaf_hook.reset();
    meta->post_accumulate_hook.reset();
  }
  ops::rebase_history(t, node, nr);
  return t;
}

}  // namespace

void _wrap_outputs(const WrapRules& rules, const Ref<Node>& node, std::span<Tensor> outputs) {
  size_t differentiable = 0;
  for (size_t i = 0; i < outputs.size(); ++i) {
    Tensor& t = outputs[i];
    if (!t.defined()) continue;
    const auto nr = static_cast<uint32_t>(i);
    const bool is_input = contains(rules.inputs, t), is_written = contains(rules.dirty, t);
    const bool differs = node && is_differentiable(t.dtype()) && !contains(rules.non_differentiable, t);
    if (is_input && !is_written && contains(rules.saved_by_setup, t))
      throw AutogradError(
          "A input that has been returned as-is as output is being saved for backward. This is not supported if you "
          "override setup_context. You should return and save a view of the input instead, e.g. with x.view_as(x) or "
          "setup ctx inside the forward function itself.");
    if (!differs) {
      t = constant(rules, t);
    } else if (is_written) {
      t = written(t, node, nr, outputs.size());
    } else if (is_input) {
      // Returned as it is: the result is a view, so that the input keeps its own history.
      {
        const NoGrad no_grad;
        t = view_of_itself(t);
      }
      set_history(t, node, nr);
    } else {
      set_history(t, node, nr);
    }
    if (!(is_input && is_written) && is_view(t)) {
      AutogradMeta& meta = *t.impl()->meta;
      meta.creation = rules.pure_view ? Creation::normal : Creation::custom_function;
      meta.base_version = t.version();
    }
    differentiable += differs;
  }
  if (differentiable > 1)
    for (const Tensor& t : outputs)
      if (t.defined() && is_view(t)) t.impl()->meta->creation = Creation::multi_output;
  for (TensorImpl* d : rules.dirty)
    if (std::none_of(outputs.begin(), outputs.end(), [&](const Tensor& t) { return t.impl() == d; }))
      throw AutogradError(
          "Some elements marked as dirty during the forward method were not returned as output. The inputs that are "
          "modified inplace must all be outputs of the Function.");
}

void _mark_dirty(const Tensor& t) {
  t.bump_version();
}

std::string_view saved_slot_name(size_t i) {
  static std::mutex mutex;
  static auto& names = *new std::deque<std::string>;  // its strings stay where they are
  const std::lock_guard lock(mutex);
  while (names.size() <= i) names.push_back(fmt::format("saved_tensors[{}]", names.size()));
  return names[i];
}

std::string readable_name(const std::type_info& type) {
  int failed = 0;
  char* text = abi::__cxa_demangle(type.name(), nullptr, nullptr, &failed);
  std::string name = failed ? type.name() : text;
  std::free(text);
  const size_t at = name.rfind("::");
  return at == std::string::npos ? name : name.substr(at + 2);
}

std::vector<Tensor> AutogradContext::get_saved_variables() const {
  std::vector<Tensor> out;
  if (!node_) return out;
  if (node_->released()) throw_backward_twice(*node_);
  for (size_t i = 0; i < saved_.size(); ++i) out.push_back(saved_[i].unpack(*node_, saved_slot_name(i), true));
  return out;
}
void AutogradContext::mark_dirty(const std::vector<Tensor>& tensors) {
  rules_.dirty.clear();
  for (const Tensor& t : tensors) rules_.dirty.push_back(t.impl());
}
void AutogradContext::mark_non_differentiable(const std::vector<Tensor>& tensors) {
  rules_.non_differentiable.clear();
  for (const Tensor& t : tensors) rules_.non_differentiable.push_back(t.impl());
}
bool AutogradContext::needs_input_grad(size_t i) const {
  return node_ && i < static_cast<size_t>(node_->num_edges()) && bool(node_->edge(static_cast<int>(i)));
}

namespace {
int tensors_among(const std::vector<Tensor>& arguments) {
  return static_cast<int>(
      std::count_if(arguments.begin(), arguments.end(), [](const Tensor& t) { return t.defined(); }));
}
}  // namespace

CppNodeBase::CppNodeBase(std::vector<Tensor> arguments)
    : WideNode(tensors_among(arguments)), arguments_(std::move(arguments)) {
  ctx_.node_ = this;
  int next = 0;
  for (const Tensor& t : arguments_) {
    is_tensor_.push_back(t.defined());
    if (!t.defined()) continue;
    ctx_.rules_.inputs.push_back(t.impl());
    if (grad_enabled()) set_edge(next, gradient_edge(t));
    ++next;
  }
}

std::vector<Tensor> CppNodeBase::run(const OpSchema& schema, Ref<CppNodeBase> self,
                                     const std::function<std::vector<Tensor>(AutogradContext&)>& forward) {
  bool recorded = false;
  for (const Edge& e : edges()) recorded |= bool(e);
  std::vector<Tensor> outputs;
  {
    const NoGrad no_grad;
    outputs = forward(ctx_);
  }
  for (TensorImpl* t : ctx_.rules_.dirty) _mark_dirty(Tensor(Ref<TensorImpl>(t)));
  resize_inputs(static_cast<int>(outputs.size()));
  for (const Tensor& t : outputs) output_info_.push_back(t.defined() ? intern_meta(t) : nullptr);
  const std::vector<Tensor> arguments = std::move(arguments_);
  _wrap_outputs(ctx_.rules_, recorded ? Ref<Node>(self) : Ref<Node>(), outputs);
  if (recorded)
    for (const Tensor& t : ctx_.to_save_)
      ctx_.saved_.emplace_back(t, std::any_of(outputs.begin(), outputs.end(), [&](const Tensor& o) {
                                 return o.defined() && t.defined() && o.is_same(t);
                               }));
  ctx_.to_save_.clear();
  ctx_.rules_ = {};
  if (op_observer) {
    std::vector<const Tensor*> in;
    for (const Tensor& t : arguments)
      if (t.defined()) in.push_back(&t);
    for (const Tensor& t : outputs) {
      const Tensor* one[] = {&t};
      if (t.defined()) op_observer->op({schema, in, one, recorded ? this : nullptr});
    }
  }
  return outputs;
}

void CppNodeBase::apply(std::span<Tensor> grads, std::span<Tensor> out) {
  std::vector<Tensor> given(grads.begin(), grads.end());
  if (ctx_.materialize_)
    for (size_t i = 0; i < given.size() && i < output_info_.size(); ++i)
      if (!given[i].defined() && output_info_[i])
        given[i] = ops::full(output_info_[i]->shape, 0, output_info_[i]->dtype);
  std::vector<Tensor> got = backward(ctx_, std::move(given));
  while (got.size() > is_tensor_.size() && !got.back().defined()) got.pop_back();
  if (got.size() != is_tensor_.size())
    throw AutogradError("function {} returned an incorrect number of gradients (expected {}, got {})", type().name,
                        is_tensor_.size(), got.size());
  size_t next = 0;
  for (size_t i = 0; i < got.size(); ++i) {
    if (is_tensor_[i])
      out[next++] = std::move(got[i]);
    else if (got[i].defined())
      throw AutogradError(
          "function {} returned a gradient different than None at position {}, but the corresponding forward input was "
          "not a Variable",
          type().name, i + 1);
  }
}

void CppNodeBase::release_saved() {
  for (SavedVariable& s : ctx_.saved_) s.reset();
}

std::vector<Slot> CppNodeBase::slots() const {
  std::vector<Slot> out;
  for (size_t i = 0; i < ctx_.saved_.size(); ++i) out.push_back({saved_slot_name(i), &ctx_.saved_[i]});
  return out;
}

}  // namespace tapescope
