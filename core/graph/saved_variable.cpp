#include "core/graph/saved_variable.h"

#include "core/graph/anomaly.h"
#include "core/graph/autograd_meta.h"

namespace tapescope {

// What stays of a tensor that hooks hold: its place in history.
struct SavedVariable::Packed {
  std::unique_ptr<SavedVariableHooks> hooks;
  uint64_t id;
  const TensorMeta* meta;
  Ref<Node> history;  // of an inner tensor its grad_fn, of a leaf that requires grad its accumulator
  bool requires_grad;
};

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
  if (thread_state.saved_hooks && !t.impl()->number) [[unlikely]]
    if (auto hooks = default_saved_hooks()) {
      pack(t, t, std::move(hooks));
      return;
    }
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

void SavedVariable::pack(const Tensor& t, const Tensor& shown, std::unique_ptr<SavedVariableHooks> hooks) {
  auto made = std::make_unique<Packed>(
      Packed{std::move(hooks), t.id(), intern_meta(t), {}, kind_ == Kind::output || t.requires_grad()});
  if (kind_ == Kind::output)
    output_nr_ = static_cast<uint16_t>(t.impl()->output_nr);
  else if (made->requires_grad) {
    Edge e = gradient_edge(t);
    output_nr_ = static_cast<uint16_t>(e.input_nr);
    made->history = std::move(e.node);
  }
  {
    const NoGrad no_grad;
    const uint32_t before = shown.version();
    made->hooks->pack(shown);
    if (shown.version() != before)
      throw AutogradError(
          "A saved tensor pack hook is modifying its input in place. Tensors provided as input to pack hook can not be "
          "modified by in-place operations as this can lead to unexpected side-effects. Clone the tensor in the hook "
          "before writing to it.");
  }
  reset();  // what was kept until now
  packed_ = made.release();
  state_ = State::packed;
}

void SavedVariable::register_hooks(std::unique_ptr<SavedVariableHooks> hooks) {
  switch (state_) {
    case State::none:
      throw AutogradError("Calling register_hooks on a saved tensor with value None is forbidden.");
    case State::packed:
      throw AutogradError(
          "Calling register_hooks on a saved tensor whose hooks have already been set. Hint: only one pair of hooks is "
          "allowed at a time.");
    case State::released:
      throw AutogradError(
          "Calling register_hooks on a saved tensor after it has been freed is forbidden. Saved intermediate values of "
          "the graph are freed when you call .backward() or autograd.grad(). Specify retain_graph=True if you need to "
          "backward through the graph a second time or if you need to access saved tensors after calling backward.");
    case State::kept:
      break;
  }
  const Tensor t = data_;
  Tensor shown = kind_ == Kind::output ? t : t.alias();
  if (kind_ != Kind::output) shown.impl()->id = t.id();
  pack(t, shown, std::move(hooks));
}

void SavedVariable::reset() noexcept {
  if (!alive()) return;
  const uint64_t id = tensor_id();
  if (state_ == State::kept)
    data_.reset();
  else
    drop_packed();
  released_id_ = id;
  state_ = State::released;
}

void SavedVariable::drop_packed() noexcept {
  delete packed_;
}

const SavedVariableHooks* SavedVariable::hooks() const noexcept {
  return state_ == State::packed ? packed_->hooks.get() : nullptr;
}

uint64_t SavedVariable::tensor_id() const noexcept {
  switch (state_) {
    case State::none:
      return 0;
    case State::kept:
      return data_.id();
    case State::packed:
      return packed_->id;
    case State::released:
      return released_id_;
  }
  return 0;
}

const TensorMeta* SavedVariable::meta() const noexcept {
  return state_ == State::kept ? intern_meta(data_) : state_ == State::packed ? packed_->meta : nullptr;
}

// What hooks bring back, at the place in history that the packed tensor had.
Tensor SavedVariable::unpacked(const Node& node, std::string_view slot, bool any_shape) const {
  const Packed& p = *packed_;
  Tensor got = p.hooks->unpack();
  if (!got.defined()) throw TypeError("Output of saved tensor unpack_hook expected to be a Tensor but got none");
  if (!any_shape && (got.dtype() != p.meta->dtype || !(got.shape() == p.meta->shape)))
    throw AutogradError(
        "{}: the unpack hook of '{}' returned a tensor of {} {}, but {} {} was packed. An unpack hook gives back what "
        "its pack hook was given.",
        node.type().name, slot, name_of(got.dtype()), to_list_string(got.shape()), name_of(p.meta->dtype),
        to_list_string(p.meta->shape));
  if (!p.requires_grad && !got.requires_grad()) return got;
  Tensor out = got.alias();
  out.impl()->id = p.id;
  if (kind_ == Kind::output || p.history) {
    Node* made_by = kind_ == Kind::output ? const_cast<Node*>(&node) : p.history.get();
    if (made_by->leaf().defined()) {
      autograd_meta(out).shared_accumulator = p.history;
      out.impl()->requires_grad_flag = true;
    } else {
      out.impl()->grad_fn = made_by;
      retain(made_by);
      out.impl()->output_nr = output_nr_;
    }
  }
  return out;
}

void throw_backward_twice(const Node& node) {
  const std::string by = describe_pass ? describe_pass(node.released_by()) : "";
  throw AutogradError("{} The graph was freed at {}{}.", kBackwardTwice, node.type().name,
                      by.empty() ? "" : " by " + by);
}

// PyTorch's words for what made it.
std::string SavedVariable::output_of(const Node& node) const {
  const Node* made_by = kind_ == Kind::output ? &node : data_.grad_fn();
  if (!made_by) return "";
  return fmt::format("which is output {} of {}, ", kind_ == Kind::output ? output_nr_ : data_.impl()->output_nr,
                     made_by->type().name);
}

Tensor SavedVariable::unpack(const Node& node, std::string_view slot, bool any_shape) const {
  if (state_ == State::released) throw_backward_twice(node);
  if (state_ == State::none) return {};
  if (state_ == State::packed) return unpacked(node, slot, any_shape);
  if (const uint32_t now = data_.version(); now != version_) {
    const std::string by = describe_write ? describe_write(data_, version_) : "";
    throw AutogradError(
        "one of the variables needed for gradient computation has been modified by an inplace operation: [{} {}], "
        "{}saved by {} as '{}', is at version {}; expected version {} instead.{} {}",
        name_of(data_.dtype()), to_list_string(data_.shape()), output_of(node), node.type().name, slot, now, version_,
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
