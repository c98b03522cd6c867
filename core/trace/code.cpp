#include "core/trace/interpreter.h"

#include <algorithm>

#include "core/tensor/error.h"
#include "core/trace/lint.h"

namespace tapescope::jit {

Code::Code(const Graph& graph) {
  lint(graph);
  compile(graph);
  place_of_.clear();
}

void Code::compile(const Graph& graph) {
  for (const Value* v : graph.inputs()) {
    inputs_.push_back({v->type(), v->has_debug_name() ? fmt::format(" (%{})", v->debug_name()) : ""});
    place_of_[v] = {registers_++, false, false};
  }
  compile_block(graph);
  for (const Value* v : graph.outputs()) results_.push_back(place_of_.at(v));
  find_last_uses();
}

const IValue* Code::constant_at(const Value* v) const {
  const Operand& o = place_of_.at(v);
  return o.constant ? &constants_[o.at] : nullptr;
}

void Code::compile_block(const Graph& graph) {
  const auto constant = [&](const Value* v, IValue value) {
    place_of_[v] = {static_cast<uint32_t>(constants_.size()), true, false};
    constants_.push_back(std::move(value));
  };
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
        std::all_of(n->inputs().begin(), n->inputs().end(), [&](const Value* v) { return constant_at(v); })) {
      auto list = std::make_shared<List>(List{n->output()->type()->parts[0], {}});
      for (const Value* v : n->inputs()) list->items.push_back(*constant_at(v));
      constant(n->output(), std::move(list));
      continue;
    }
    if (n->kind() == "prim::FusionGroup") {
      compile_group(*n);
      continue;
    }
    Instruction i = instruction(*n);
    take_operands(i, *n);
    i.outputs = static_cast<uint32_t>(n->outputs().size());
    i.first_output = registers_;
    for (const Value* v : n->outputs()) place_of_[v] = {registers_++, false, false};
    instructions_.push_back(std::move(i));
  }
}

void Code::take_operands(Instruction& i, const Node& n) {
  i.first_input = static_cast<uint32_t>(operands_.size());
  i.inputs = static_cast<uint32_t>(n.inputs().size());
  for (const Value* v : n.inputs()) operands_.push_back(place_of_.at(v));
}

// The loop, and behind it the group's ops, which it skips where it can run.
void Code::compile_group(const Node& n) {
  const auto& group = n.get<std::shared_ptr<Graph>>("Subgraph");
  if (!group) throw ValueError("prim::FusionGroup: its Subgraph is not known");
  std::shared_ptr<const FusedLoop> loop;
  if (auto compiled = FusedLoop::compile(*group)) loop = std::make_shared<const FusedLoop>(std::move(*compiled));
  const size_t at = instructions_.size();
  if (loop) {
    Instruction& i = instructions_.emplace_back();
    i.fused = loop;
    i.origin = {n.source_range(), n.scope()};
    take_operands(i, n);
  }
  for (size_t k = 0; k < n.inputs().size(); ++k) place_of_[group->inputs()[k]] = place_of_.at(n.input(k));
  compile_block(*group);
  for (size_t k = 0; k < n.outputs().size(); ++k) {
    const Operand made = place_of_.at(group->outputs()[k]);
    place_of_[n.output(k)] = made;
    if (loop) instructions_[at].fused_outputs.push_back(made.at);
  }
  if (loop) instructions_[at].skip = static_cast<uint32_t>(instructions_.size() - at - 1);
}

void Code::find_last_uses() {
  constexpr size_t never = 0, results = SIZE_MAX;
  std::vector<size_t> last(registers_, never);  // the instruction behind the one that reads it last
  for (size_t j = 0; j < instructions_.size(); ++j) {
    const Instruction& i = instructions_[j];
    if (i.fused) continue;  // its ops read the same
    for (uint32_t k = 0; k < i.inputs; ++k)
      if (const Operand o = operands_[i.first_input + k]; !o.constant) last[o.at] = j + 1;
  }
  for (const Operand& o : results_)
    if (!o.constant) last[o.at] = results;
  for (size_t j = 0; j < instructions_.size(); ++j) {
    Instruction& i = instructions_[j];
    const auto dropped = [&](uint32_t at) { return std::find(i.drops.begin(), i.drops.end(), at) != i.drops.end(); };
    for (uint32_t k = i.inputs; k-- > 0;) {
      Operand& o = operands_[i.first_input + k];
      if (o.constant || last[o.at] <= j || last[o.at] > j + 1 + i.skip || dropped(o.at)) continue;
      o.last = true;
      i.drops.push_back(o.at);
    }
    for (uint32_t k = 0; k < i.outputs; ++k)
      if (last[i.first_output + k] == never) i.drops.push_back(i.first_output + k);
    for (const uint32_t at : i.fused_outputs)
      if (last[at] <= j + 1 + i.skip && !dropped(at)) i.drops.push_back(at);
  }
  for (auto o = results_.rbegin(); o != results_.rend(); ++o) {
    if (o->constant || last[o->at] != results) continue;
    o->last = true;
    last[o->at] = never;
  }
}

Code::Instruction Code::instruction(const Node& n) {
  Instruction i{};
  i.name = n.kind();
  i.origin = {n.source_range(), n.scope()};
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
  } else {
    i.op = offer_of(n);
    if (!i.op) {
      const std::string place = n.source_range().short_form();
      std::string given;
      for (const Value* v : n.inputs()) given += fmt::format("{}{}", given.empty() ? "" : ", ", v->type()->str());
      throw ValueError("{}{}{}: no op of that name takes ({})", k, place.empty() ? "" : " at ", place, given);
    }
    const bool constants =
        std::any_of(n.inputs().begin(), n.inputs().end(), [&](const Value* v) { return constant_at(v); });
    i.step = &Code::call_op;
    if (i.op->pointwise && i.op->pointwise->arity == 2 && !i.op->writes)
      i.step = &Code::call_binary_op;
    else if (i.op->pointwise && n.inputs().size() == 1 && !i.op->writes && !constants)
      i.step = &Code::call_unary_op;
    i.arguments.resize(n.inputs().size());
    for (size_t a = 0; a < n.inputs().size(); ++a)
      if (const IValue* c = constant_at(n.input(a)))
        i.arguments[a] = to_argument(i.op->params[a], *c, i.op->name);
      else
        i.variable.push_back(static_cast<uint32_t>(a));
    find_numbers(i, n);
  }
  return i;
}

// Numbers of the program's take after the first tensor that stands beside them, as they do in Python.
void Code::find_numbers(Instruction& i, const Node& n) const {
  const auto constant = [&](size_t a) -> const Tensor* { return std::get_if<Tensor>(constant_at(n.input(a))); };
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

}  // namespace tapescope::jit
