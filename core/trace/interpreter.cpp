#include "core/trace/interpreter.h"

#include "core/ops/call.h"
#include "core/tensor/error.h"

namespace tapescope::jit {

namespace {

void drop(IValue& v) {
  if (auto* t = std::get_if<Tensor>(&v))
    *t = Tensor();
  else
    v = IValue();
}

}  // namespace

const IValue& Code::operand(const Instruction& i, size_t k, const IValue* registers) const {
  const Operand o = operands_[i.first_input + k];
  return o.constant ? constants_[o.at] : registers[o.at];
}
IValue Code::take(const Instruction& i, size_t k, IValue* registers) const {
  const Operand o = operands_[i.first_input + k];
  if (o.constant) return constants_[o.at];
  return o.last ? std::exchange(registers[o.at], IValue()) : registers[o.at];
}

Tensor Code::number_for(const Instruction& i, uint32_t place, const Tensor& like, const IValue* r) const {
  if (place == i.numbers[0] && like.dtype() == DType::float32) return i.float_form;
  if (place == i.numbers[0] && like.dtype() == DType::float64) return i.double_form;
  return ops::number_operand(std::get<Tensor>(operand(i, place, r)), like);
}

namespace {

const Tensor& tensor_of(const IValue& v, std::string_view op) {
  const auto* t = std::get_if<Tensor>(&v);
  if (!t || !t->defined()) throw TypeError("{}: expected a Tensor, but got {}", op, type_of(v)->str());
  return *t;
}

}  // namespace

void Code::call_unary_op(const Instruction& i, IValue* r) const {
  if (ops::calls_observed()) return call_op(i, r);
  Tensor out = ops::unary(*i.op->pointwise, tensor_of(operand(i, 0, r), i.op->name));
  r[i.first_output].emplace<Tensor>(std::move(out));
}

void Code::call_binary_op(const Instruction& i, IValue* r) const {
  if (ops::calls_observed()) return call_op(i, r);
  Tensor out;
  if (i.numbers.empty()) {
    out =
        ops::binary(*i.op->pointwise, tensor_of(operand(i, 0, r), i.op->name), tensor_of(operand(i, 1, r), i.op->name));
  } else {
    const Tensor& x = tensor_of(operand(i, i.like, r), i.op->name);
    const Tensor number = number_for(i, i.numbers[0], x, r);
    out = i.like == 0 ? ops::binary(*i.op->pointwise, x, number) : ops::binary(*i.op->pointwise, number, x);
  }
  r[i.first_output].emplace<Tensor>(std::move(out));
}

void Code::call_op(const Instruction& i, IValue* r) const {
  std::vector<ops::Value> arguments = i.arguments;
  for (const uint32_t a : i.variable) arguments[a] = to_argument(i.op->params[a], operand(i, a, r), i.op->name);
  for (const uint32_t a : i.numbers) {
    Tensor number = number_for(i, a, tensor_of(operand(i, i.like, r), i.op->name), r);
    if (i.op->pointwise)
      arguments[a] = std::move(number);
    else
      arguments[a] = ops::Operand{std::move(number)};
  }
  ops::Value out = ops::calls_observed() ? ops::call(*i.op, arguments) : ops::run(*i.op, arguments);
  if (auto* t = std::get_if<Tensor>(&out))
    r[i.first_output].emplace<Tensor>(std::move(*t));
  else
    r[i.first_output] = from_argument(out);
}

void Code::call_python(const Instruction& i, IValue* r) const {
  std::vector<IValue> arguments;
  for (uint32_t k = 0; k < i.inputs; ++k) arguments.push_back(take(i, k, r));
  r[i.first_output] = i.callable->call(arguments);
}

void Code::call_code(const Instruction& i, IValue* r) const {
  std::vector<IValue> arguments;
  for (uint32_t k = 0; k < i.inputs; ++k) arguments.push_back(take(i, k, r));
  std::vector<IValue> out = i.callee->run(std::move(arguments));
  for (uint32_t k = 0; k < i.outputs; ++k) r[i.first_output + k] = std::move(out[k]);
}

namespace {

// A profiler sees one op.
std::vector<Tensor> run_observed(const FusedLoop& loop, const FusedLoop::Plan& plan, size_t inputs) {
  std::vector<ops::Value> arguments;
  for (size_t k = 0; k < inputs; ++k) arguments.emplace_back(*plan.in[k]);
  return std::get<std::vector<Tensor>>(
      ops::call_as(loop.offer(), arguments, [&]() -> ops::Value { return loop.run(plan); }));
}

// Of the node that runs, for a trace that goes on around it.
class Replaying {
 public:
  Replaying(TracingState& state, const Origin& origin) : state_(state), before_(state.replayed()) {
    if (!before_) state.set_replayed(&origin);
  }
  ~Replaying() { state_.set_replayed(before_); }
  Replaying(const Replaying&) = delete;
  Replaying& operator=(const Replaying&) = delete;

 private:
  TracingState& state_;
  const Origin* before_;
};

}  // namespace

// Whether the loop could run.
bool Code::run_fused(const Instruction& i, IValue* r) const {
  if (ops::thread_call_observer()) return false;  // a trace sees the ops
  const Tensor* inputs[FusedLoop::kMostInputs];
  for (uint32_t k = 0; k < i.inputs; ++k) {
    inputs[k] = std::get_if<Tensor>(&operand(i, k, r));
    if (!inputs[k] || !inputs[k]->defined()) return false;
  }
  FusedLoop::Plan plan;
  if (!i.fused->plan({inputs, i.inputs}, plan)) return false;
  std::vector<Tensor> out = ops::calls_observed() ? run_observed(*i.fused, plan, i.inputs) : i.fused->run(plan);
  for (size_t k = 0; k < out.size(); ++k) r[i.fused_outputs[k]].emplace<Tensor>(std::move(out[k]));
  return true;
}

void Code::construct_list(const Instruction& i, IValue* r) const {
  auto list = std::make_shared<List>(List{i.type->parts[0], {}});
  for (uint32_t k = 0; k < i.inputs; ++k) list->items.push_back(take(i, k, r));
  r[i.first_output] = std::move(list);
}
void Code::construct_tuple(const Instruction& i, IValue* r) const {
  auto tuple = std::make_shared<Tuple>();
  for (uint32_t k = 0; k < i.inputs; ++k) tuple->items.push_back(take(i, k, r));
  r[i.first_output] = std::move(tuple);
}
void Code::construct_dict(const Instruction& i, IValue* r) const {
  auto dict = std::make_shared<Dict>();
  for (uint32_t k = 0; k + 1 < i.inputs; k += 2) {
    IValue key = take(i, k, r);
    dict->items.emplace_back(std::move(key), take(i, k + 1, r));
  }
  r[i.first_output] = std::move(dict);
}

void Code::unpack(const Instruction& i, IValue* r) const {
  const IValue whole = take(i, 0, r);
  const std::vector<IValue>* items = nullptr;
  if (const auto* t = std::get_if<std::shared_ptr<Tuple>>(&whole)) items = &(*t)->items;
  if (const auto* l = std::get_if<std::shared_ptr<List>>(&whole)) items = &(*l)->items;
  if (!items) throw TypeError("{}: cannot unpack a value of type {}", i.name, type_of(whole)->str());
  if (items->size() != i.outputs)
    throw ValueError("{}: the trace had {} elements here, but now there are {}", i.name, i.outputs, items->size());
  for (uint32_t k = 0; k < i.outputs; ++k) r[i.first_output + k] = (*items)[k];
}

void Code::get_item(const Instruction& i, IValue* r) const {
  const IValue dict = take(i, 0, r), key = take(i, 1, r);
  const auto* d = std::get_if<std::shared_ptr<Dict>>(&dict);
  if (!d) throw TypeError("aten::__getitem__: expected a dict, but got {}", type_of(dict)->str());
  for (const auto& [k, v] : (*d)->items)
    if (same(k, key)) {
      r[i.first_output] = v;
      return;
    }
  const auto* text = std::get_if<std::string>(&key);
  throw ValueError("aten::__getitem__: the dict has no key {}, which it had when it was traced",
                   text ? fmt::format("'{}'", *text) : fmt::format("of type {}", type_of(key)->str()));
}

void Code::get_attribute(const Instruction& i, IValue* r) const {
  const IValue object = take(i, 0, r);
  const auto* o = std::get_if<std::shared_ptr<Object>>(&object);
  const IValue* v = o ? (*o)->find(i.name) : nullptr;
  if (!v) throw ValueError("prim::GetAttr: the module has no attribute '{}'", i.name);
  r[i.first_output] = *v;
}

void Code::size(const Instruction& i, IValue* r) const {
  const IValue v = take(i, 0, r), at = take(i, 1, r);
  const Tensor& t = tensor_of(v, "aten::size");
  const auto* d = std::get_if<int64_t>(&at);
  if (!d || *d >= t.dim() || *d < -t.dim())
    throw IndexError("aten::size: the tensor of shape {} has no such dimension", to_string(t.shape()));
  r[i.first_output] = t.size(static_cast<int>(*d < 0 ? *d + t.dim() : *d));
}
void Code::to_tensor(const Instruction& i, IValue* r) const {
  const IValue v = take(i, 0, r);
  if (const auto* n = std::get_if<int64_t>(&v))
    r[i.first_output] = ops::scalar(*n);
  else
    throw TypeError("prim::NumToTensor: expected an int, but got {}", type_of(v)->str());
}
void Code::to_int(const Instruction& i, IValue* r) const {
  const IValue v = take(i, 0, r);
  r[i.first_output] = ops::item_int(tensor_of(v, "aten::Int"));
}

namespace {

// A frame of registers, kept for the next run on this thread.
class Frame {
 public:
  explicit Frame(size_t size) : values_(std::move(spare())) { values_.resize(size); }
  ~Frame() {
    values_.clear();
    spare() = std::move(values_);
  }
  Frame(const Frame&) = delete;
  Frame& operator=(const Frame&) = delete;
  IValue* data() { return values_.data(); }

 private:
  static std::vector<IValue>& spare() {
    static thread_local std::vector<IValue> spare;
    return spare;
  }
  std::vector<IValue> values_;
};

}  // namespace

void Code::check_inputs(std::span<const IValue> inputs) const {
  if (inputs.size() != inputs_.size())
    throw TypeError("the traced graph takes {} input{}, but {} were given", inputs_.size(),
                    inputs_.size() == 1 ? "" : "s", inputs.size());
  const size_t self = !inputs_.empty() && inputs_[0].type->kind == Type::Kind::module;
  for (size_t k = 0; k < inputs.size(); ++k)
    if (const Type::Kind kind = kind_of(inputs[k]); kind != inputs_[k].type->kind)
      throw TypeError("input {}{} of the traced graph is {}, but a value of type {} was given", k - self,
                      inputs_[k].name, inputs_[k].type->str(), type_of(inputs[k])->str());
}

void Code::run(std::span<IValue> inputs, std::span<IValue> outputs) const {
  check_inputs(inputs);
  Frame frame(registers_);
  IValue* const r = frame.data();
  for (size_t k = 0; k < inputs.size(); ++k) r[k] = std::move(inputs[k]);
  const Instruction* const end = instructions_.data() + instructions_.size();
  const Instruction* i = instructions_.data();
  try {
    for (; i != end; ++i) {
      if (ops::calls_observed() && is_tracing()) {
        const Replaying at(*tracing_state(), i->origin);
        if (i->fused) continue;
        (this->*i->step)(*i, r);
      } else if (i->step) {
        (this->*i->step)(*i, r);
      } else if (run_fused(*i, r)) {
        for (const uint32_t at : i->drops) drop(r[at]);
        i += i->skip;
        continue;
      } else {
        continue;
      }
      for (const uint32_t at : i->drops) drop(r[at]);
    }
  } catch (const Error& e) {
    const std::string place = i->origin.range.short_form();
    if (place.empty()) throw;
    throw Error(e.kind(), fmt::format("{}\nIt was traced at {}.", e.what(), place));
  }
  for (size_t k = 0; k < results_.size(); ++k) {
    const Operand o = results_[k];
    outputs[k] = o.constant ? constants_[o.at] : o.last ? std::move(r[o.at]) : r[o.at];
  }
}

std::vector<IValue> Code::run(std::vector<IValue> inputs) const {
  std::vector<IValue> out(results_.size());
  run(inputs, out);
  return out;
}

}  // namespace tapescope::jit
