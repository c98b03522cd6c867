// The jit tracer: an observer of op calls that writes each into a graph.
//
// Invariants
//   * At most one trace is open on a thread; its state is thread-local, and gone when the trace ends, also by an
//     exception.
//   * A tensor is known by its id: what an op returned, or wrote, is the value of the op's node from then on. Tensors
//     that no op of the trace made become constants, if they do not require grad.
//   * A value gets its name when it is consumed: that of the variable which then holds the tensor in the frame that
//     called the op.
//   * The cell recorder observes another seam and is not disturbed.
#pragma once

#include <functional>
#include <unordered_set>

#include "core/ops/call.h"
#include "core/trace/ir.h"

namespace tapescope::jit {

struct TraceOptions {
  bool strict = true;
  bool force_outplace = false;
  // The name that the caller of the running op has for the tensor; empty: none. May be null.
  std::function<std::string(const Tensor&)> lookup_var_name = {};
  // Says to the user that what is done with a traced value will not be seen by the trace. May be null.
  std::function<void(const std::string&)> warn = {};
  // What a module is called, "__module.a.b"; empty: it is not part of what is traced.
  std::function<std::string(uint32_t module)> module_name = {};
};

// A size that a program took from a traced tensor and gives to an op as a number: the op's argument `param`, element
// `element` of it where it is a list.
struct StashedSize {
  static constexpr size_t kTheOnlyDims = SIZE_MAX;  // as `param`: whichever of the op's takes sizes
  size_t param, element;
  Tensor size;
};

// Where a node was traced, and its scope there.
struct Origin {
  SourceRange range = {};
  ScopePtr scope = {};
};

class TracingState final : public ops::CallObserver {
 public:
  explicit TracingState(TraceOptions options);

  std::shared_ptr<Graph> graph;
  TraceOptions options;

  bool has_value(const Tensor& t) const;
  // The value of a tensor, which is named if it has no name yet. Of an unknown one a constant is made. Throws
  // AutogradError if that requires grad.
  Value* value_of(const Tensor& t);
  Value* value_of(const IValue& v);
  void set_value(const Tensor& t, Value* v);
  // The program wrote the tensor's elements down, or was told that they are a constant: nothing more is said of it.
  void keep_literal(const Tensor& t) { literals_.insert(t.id()); }
  // `operand` is what the program's number `written` is in the op that is called next.
  void keep_number(const Tensor& operand, Tensor written);
  // The value of the i-th result of what is traced. Throws AutogradError if it does not depend on the trace's inputs,
  // or is of a kind that cannot be an output.
  Value* output_of(const IValue& v, size_t i);
  // Makes values of an input and its members.
  void add_input(Value* v, IValue& input);
  // GetAttr chains of a module's parameters, buffers and submodules.
  void add_module(Value* self, const std::shared_ptr<Object>& module, const std::string& path = "");

  Node* add(std::string kind, std::span<Value* const> inputs, size_t outputs = 1);
  void mark_place(Node* n) const;
  // What `n` left in the backward graph, if it made the history of `made`.
  void record_history(Node* n, const Tensor& made) const;
  void warn(const std::string& message) const;

  // While a traced graph runs inside of this trace: of the node that runs. Null: the program runs by itself.
  void set_replayed(const Origin* o) { replayed_ = o; }
  const Origin* replayed() const { return replayed_; }

  void push_module(uint32_t id);
  void pop_module();
  void push_scope(const std::string& name);
  void pop_scope();
  const ScopePtr& scope() const { return scope_; }

  // A frame of values of its own, for the body of a custom Function.
  void push_frame() { env_.emplace_back(); }
  void pop_frame() { env_.pop_back(); }

  void begin(const ops::Offer& op, std::span<const ops::Value> args) override;
  void end(const ops::Offer& op, std::span<const ops::Value> args, const ops::Value* result) override;

  std::vector<StashedSize> stash;

 private:
  Value* argument(const ops::Param& param, size_t i, const ops::Value& v);
  Value* size_value(const Tensor& size);
  void give(const Tensor& t, Value* v);
  void warn_of_constant(const Tensor& t) const;
  ScopePtr replayed_scope() const;
  void check_unique(const ops::Offer& op, const ops::Value& self) const;

  std::vector<std::unordered_map<uint64_t, Value*>> env_{1};
  std::vector<std::pair<ScopePtr, bool>> scopes_;  // of each module that runs: what was before, whether it has a name
  ScopePtr scope_;
  std::unordered_map<uint64_t, Tensor> numbers_;  // as they were written
  std::unordered_set<uint64_t> literals_;
  const uint64_t first_id_ = TensorImpl::next_id();  // tensors from here on were made during the trace
  const Origin* replayed_ = nullptr;
  const bool grad_mode_ = grad_enabled();  // when the trace began
  bool detach_ = false;                    // the op that runs does so without gradients, which its inputs have
  uint64_t calls_ = 0;
  Node* pending_ = nullptr;
  uint64_t sequence_nr_ = 0;
};

// This thread's trace; null: none.
const std::shared_ptr<TracingState>& tracing_state();
// Opens or (null) closes it.
void set_tracing_state(std::shared_ptr<TracingState> state);
inline bool is_tracing() {
  return ops::calls_observed() && tracing_state();
}

// No tracing while one stands.
class PauseTracing {
 public:
  PauseTracing() : before_(tracing_state()) { set_tracing_state(nullptr); }
  ~PauseTracing() { set_tracing_state(std::move(before_)); }
  PauseTracing(const PauseTracing&) = delete;
  PauseTracing& operator=(const PauseTracing&) = delete;

 private:
  std::shared_ptr<TracingState> before_;
};
// Stops tracing on this thread; what it returns goes on with it.
std::function<void()> pauseTracing();

struct Traced {
  std::shared_ptr<Graph> graph;  // flat: modules are GetAttr chains, submodules' calls are scopes
  IValue result;                 // what the function returned
};
using TracedFunction = std::function<IValue(std::span<const IValue> inputs)>;

// Calls `function` with `inputs` and records what it does. `self`: the module whose method it is; null: none. A name of
// an input, if there are at least as many names as inputs. Throws AutogradError if this thread traces already; whatever
// is thrown, the trace is closed.
Traced trace(const TracedFunction& function, std::vector<IValue> inputs, TraceOptions options,
             const std::shared_ptr<Object>& self = nullptr, std::span<const std::string> argument_names = {});

}  // namespace tapescope::jit
