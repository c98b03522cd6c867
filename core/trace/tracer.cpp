#include "core/trace/tracer.h"

#include <algorithm>

#include "core/graph/autograd_meta.h"
#include "core/trace/lint.h"
#include "core/trace/passes.h"
#include "core/trace/schema.h"

namespace tapescope::jit {
namespace {

thread_local std::shared_ptr<TracingState> current;

}  // namespace

const std::shared_ptr<TracingState>& tracing_state() {
  return current;
}

void set_tracing_state(std::shared_ptr<TracingState> state) {
  current = std::move(state);
  ops::observe_thread_calls(current.get());
}

std::function<void()> pauseTracing() {
  std::shared_ptr<TracingState> state = tracing_state();
  set_tracing_state(nullptr);
  return [state = std::move(state)] { set_tracing_state(state); };
}

TracingState::TracingState(TraceOptions o) : graph(std::make_shared<Graph>()), options(std::move(o)) {}

void TracingState::warn(const std::string& message) const {
  if (options.warn) options.warn(message);
}

// --- scopes

void TracingState::push_scope(const std::string& name) {
  scope_ = std::make_shared<Scope>(Scope{scope_, name, ++calls_});
}
void TracingState::pop_scope() {
  if (!scope_) throw ValueError("pop_scope: no scope is open");
  scope_ = scope_->parent;
}
void TracingState::push_module(uint32_t id) {
  const std::string name = options.module_name ? options.module_name(id) : "";
  scopes_.emplace_back(scope_, !name.empty());
  if (!name.empty()) push_scope(name);
}
void TracingState::pop_module() {
  if (scopes_.empty()) return;
  scope_ = scopes_.back().first;
  scopes_.pop_back();
}

// --- nodes

// Of what was traced before: its modules are below the one that runs it.
ScopePtr TracingState::replayed_scope() const {
  std::vector<const Scope*> inner;
  for (const Scope* s = replayed_->scope.get(); s; s = s->parent.get()) inner.push_back(s);
  ScopePtr out = scope_;
  const std::string_view root = "__module";
  for (auto s = inner.rbegin(); s != inner.rend(); ++s) {
    const bool module = (*s)->name.starts_with(root) && scope_->name.starts_with(root);
    out = std::make_shared<Scope>(
        Scope{out, module ? scope_->name + (*s)->name.substr(root.size()) : (*s)->name, (calls_ << 20) + (*s)->call});
  }
  return out;
}

void TracingState::mark_place(Node* n) const {
  if (replayed_) {
    n->set_source_range(replayed_->range);
    n->set_scope(scope_ ? replayed_scope() : nullptr);
    return;
  }
  std::vector<SiteId> stack;
  if (current_stack) current_stack(stack);
  n->set_source_range(SourceRange(std::move(stack)));
  n->set_scope(scope_);
}

Node* TracingState::add(std::string kind, std::span<Value* const> inputs, size_t outputs) {
  Node* n = graph->create(std::move(kind), inputs, outputs);
  mark_place(n);
  return graph->insert(n);
}

// --- values

bool TracingState::has_value(const Tensor& t) const {
  return std::any_of(env_.begin(), env_.end(), [&](const auto& frame) { return frame.contains(t.id()); });
}

void TracingState::set_value(const Tensor& t, Value* v) {
  env_.back()[t.id()] = v;
  v->tensor = t.id();
}

void TracingState::keep_number(const Tensor& operand, Tensor written) {
  written.impl()->number = true;
  numbers_[operand.id()] = std::move(written);
}

// The value of a result; where gradients were off, as what no gradient goes through.
void TracingState::give(const Tensor& t, Value* v) {
  if (detach_) {
    Value* const from[] = {v};
    v = add("aten::detach", from)->output()->set_type(v->type());
  }
  set_value(t, v);
}

Value* TracingState::value_of(const Tensor& t) {
  if (!t.defined()) return value_of(IValue());
  for (auto frame = env_.rbegin(); frame != env_.rend(); ++frame)
    if (const auto found = frame->find(t.id()); found != frame->end()) {
      Value* v = found->second;
      if (!v->has_debug_name() && options.lookup_var_name)
        if (const std::string name = options.lookup_var_name(t); Value::is_valid_name(name)) v->set_debug_name(name);
      return v;
    }
  if (const auto number = numbers_.find(t.id()); number != numbers_.end()) {
    Value* v = graph->insert_constant(number->second);
    mark_place(v->node());
    return v;
  }
  if (t.requires_grad())
    throw AutogradError(
        "Cannot insert a Tensor that requires grad as a constant. Consider making it a parameter or input, or "
        "detaching "
        "the gradient before the trace. It is a {} of shape {}, made outside of what is traced.",
        scalar_type_name(t.dtype()), to_string(t.shape()));
  warn_of_constant(t);
  Value* v = graph->insert_constant(t);
  mark_place(v->node());
  env_.front()[t.id()] = v;
  v->tensor = t.id();
  return v;
}

void TracingState::warn_of_constant(const Tensor& t) const {
  if (t.id() < first_id_ || literals_.contains(t.id()) || replayed_) return;
  warn(fmt::format(
      "A {} of shape {} that was made while the function ran, but by no op of it, becomes a constant of the "
      "trace. It may be of another thread, of another library's memory (from_dlpack), or a gradient: a trace "
      "follows the ops of one thread. Make it before and give it as an input, or do its ops in the function "
      "itself.",
      scalar_type_name(t.dtype()), to_string(t.shape())));
}

Value* TracingState::value_of(const IValue& v) {
  if (const auto* t = std::get_if<Tensor>(&v); t && t->defined()) return value_of(*t);
  std::vector<Value*> members;
  const auto construct = [&](std::string kind) {
    return add(std::move(kind), members)->output()->set_type(type_of(v));
  };
  if (const auto* l = std::get_if<std::shared_ptr<List>>(&v)) {
    for (const IValue& i : (*l)->items) members.push_back(value_of(i));
    return construct("prim::ListConstruct");
  }
  if (const auto* t = std::get_if<std::shared_ptr<Tuple>>(&v)) {
    for (const IValue& i : (*t)->items) members.push_back(value_of(i));
    return construct("prim::TupleConstruct");
  }
  if (const auto* d = std::get_if<std::shared_ptr<Dict>>(&v)) {
    for (const auto& [key, value] : (*d)->items) members.push_back(value_of(key)), members.push_back(value_of(value));
    return construct("prim::DictConstruct");
  }
  Value* made = graph->insert_constant(v);
  mark_place(made->node());
  return made;
}

Value* TracingState::output_of(const IValue& v, size_t i) {
  if (const auto* t = std::get_if<Tensor>(&v); t && t->defined()) {
    const auto found = env_.back().find(t->id());
    if (found == env_.back().end() || (found->second->node()->kind() == "prim::Constant"))
      throw AutogradError(
          "output {} ({}) of traced region did not have observable data dependence with trace inputs; this probably "
          "indicates your program cannot be understood by the tracer.",
          i, Type::tensor(t->dtype(), t->shape())->str());
    return found->second;
  }
  if (std::holds_alternative<std::monostate>(v)) return value_of(v);
  if (const auto* tuple = std::get_if<std::shared_ptr<Tuple>>(&v)) {
    std::vector<Value*> members;
    for (size_t k = 0; k < (*tuple)->items.size(); ++k) members.push_back(output_of((*tuple)->items[k], k));
    return add("prim::TupleConstruct", members)->output()->set_type(type_of(v));
  }
  if (const auto* list = std::get_if<std::shared_ptr<List>>(&v)) {
    std::vector<Value*> members;
    for (const IValue& m : (*list)->items) {
      if (!std::holds_alternative<Tensor>(m)) break;
      members.push_back(output_of(m, i));
    }
    if (members.size() == (*list)->items.size()) {
      if (options.strict)
        warn(
            "Encountering a list at the output of the tracer might cause the trace to be incorrect, this is only valid "
            "if the container structure does not change based on the module's inputs. Consider using a constant "
            "container instead (e.g. for `list`, use a `tuple` instead. for `dict`, use a `NamedTuple` instead). If "
            "you absolutely need this and know the side effects, pass strict=False to trace() to allow this behavior.");
      return add("prim::ListConstruct", members)->output()->set_type(Type::list(Type::tensor()));
    }
  }
  if (const auto* dict = std::get_if<std::shared_ptr<Dict>>(&v)) {
    if (options.strict)
      throw AutogradError(
          "Encountering a dict at the output of the tracer might cause the trace to be incorrect, this is only valid "
          "if "
          "the container structure does not change based on the module's inputs. Consider using a constant container "
          "instead (e.g. for `list`, use a `tuple` instead. for `dict`, use a `NamedTuple` instead). If you absolutely "
          "need this and know the side effects, pass strict=False to trace() to allow this behavior.");
    std::vector<Value*> members;
    for (const auto& [key, value] : (*dict)->items) {
      if (key.index() != 5 && key.index() != 1)
        throw AutogradError(
            "Output {} of the traced function is a dict with a key of type {}: keys are strings or tensors", i,
            type_of(key)->str());
      members.push_back(value_of(key));
      members.push_back(output_of(value, i));
    }
    return add("prim::DictConstruct", members)->output()->set_type(type_of(v));
  }
  throw AutogradError(
      "Only tensors, lists, tuples of tensors, or dictionary of tensors can be output from traced functions; output {} "
      "is of type {}",
      i, type_of(v)->str());
}

void TracingState::add_input(Value* v, IValue& input) {
  v->set_type(type_of(input));
  if (auto* t = std::get_if<Tensor>(&input); t && t->defined()) {
    if (has_value(*t)) {
      // One tensor given twice stays two inputs.
      *t = t->alias();
    }
    set_value(*t, v);
    return;
  }
  if (auto* tuple = std::get_if<std::shared_ptr<Tuple>>(&input)) {
    Value* const whole[] = {v};
    Node* n = add("prim::TupleUnpack", whole, (*tuple)->items.size());
    for (size_t i = 0; i < (*tuple)->items.size(); ++i) add_input(n->output(i), (*tuple)->items[i]);
    return;
  }
  if (auto* list = std::get_if<std::shared_ptr<List>>(&input)) {
    Value* const whole[] = {v};
    Node* n = add("prim::ListUnpack", whole, (*list)->items.size());
    for (size_t i = 0; i < (*list)->items.size(); ++i) add_input(n->output(i), (*list)->items[i]);
    return;
  }
  if (auto* dict = std::get_if<std::shared_ptr<Dict>>(&input)) {
    for (auto& [key, value] : (*dict)->items) {
      Value* const parts[] = {v, value_of(key)};
      add_input(add("aten::__getitem__", parts)->output(), value);
    }
    return;
  }
  throw AutogradError(
      "Only tensors or (possibly nested) dict or tuples of tensors can be inputs to traced functions. Got {}; bind it "
      "before the trace (functools.partial), and it is a constant of the graph",
      type_of(input)->str());
}

void TracingState::add_module(Value* self, const std::shared_ptr<Object>& module, const std::string& path) {
  for (const auto& [name, value] : module->attributes) {
    Value* const from[] = {self};
    Node* n = graph->create("prim::GetAttr", from);
    n->set_attribute("name", name);
    graph->insert(n)->output()->set_type(type_of(value));
    if (Value::is_valid_name(name)) n->output()->set_debug_name(name);
    if (const auto* t = std::get_if<Tensor>(&value)) {
      n->output()->set_type(Type::tensor());
      if (!has_value(*t)) set_value(*t, n->output());
    } else if (const auto* o = std::get_if<std::shared_ptr<Object>>(&value)) {
      add_module(n->output(), *o, path + name + ".");
    }
  }
}

// --- op calls

// A size that was taken from a tensor, as a whole number of the graph.
Value* TracingState::size_value(const Tensor& size) {
  Value* const number[] = {value_of(size)};
  return add("aten::Int", number)->output()->set_type(Type::integer());
}

Value* TracingState::argument(const ops::Param& param, size_t i, const ops::Value& v) {
  const auto taken = [&](size_t element) -> const Tensor* {
    for (const StashedSize& s : stash)
      if ((s.param == i || (s.param == StashedSize::kTheOnlyDims && param.kind == ops::Kind::dims)) &&
          s.element == element)
        return &s.size;
    return nullptr;
  };
  if (param.kind == ops::Kind::integer && !stash.empty())
    if (const Tensor* size = taken(0)) return size_value(*size);
  if (param.kind == ops::Kind::dims && v.index() && !stash.empty()) {
    std::vector<Value*> members;
    const Dims& dims = std::get<Dims>(v);
    for (int d = 0; d < dims.size(); ++d) {
      const Tensor* size = taken(static_cast<size_t>(d));
      members.push_back(size ? size_value(*size) : value_of(IValue(dims[d])));
    }
    return add("prim::ListConstruct", members)->output()->set_type(Type::list(Type::integer()));
  }
  return value_of(from_argument(v));
}

void TracingState::check_unique(const ops::Offer& op, const ops::Value& self) const {
  const auto* t = std::get_if<Tensor>(&self);
  if (!t) return;
  const auto references = t->impl()->storage->use_count();
  if (references > 1)
    warn(fmt::format(
        "There are {} live references to the data region being modified when tracing in-place operator {}. This might "
        "cause the trace to be incorrect, because all other views that also reference this data will not reflect this "
        "change in the trace! On the other hand, if all other views use the same memory chunk, but are disjoint (e.g. "
        "are outputs of tapescope.split), this might still be safe.",
        references, op.name));
}

void TracingState::begin(const ops::Offer& op, std::span<const ops::Value> args) {
  std::string name = op.name;
  if (name == "resize_" || name == "resize_as_")
    warn(fmt::format(
        "{} might cause the trace to be incorrect: the tensor's new shape is not followed. Make a tensor of that shape "
        "instead.",
        name));
  if (op.writes && options.force_outplace) {
    const std::string plain = name.substr(0, name.size() - 1);
    const auto& overloads = ops::offers_named(plain);
    if (std::any_of(overloads.begin(), overloads.end(), [&](auto* o) { return o->params.size() == args.size(); })) {
      check_unique(op, args[0]);
      name = plain;
    }
  }
  std::vector<Value*> inputs;
  inputs.reserve(args.size());
  for (size_t i = 0; i < args.size(); ++i) inputs.push_back(argument(op.params[i], i, args[i]));
  stash.clear();
  pending_ = graph->create("aten::" + name, inputs);
  mark_place(pending_);
  graph->insert(pending_);
  sequence_nr_ = thread_state.sequence_nr;
  detach_ = false;
  if (!grad_mode_ || grad_enabled() || op.name == "detach" || op.writes) return;
  for (const ops::Value& v : args) {
    if (const auto* t = std::get_if<Tensor>(&v)) detach_ = detach_ || (t->defined() && t->requires_grad());
    if (const auto* all = std::get_if<std::vector<Tensor>>(&v))
      for (const Tensor& t : *all) detach_ = detach_ || (t.defined() && t.requires_grad());
  }
}

void TracingState::record_history(Node* n, const Tensor& made) const {
  const tapescope::Node* f = made.grad_fn();
  // What was made before the op is not the op's: it gave back an input.
  if (!f || f->sequence_nr() < sequence_nr_) return;
  auto all = std::make_shared<std::vector<History>>();
  std::vector<const tapescope::Node*> waiting{f};
  std::unordered_set<const tapescope::Node*> seen{f};
  while (!waiting.empty()) {
    f = waiting.back();
    waiting.pop_back();
    const bool leaf = f->sequence_nr() == tapescope::Node::kLast;
    History h{&f->type(), f->id(), f->sequence_nr(), f->num_inputs() ? f->input_meta(0) : nullptr, 0, {}};
    if (leaf)
      if (const Tensor v = f->leaf(); v.defined()) h.variable = v.id();
    for (const Edge& e : f->edges()) {
      h.edges.push_back({e ? e.node->id() : 0, e.input_nr});
      if (e && e.node->sequence_nr() >= sequence_nr_ && seen.insert(e.node.get()).second)
        waiting.push_back(e.node.get());
    }
    all->push_back(std::move(h));
  }
  n->history = std::move(all);
}

void TracingState::end(const ops::Offer&, std::span<const ops::Value>, const ops::Value* result) {
  Node* const n = std::exchange(pending_, nullptr);
  if (!n) return;
  if (!result) {
    n->destroy();
    return;
  }
  const IValue v = from_argument(*result);
  n->output()->set_type(type_of(v));
  if (const auto* t = std::get_if<Tensor>(&v)) {
    give(*t, n->output());
    record_history(n, *t);
    return;
  }
  const std::vector<IValue>* members = nullptr;
  const char* kind = "prim::ListUnpack";
  if (const auto* list = std::get_if<std::shared_ptr<List>>(&v)) members = &(*list)->items;
  if (const auto* tuple = std::get_if<std::shared_ptr<Tuple>>(&v))
    members = &(*tuple)->items, kind = "prim::TupleUnpack";
  if (!members) return;
  Value* const whole[] = {n->output()};
  Node* unpack = add(kind, whole, members->size());
  for (size_t i = 0; i < members->size(); ++i) {
    unpack->output(i)->set_type(type_of((*members)[i]));
    const auto* t = std::get_if<Tensor>(&(*members)[i]);
    if (!t) continue;
    give(*t, unpack->output(i));
    if (!n->history) record_history(n, *t);
  }
}

// --- a trace

Traced trace(const TracedFunction& function, std::vector<IValue> inputs, TraceOptions options,
             const std::shared_ptr<Object>& self, std::span<const std::string> argument_names) {
  if (tracing_state())
    throw AutogradError("Tracing can't be nested: a trace is open on this thread. Call the function itself there.");
  const auto state = std::make_shared<TracingState>(std::move(options));
  struct Close {
    ~Close() { set_tracing_state(nullptr); }
  };
  IValue result;
  {
    set_tracing_state(state);
    const Close close;
    if (self) {
      Value* v = state->graph->add_input("self.1");
      v->set_type(self->type);
      state->add_module(v, self);
    }
    const bool named = argument_names.size() >= inputs.size();
    for (size_t i = 0; i < inputs.size(); ++i)
      state->add_input(state->graph->add_input(named ? argument_names[i] : ""), inputs[i]);
    result = function(inputs);
    if (std::holds_alternative<std::monostate>(result))
      throw AutogradError(
          "The traced function didn't return any values! Side-effects are not captured in traces, so it would be a "
          "no-op.");
    state->graph->register_output(state->output_of(result, 0));
  }
  eliminate_dead_code(*state->graph);
  lint(*state->graph);
  return {state->graph, std::move(result)};
}

}  // namespace tapescope::jit
