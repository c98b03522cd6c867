#include "core/trace/ir.h"

#include <algorithm>

#include "core/ops/registry.h"
#include "core/tensor/error.h"

namespace tapescope::jit {

// --- values

Graph& Value::graph() const {
  return node_->graph();
}

bool Value::is_valid_name(std::string_view name) {
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  const auto fits = [&](char c) {
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '.' ||
           static_cast<unsigned char>(c) >= 0x80;
  };
  return !name.empty() && std::all_of(name.begin(), name.end(), fits) &&
         !std::all_of(name.begin(), name.end(), is_digit);
}

Value* Value::set_debug_name(const std::string& name) {
  Graph& g = graph();
  if (!name.empty() && !is_valid_name(name))
    throw ValueError(
        "'{}' is no name for a value: names have letters, digits, '_' and '.', and numbers stand for values without "
        "one",
        name);
  if (name == name_) return this;
  if (!name_.empty()) g.names_.erase(name_);
  name_.clear();
  if (name.empty()) return this;
  if (const auto taken = g.names_.find(name); taken != g.names_.end()) {
    std::string base = name;
    size_t suffix = 1;
    if (const size_t dot = name.rfind('.'); dot != std::string::npos && dot + 1 < name.size()) {
      const std::string tail = name.substr(dot + 1);
      if (tail.size() < 18 && std::all_of(tail.begin(), tail.end(), [](char c) { return c >= '0' && c <= '9'; })) {
        base = name.substr(0, dot);
        suffix = std::stoull(tail) + 1;
      }
    }
    size_t& next = g.suffixes_[base];
    suffix = std::max(suffix, next);
    std::string other;
    do other = fmt::format("{}.{}", base, suffix++);
    while (g.names_.contains(other));
    next = suffix + 1;
    Value* const before = taken->second;
    g.names_.erase(taken);
    before->name_ = other;
    g.names_[other] = before;
  }
  name_ = name;
  g.names_[name] = this;
  return this;
}

void Value::replace_all_uses_with(Value* other) {
  for (const Use& u : uses_) {
    u.user->inputs_[u.offset] = other;
    other->uses_.push_back(u);
  }
  uses_.clear();
}

// --- nodes

std::string Scope::full_name() const {
  return parent ? fmt::format("{}/{}", parent->full_name(), name) : name;
}

bool Node::is_before(const Node* other) const {
  for (const Node* n = next_; n; n = n->next_)
    if (n == other) return true;
  return false;
}

Value* Node::add_input(Value* v) {
  v->uses_.push_back({this, inputs_.size()});
  inputs_.push_back(v);
  return v;
}
Value* Node::add_output() {
  outputs_.push_back(graph_->new_value(this, outputs_.size()));
  return outputs_.back();
}
void Node::drop_use(Value* v, size_t offset) {
  std::erase_if(v->uses_, [&](const Use& u) { return u.user == this && u.offset == offset; });
}
void Node::replace_input(size_t i, Value* v) {
  drop_use(inputs_.at(i), i);
  inputs_[i] = v;
  v->uses_.push_back({this, i});
}
void Node::remove_input(size_t i) {
  drop_use(inputs_.at(i), i);
  for (size_t k = i + 1; k < inputs_.size(); ++k)
    for (Use& u : inputs_[k]->uses_)
      if (u.user == this && u.offset == k) {
        --u.offset;
        break;
      }
  inputs_.erase(inputs_.begin() + static_cast<std::ptrdiff_t>(i));
}
void Node::remove_all_inputs() {
  for (size_t i = 0; i < inputs_.size(); ++i) drop_use(inputs_[i], i);
  inputs_.clear();
}
void Node::erase_output(size_t i) {
  if (!outputs_.at(i)->uses_.empty()) throw InternalError("an output that is used cannot be erased");
  outputs_[i]->set_debug_name("");
  outputs_.erase(outputs_.begin() + static_cast<std::ptrdiff_t>(i));
  for (size_t k = i; k < outputs_.size(); ++k) outputs_[k]->offset_ = k;
}

void Node::link_before(Node* other) {
  block_ = other->block_;
  next_ = other;
  prev_ = other->prev_;
  if (prev_) prev_->next_ = this;
  other->prev_ = this;
}
void Node::unlink() {
  if (prev_) prev_->next_ = next_;
  if (next_) next_->prev_ = prev_;
  block_ = nullptr;
  next_ = prev_ = nullptr;
}
Node* Node::insert_before(Node* other) {
  if (block_) throw InternalError("{} is in a block already", kind_);
  link_before(other);
  return this;
}
Node* Node::insert_after(Node* other) {
  return insert_before(other->next_);
}
void Node::move_before(Node* other) {
  unlink();
  link_before(other);
}
void Node::destroy() {
  for (const Value* v : outputs_)
    if (!v->uses_.empty()) throw InternalError("{} is destroyed, but its output %{} is used", kind_, v->debug_name());
  for (Value* v : outputs_) v->set_debug_name("");
  remove_all_inputs();
  if (graph_->insert_point_ == this) graph_->insert_point_ = next_;
  unlink();
  attributes_.clear();
  callable.reset();
  callee.reset();
}

const AttributeValue* Node::attribute(std::string_view name) const {
  for (const auto& [key, value] : attributes_)
    if (key == name) return &value;
  return nullptr;
}
bool Node::has_attribute(std::string_view name) const {
  return attribute(name);
}
Node* Node::set_attribute(const std::string& name, AttributeValue value) {
  for (auto& [key, old] : attributes_)
    if (key == name) {
      old = std::move(value);
      return this;
    }
  attributes_.emplace_back(name, std::move(value));
  return this;
}
void Node::remove_attribute(std::string_view name) {
  std::erase_if(attributes_, [&](const auto& a) { return a.first == name; });
}

bool Node::is_deterministic() const {
  static constexpr std::string_view random[] = {"rand",      "randn",      "randint",      "randperm",
                                                "rand_like", "randn_like", "randint_like", "bernoulli"};
  if (!kind_.starts_with("aten::")) return !is_python_op();
  const std::string_view op = std::string_view(kind_).substr(6);
  return std::find(std::begin(random), std::end(random), op) == std::end(random) && !has_side_effects();
}

bool Node::has_side_effects() const {
  if (is_python_op()) return true;
  if (kind_ == "prim::CallMethod") {
    if (!callee) return true;
    for (const Node* n : callee->block())
      if (n->has_side_effects()) return true;
    return false;
  }
  return kind_.starts_with("aten::") && kind_.ends_with('_') && !kind_.ends_with("__");
}

// --- blocks and graphs

Block::Block(Graph* graph) {
  param_ = graph->create("prim::Param", {}, 0);
  return_ = graph->create("prim::Return", {}, 0);
  param_->block_ = return_->block_ = this;
  param_->next_ = return_;
  return_->prev_ = param_;
}

Graph::Graph() : block_(this), insert_point_(block_.return_node()) {}

Value* Graph::new_value(Node* node, size_t offset) {
  return &values_.emplace_back(node, offset, next_unique_++);
}

Value* Graph::add_input(const std::string& name) {
  Value* v = block_.param_node()->add_output();
  if (!name.empty()) v->set_debug_name(name);
  return v;
}
void Graph::erase_input(size_t i) {
  block_.param_node()->erase_output(i);
}
size_t Graph::register_output(Value* v) {
  block_.return_node()->add_input(v);
  return outputs().size() - 1;
}

Node* Graph::create(std::string kind, std::span<Value* const> inputs, size_t outputs) {
  Node* n = &nodes_.emplace_back(this, std::move(kind));
  for (Value* v : inputs) n->add_input(v);
  for (size_t i = 0; i < outputs; ++i) n->add_output();
  return n;
}
Node* Graph::insert(Node* node) {
  return node->insert_before(insert_point_);
}

Value* Graph::insert_constant(const IValue& v) {
  if (v.index() >= 6) {
    // A list, tuple or dict is made of its members.
    std::vector<Value*> members;
    std::string kind = "prim::ListConstruct";
    if (const auto* l = std::get_if<std::shared_ptr<List>>(&v)) {
      for (const IValue& i : (*l)->items) members.push_back(insert_constant(i));
    } else if (const auto* t = std::get_if<std::shared_ptr<Tuple>>(&v)) {
      kind = "prim::TupleConstruct";
      for (const IValue& i : (*t)->items) members.push_back(insert_constant(i));
    } else if (const auto* d = std::get_if<std::shared_ptr<Dict>>(&v)) {
      kind = "prim::DictConstruct";
      for (const auto& [key, value] : (*d)->items)
        members.push_back(insert_constant(key)), members.push_back(insert_constant(value));
    } else {
      throw TypeError("a module cannot be a constant of a graph; give it as the thing that is traced");
    }
    return insert(create(kind, members))->output()->set_type(type_of(v));
  }
  Node* n = create("prim::Constant");
  if (const auto* t = std::get_if<Tensor>(&v)) {
    if (t->defined()) n->set_attribute("value", *t);
  } else if (const auto* b = std::get_if<bool>(&v)) {
    n->set_attribute("value", int64_t{*b});
  } else if (const auto* i = std::get_if<int64_t>(&v)) {
    n->set_attribute("value", *i);
  } else if (const auto* d = std::get_if<double>(&v)) {
    n->set_attribute("value", *d);
  } else if (const auto* s = std::get_if<std::string>(&v)) {
    n->set_attribute("value", *s);
  }
  insert(n)->output()->set_type(type_of(v));
  return n->output();
}

IValue Graph::constant_value(const Node& constant) {
  const AttributeValue* v = constant.attribute("value");
  if (!v) return {};
  if (const auto* i = std::get_if<int64_t>(v))
    return !constant.outputs().empty() && constant.output()->type()->kind == Type::Kind::boolean ? IValue(*i != 0)
                                                                                                 : IValue(*i);
  if (const auto* d = std::get_if<double>(v)) return *d;
  if (const auto* s = std::get_if<std::string>(v)) return *s;
  if (const auto* t = std::get_if<Tensor>(v)) return *t;
  return {};
}

void Graph::renumber(Value* v, size_t unique) {
  v->unique_ = unique;
  next_unique_ = std::max(next_unique_, unique + 1);
}

std::vector<Node*> Graph::nodes() const {
  std::vector<Node*> out;
  for (Node* n : block_) out.push_back(n);
  return out;
}

Value* Graph::value_named(std::string_view name) const {
  const auto found = names_.find(std::string(name));
  return found == names_.end() ? nullptr : found->second;
}

Node* Graph::clone(const Node& node, const std::function<Value*(Value*)>& value_of) {
  Node* n = create(node.kind(), {}, 0);
  for (Value* v : node.inputs()) n->add_input(value_of(v));
  for (const Value* v : node.outputs()) {
    Value* to = n->add_output()->set_type(v->type());
    to->tensor = v->tensor;
  }
  n->attributes_ = node.attributes_;
  n->range_ = node.range_;
  n->scope_ = node.scope_;
  n->callable = node.callable;
  n->callee = node.callee;
  n->history = node.history;
  return n;
}

std::shared_ptr<Graph> Graph::copy() const {
  auto g = std::make_shared<Graph>();
  std::unordered_map<const Value*, Value*> map;
  const auto name = [](const Value* from, Value* to) {
    if (from->has_debug_name()) to->set_debug_name(from->debug_name());
  };
  for (const Value* v : inputs()) {
    Value* to = map[v] = g->add_input();
    to->set_type(v->type());
    to->tensor = v->tensor;
    name(v, to);
  }
  for (const Node* n : block_) {
    Node* to = g->insert(g->clone(*n, [&](Value* v) { return map.at(v); }));
    for (size_t i = 0; i < n->outputs().size(); ++i) {
      map[n->output(i)] = to->output(i);
      name(n->output(i), to->output(i));
    }
  }
  for (const Value* v : outputs()) g->register_output(map.at(v));
  return g;
}

}  // namespace tapescope::jit
