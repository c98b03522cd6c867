#include "core/trace/interpreter.h"

#include "core/tensor/error.h"
#include "core/trace/lint.h"

namespace tapescope::jit {

Code::Code(const Graph& graph) {
  lint(graph);
  compile(graph);
  register_of_.clear();
  constant_of_.clear();
}

// --- compiling

void Code::compile(const Graph& graph) {
  std::unordered_map<const Value*, const Node*> last;
  for (const Value* v : graph.inputs()) {
    inputs_.push_back(v->type());
    register_of_[v] = registers_++;
  }
  const auto is_constant = [&](const Value* v) { return constant_of_.contains(v); };
  const auto constant = [&](const Value* v, IValue value) {
    constant_of_[v] = static_cast<uint32_t>(constants_.size());
    constants_.push_back(std::move(value));
  };
  std::vector<const Node*> nodes;
  for (const Node* n : graph.block()) {
    if (n->kind() == "prim::Constant") {
      if (const auto* t = n->attribute("value");
          t && std::holds_alternative<Tensor>(*t) && !std::get<Tensor>(*t).defined())
        throw ValueError(
            "%{} is a constant whose elements the graph's text does not hold; load the graph from its file",
            n->output()->debug_name());
      constant(n->output(), Graph::constant_value(*n));
      continue;
    }
    // Lists of constants, which most sizes are, are constants.
    if (n->kind() == "prim::ListConstruct" && n->output()->type()->kind == Type::Kind::list &&
        n->output()->type()->parts[0]->kind != Type::Kind::tensor &&
        std::all_of(n->inputs().begin(), n->inputs().end(), is_constant)) {
      auto list = std::make_shared<List>(List{n->output()->type()->parts[0], {}});
      for (const Value* v : n->inputs()) list->items.push_back(constants_[constant_of_.at(v)]);
      constant(n->output(), std::move(list));
      continue;
    }
    nodes.push_back(n);
    for (const Value* v : n->inputs()) last[v] = n;
    for (const Value* v : n->outputs()) register_of_[v] = registers_++;
  }
  for (const Value* v : graph.outputs()) last[v] = nullptr;
  const auto operand_of = [&](const Value* v, bool is_last) -> Operand {
    if (const auto c = constant_of_.find(v); c != constant_of_.end()) return {c->second, true, false};
    return {register_of_.at(v), false, is_last};
  };
  for (const Node* n : nodes) {
    Instruction i = instruction(*n);
    i.first_input = static_cast<uint32_t>(operands_.size());
    i.inputs = static_cast<uint32_t>(n->inputs().size());
    for (size_t k = 0; k < n->inputs().size(); ++k) {
      bool again = false;
      for (size_t l = k + 1; l < n->inputs().size(); ++l) again = again || n->input(l) == n->input(k);
      operands_.push_back(operand_of(n->input(k), !again && last.at(n->input(k)) == n));
    }
    i.outputs = static_cast<uint32_t>(n->outputs().size());
    i.first_output = i.outputs ? register_of_.at(n->output(0)) : 0;
    for (const Value* v : n->outputs())
      if (v->uses().empty()) i.unused.push_back(register_of_.at(v));
    instructions_.push_back(std::move(i));
  }
  for (size_t k = 0; k < graph.outputs().size(); ++k) {
    bool again = false;
    for (size_t l = k + 1; l < graph.outputs().size(); ++l) again = again || graph.outputs()[l] == graph.outputs()[k];
    results_.push_back(operand_of(graph.outputs()[k], !again));
  }
}

Code::Instruction Code::instruction(const Node& n) {
  Instruction i{};
  i.name = n.kind();
  i.place = n.source_range().short_form();
  if (!n.outputs().empty()) i.type = n.output()->type();
  const std::string& k = n.kind();
  if (n.is_python_op()) {
    if (!n.callable) throw ValueError("{}: its Python function is not known", k);
    i.step = &Code::call_python;
    i.callable = n.callable;
  } else if (k == "prim::ListConstruct") {
    i.step = &Code::construct_list;
  } else if (k == "prim::TupleConstruct") {
    i.step = &Code::construct_tuple;
  } else if (k == "prim::DictConstruct") {
    i.step = &Code::construct_dict;
  } else if (k == "prim::TupleUnpack" || k == "prim::ListUnpack") {
    i.step = &Code::unpack;
  } else if (k == "aten::__getitem__") {
    i.step = &Code::get_item;
  } else if (k == "aten::size") {
    i.step = &Code::size;
  } else if (k == "prim::NumToTensor") {
    i.step = &Code::to_tensor;
  } else if (k == "aten::Int") {
    i.step = &Code::to_int;
  } else if (k == "prim::GetAttr") {
    i.step = &Code::get_attribute;
    i.name = n.get<std::string>("name");
  } else if (k == "prim::CallMethod") {
    if (!n.callee)
      throw ValueError("prim::CallMethod: the graph of method '{}' is not known", n.get<std::string>("name"));
    i.step = &Code::call_code;
    i.callee = std::make_shared<const Code>(*n.callee);
  } else if (k == "prim::FusionGroup") {
    const auto& group = n.get<std::shared_ptr<Graph>>("Subgraph");
    if (!group) throw ValueError("prim::FusionGroup: its Subgraph is not known");
    i.step = &Code::call_code;
    i.callee = std::make_shared<const Code>(*group);
    i.fused = FusedLoop::compile(*group);
  } else {
    i.op = offer_of(n);
    if (!i.op) {
      std::string given;
      for (const Value* v : n.inputs()) given += fmt::format("{}{}", given.empty() ? "" : ", ", v->type()->str());
      throw ValueError("{}{}{}: no op of that name takes ({})", k, i.place.empty() ? "" : " at ", i.place, given);
    }
    const bool constants =
        std::any_of(n.inputs().begin(), n.inputs().end(), [&](const Value* v) { return constant_of_.contains(v); });
    i.step = &Code::call_op;
    if (i.op->pointwise && i.op->pointwise->arity == 2 && !i.op->writes)
      i.step = &Code::call_binary_op;
    else if (i.op->pointwise && n.inputs().size() == 1 && !i.op->writes && !constants)
      i.step = &Code::call_unary_op;
    i.arguments.resize(n.inputs().size());
    for (size_t a = 0; a < n.inputs().size(); ++a)
      if (const auto c = constant_of_.find(n.input(a)); c != constant_of_.end())
        i.arguments[a] = to_argument(i.op->params[a], constants_[c->second], i.op->name);
      else
        i.variable.push_back(static_cast<uint32_t>(a));
    find_numbers(i, n);
  }
  return i;
}

// Numbers of the program's take after the first tensor that stands beside them, as they do in Python.
void Code::find_numbers(Instruction& i, const Node& n) const {
  const auto constant = [&](size_t a) -> const Tensor* {
    const auto c = constant_of_.find(n.input(a));
    return c == constant_of_.end() ? nullptr : std::get_if<Tensor>(&constants_[c->second]);
  };
  const auto is_operand = [&](size_t a) {
    return i.op->pointwise ? i.op->params[a].kind == ops::Kind::tensor : i.op->params[a].kind == ops::Kind::operand;
  };
  std::optional<uint32_t> like;
  for (const bool operands : {true, false})
    for (uint32_t a = 0; a < n.inputs().size() && !like; ++a) {
      const Tensor* t = constant(a);
      const bool tensor = i.op->params[a].kind == ops::Kind::tensor || i.op->params[a].kind == ops::Kind::operand;
      if (tensor && (is_operand(a) || !operands) && !(t && t->impl()->number) &&
          n.input(a)->type()->kind == Type::Kind::tensor)
        like = a;
    }
  if (!like) return;
  i.like = *like;
  for (uint32_t a = 0; a < n.inputs().size(); ++a)
    if (const Tensor* t = constant(a); t && is_operand(a) && t->impl()->number) i.numbers.push_back(a);
  if (i.numbers.empty()) return;
  const Tensor& number = *constant(i.numbers[0]);
  i.float_form = ops::number_operand(number, ops::scalar(0.0, DType::float32));
  i.double_form = ops::number_operand(number, ops::scalar(0.0, DType::float64));
}

// --- running

const IValue& Code::operand(const Instruction& i, size_t k, const std::vector<IValue>& registers) const {
  const Operand o = operands_[i.first_input + k];
  return o.constant ? constants_[o.at] : registers[o.at];
}
IValue Code::take(const Instruction& i, size_t k, std::vector<IValue>& registers) const {
  const Operand o = operands_[i.first_input + k];
  if (o.constant) return constants_[o.at];
  return o.last ? std::exchange(registers[o.at], IValue()) : registers[o.at];
}
void Code::drop(const Instruction& i, std::vector<IValue>& registers) const {
  for (uint32_t k = 0; k < i.inputs; ++k)
    if (const Operand o = operands_[i.first_input + k]; o.last) registers[o.at] = IValue();
}

Tensor Code::number_for(const Instruction& i, uint32_t place, const Tensor& like, const std::vector<IValue>& r) const {
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

void Code::call_unary_op(const Instruction& i, std::vector<IValue>& r) const {
  if (ops::calls_observed()) return call_op(i, r);
  Tensor out = ops::unary(*i.op->pointwise, tensor_of(operand(i, 0, r), i.op->name));
  drop(i, r);
  r[i.first_output] = std::move(out);
}

void Code::call_binary_op(const Instruction& i, std::vector<IValue>& r) const {
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
  drop(i, r);
  r[i.first_output] = std::move(out);
}

void Code::call_op(const Instruction& i, std::vector<IValue>& r) const {
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
  arguments.clear();
  drop(i, r);
  if (auto* t = std::get_if<Tensor>(&out))
    r[i.first_output] = std::move(*t);
  else
    r[i.first_output] = from_argument(out);
}

void Code::call_python(const Instruction& i, std::vector<IValue>& r) const {
  std::vector<IValue> arguments;
  for (uint32_t k = 0; k < i.inputs; ++k) arguments.push_back(take(i, k, r));
  r[i.first_output] = i.callable->call(arguments);
}

void Code::call_code(const Instruction& i, std::vector<IValue>& r) const {
  if (i.fused && !ops::calls_observed()) {
    const Tensor* inputs[FusedLoop::kMostInputs];
    bool tensors = i.inputs <= FusedLoop::kMostInputs;
    for (uint32_t k = 0; tensors && k < i.inputs; ++k) {
      inputs[k] = std::get_if<Tensor>(&operand(i, k, r));
      tensors = inputs[k] && inputs[k]->defined();
    }
    if (tensors)
      if (auto out = i.fused->run({inputs, i.inputs})) {
        drop(i, r);
        for (uint32_t k = 0; k < i.outputs; ++k) r[i.first_output + k] = std::move((*out)[k]);
        return;
      }
  }
  std::vector<IValue> arguments;
  for (uint32_t k = 0; k < i.inputs; ++k) arguments.push_back(take(i, k, r));
  std::vector<IValue> out = i.callee->run(std::move(arguments));
  for (uint32_t k = 0; k < i.outputs; ++k) r[i.first_output + k] = std::move(out[k]);
}

void Code::construct_list(const Instruction& i, std::vector<IValue>& r) const {
  auto list = std::make_shared<List>(List{i.type->parts[0], {}});
  for (uint32_t k = 0; k < i.inputs; ++k) list->items.push_back(take(i, k, r));
  r[i.first_output] = std::move(list);
}
void Code::construct_tuple(const Instruction& i, std::vector<IValue>& r) const {
  auto tuple = std::make_shared<Tuple>();
  for (uint32_t k = 0; k < i.inputs; ++k) tuple->items.push_back(take(i, k, r));
  r[i.first_output] = std::move(tuple);
}
void Code::construct_dict(const Instruction& i, std::vector<IValue>& r) const {
  auto dict = std::make_shared<Dict>();
  for (uint32_t k = 0; k + 1 < i.inputs; k += 2) {
    IValue key = take(i, k, r);
    dict->items.emplace_back(std::move(key), take(i, k + 1, r));
  }
  r[i.first_output] = std::move(dict);
}

void Code::unpack(const Instruction& i, std::vector<IValue>& r) const {
  const IValue whole = take(i, 0, r);
  const std::vector<IValue>* items = nullptr;
  if (const auto* t = std::get_if<std::shared_ptr<Tuple>>(&whole)) items = &(*t)->items;
  if (const auto* l = std::get_if<std::shared_ptr<List>>(&whole)) items = &(*l)->items;
  if (!items) throw TypeError("{}: cannot unpack a value of type {}", i.name, type_of(whole)->str());
  if (items->size() != i.outputs)
    throw ValueError("{}: the trace had {} elements here, but now there are {}", i.name, i.outputs, items->size());
  for (uint32_t k = 0; k < i.outputs; ++k) r[i.first_output + k] = (*items)[k];
}

void Code::get_item(const Instruction& i, std::vector<IValue>& r) const {
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

void Code::get_attribute(const Instruction& i, std::vector<IValue>& r) const {
  const IValue object = take(i, 0, r);
  const auto* o = std::get_if<std::shared_ptr<Object>>(&object);
  const IValue* v = o ? (*o)->find(i.name) : nullptr;
  if (!v) throw ValueError("prim::GetAttr: the module has no attribute '{}'", i.name);
  r[i.first_output] = *v;
}

void Code::size(const Instruction& i, std::vector<IValue>& r) const {
  const IValue v = take(i, 0, r), at = take(i, 1, r);
  const Tensor& t = tensor_of(v, "aten::size");
  const auto* d = std::get_if<int64_t>(&at);
  if (!d || *d >= t.dim() || *d < -t.dim())
    throw IndexError("aten::size: the tensor of shape {} has no such dimension", to_string(t.shape()));
  r[i.first_output] = t.size(static_cast<int>(*d < 0 ? *d + t.dim() : *d));
}
void Code::to_tensor(const Instruction& i, std::vector<IValue>& r) const {
  const IValue v = take(i, 0, r);
  if (const auto* n = std::get_if<int64_t>(&v))
    r[i.first_output] = ops::scalar(*n);
  else
    throw TypeError("prim::NumToTensor: expected an int, but got {}", type_of(v)->str());
}
void Code::to_int(const Instruction& i, std::vector<IValue>& r) const {
  const IValue v = take(i, 0, r);
  r[i.first_output] = ops::item_int(tensor_of(v, "aten::Int"));
}

std::vector<IValue> Code::run(std::vector<IValue> inputs) const {
  if (inputs.size() != inputs_.size())
    throw TypeError("the traced graph takes {} input{}, but {} were given", inputs_.size(),
                    inputs_.size() == 1 ? "" : "s", inputs.size());
  for (size_t k = 0; k < inputs.size(); ++k)
    if (const TypePtr t = type_of(inputs[k]); t->kind != inputs_[k]->kind)
      throw TypeError("input {} of the traced graph is {}, but a value of type {} was given", k, inputs_[k]->str(),
                      t->str());
  std::vector<IValue> registers = std::move(inputs);
  registers.resize(registers_);
  for (const Instruction& i : instructions_) {
    (this->*i.step)(i, registers);
    for (const uint32_t u : i.unused) registers[u] = IValue();
  }
  std::vector<IValue> out;
  out.reserve(results_.size());
  for (const Operand o : results_)
    out.push_back(o.constant ? constants_[o.at] : o.last ? std::move(registers[o.at]) : registers[o.at]);
  return out;
}

}  // namespace tapescope::jit
