// SavedVariable: a tensor that a node keeps for its backward.
//
// Invariants
//   * It remembers the version it saved; unpacking checks it, so that a write in between is an error and never a wrong
//     gradient.
//   * An input (or a leaf) is kept as the very tensor, so identity survives. An output is kept as an alias without
//     history, for the node would own itself otherwise; unpacking gives it its node back.
//   * So is an input that was written since, by an op above the node: the tensor now owns the node. Unpacking raises.
//   * With hooks (the thread's default ones while it is saved, or its own later) the tensor is packed once, at that
//     moment, and let go; its place in history stays. Unpacking asks the hooks each time, and checks no version.
#pragma once

#include <memory>

#include "core/graph/node.h"

namespace tapescope {

// Packs a saved tensor into something else, and brings it back.
class SavedVariableHooks {
 public:
  virtual ~SavedVariableHooks() = default;
  // Called once, in no_grad mode.
  virtual void pack(const Tensor& t) = 0;
  virtual Tensor unpack() = 0;
  virtual std::vector<HookInfo> describe() const = 0;
};

// While thread_state.saved_hooks is set, what a tensor that is saved is packed with; null: nothing.
inline std::unique_ptr<SavedVariableHooks> (*default_saved_hooks)() = nullptr;

// Called before an op writes to `t`, which may have been saved; null: nobody asks.
inline void (*before_write)(const Tensor& t) = nullptr;

class SavedVariable {
 public:
  SavedVariable() = default;
  SavedVariable(const Tensor& t, bool is_output);

  // `node` is the node that saved it. Throws AutogradError if it was released, or written since, or if hooks bring back
  // another shape or dtype; `any_shape`: whoever reads it takes what they bring.
  Tensor unpack(const Node& node, std::string_view slot, bool any_shape = false) const;
  // Packs it now. Throws AutogradError if it was released, is None, or has hooks.
  void register_hooks(std::unique_ptr<SavedVariableHooks> hooks);
  // Lets the tensor go; its id stays known.
  void reset() noexcept;

  // Keeps the memory of an input in place of the tensor itself.
  void keep_memory_alone();

  bool was_saved() const noexcept { return state_ != State::none; }
  // Not released: kept, or packed.
  bool alive() const noexcept { return state_ == State::kept || state_ == State::packed; }
  // The hooks that hold it; null without.
  const SavedVariableHooks* hooks() const noexcept;
  uint32_t saved_version() const noexcept { return version_; }
  bool is_output() const noexcept { return kind_ == Kind::output; }
  // The memory behind it, without checks or history; undefined when released or packed. For looking.
  Tensor data() const { return state_ == State::kept ? data_ : Tensor(); }
  uint64_t tensor_id() const noexcept;
  // Element type and shape of what was saved; null when released.
  const TensorMeta* meta() const noexcept;

  SavedVariable(const SavedVariable&) = delete;
  SavedVariable& operator=(SavedVariable&& o) noexcept {
    this->~SavedVariable();
    return *new (this) SavedVariable(std::move(o));
  }
  SavedVariable(SavedVariable&& o) noexcept
      : data_(), version_(o.version_), output_nr_(o.output_nr_), kind_(o.kind_), state_(o.state_) {
    if (state_ == State::kept)
      data_ = std::move(o.data_);
    else
      released_id_ = o.released_id_;  // or packed_: as large
    if (alive()) o.state_ = State::none;
  }
  ~SavedVariable() {
    if (state_ == State::kept)
      data_.~Tensor();
    else if (state_ == State::packed)
      drop_packed();
  }

 private:
  struct Packed;
  enum class State : uint8_t { none, kept, packed, released };
  enum class Kind : uint8_t { leaf, inner, output };  // an input without history, one with it, what the node made
  void pack(const Tensor& t, const Tensor& shown, std::unique_ptr<SavedVariableHooks> hooks);
  void drop_packed() noexcept;
  std::string output_of(const Node& node) const;
  Tensor unpacked(const Node& node, std::string_view slot, bool any_shape) const;

  // While kept the tensor, while packed what stands for it, later its id.
  union {
    Tensor data_{};
    Packed* packed_;
    uint64_t released_id_;
  };
  uint32_t version_ = 0;
  uint16_t output_nr_ = 0;
  Kind kind_ = Kind::leaf;
  State state_ = State::none;
};
static_assert(sizeof(SavedVariable) == 16, "nodes hold several");

inline constexpr const char* kBackwardTwice =
    "Trying to backward through the graph a second time (or directly access saved tensors after they have already been "
    "freed). Saved intermediate values of the graph are freed when you call .backward() or autograd.grad(). Specify "
    "retain_graph=True if you need to backward through the graph a second time or if you need to access saved tensors "
    "after calling backward.";

// What raises kBackwardTwice, with the node and what freed it.
[[noreturn]] void throw_backward_twice(const Node& node);

// Says where an in-place write happened: "mul_ on line 4 of cell 7". Set by whoever records writes; empty: not known.
inline std::string (*describe_write)(const Tensor& t, uint32_t after_version) = nullptr;
// Says which pass released a node: "the backward in cell 8, line 9". Empty: not known.
inline std::string (*describe_pass)(uint32_t pass) = nullptr;

}  // namespace tapescope
