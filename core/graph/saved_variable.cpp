#include "core/graph/saved_variable.h"

#include "core/graph/anomaly.h"
#include "core/graph/autograd_meta.h"

namespace tapescope {

SavedVariable::SavedVariable(const Tensor& t, bool is_output) {
  if (!t.defined()) return;
  if (t.impl()->inference) [[unlikely]]
    throw AutogradError(
        "Inference tensors cannot be saved for backward. Please do not use Tensors created in inference mode in "
        "computation tracked by autograd. To work around this, you can make a clone to get a normal tensor and use it "
        "in autograd, or use `tapescope.no_grad()` instead of `tapescope.inference_mode()`.");
  version_ = t.version();
  if (is_output && !t.is_leaf())
    kind_ = Kind::output;
  else
    kind_ = t.grad_fn() != nullptr ? Kind::inner : Kind::leaf;
  state_ = State::kept;
  if (kind_ == Kind::output) {
    output_nr_ = static_cast<uint16_t>(t.impl()->output_nr);
    data_ = t.alias();
    data_.impl()->id = t.id();
  } else {
    data_ = t;
    t.impl()->saved = true;
    if (const AutogradMeta* m = t.impl()->meta; m && m->base.defined()) m->base.impl()->saved = true;
  }
}

void SavedVariable::keep_memory_alone() {
  if (state_ != State::kept || kind_ == Kind::output) return;
  const uint64_t id = data_.id();
  data_ = data_.alias();
  data_.impl()->id = id;
  kind_ = Kind::leaf;
}

void throw_backward_twice(const Node& node) {
  const std::string by = describe_pass ? describe_pass(node.released_by()) : "";
  throw AutogradError("{} The graph was freed at {}{}.", kBackwardTwice, node.type().name,
                      by.empty() ? "" : " by " + by);
}

Tensor SavedVariable::unpack(const Node& node, std::string_view slot) const {
  if (state_ == State::released) throw_backward_twice(node);
  if (state_ == State::none) return {};
  if (const uint32_t now = data_.version(); now != version_) {
    const std::string by = describe_write ? describe_write(data_, version_) : "";
    throw AutogradError(
        "one of the variables needed for gradient computation has been modified by an inplace operation: [{} {}], "
        "which {} saved as '{}', is at version {}; expected version {} instead.{} {}",
        name_of(data_.dtype()), to_list_string(data_.shape()), node.type().name, slot, now, version_,
        by.empty() ? "" : " It was written by " + by + ".",
        anomaly_mode ? "Hint: the backtrace further above shows the operation that failed to compute its gradient. The "
                       "variable in question was changed in there or anywhere later."
                     : "Hint: clone the tensor before writing to it, or write out of place.");
  }
  if (kind_ == Kind::inner && data_.grad_fn() == nullptr)
    throw AutogradError(
        "Trying to use a saved tensor that has been detached in-place, i.e. with .detach_(): {} saved it as '{}'. "
        "This is not supported, please use out-of-place `.detach()` instead",
        node.type().name, slot);
  if (kind_ != Kind::output) return data_;
  Tensor out = data_.alias();
  out.impl()->id = data_.id();
  out.impl()->grad_fn = const_cast<Node*>(&node);
  retain(out.impl()->grad_fn);
  out.impl()->output_nr = output_nr_;
  return out;
}

}  // namespace tapescope
