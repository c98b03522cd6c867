// Graph IR: what jit.trace records and the interpreter runs. PyTorch's names: Graph, Block, Node, Value.
//
// Invariants
//   * Static single assignment: a value is made once, by the node that lists it among its outputs or as an input of its
//     block, and is used after that only (lint checks this).
//   * A graph owns its nodes and values. A node lives in one place of one block's list; insertion happens before the
//     graph's insert point.
//   * `uses` of a value are all places that read it: (node, index of the input). Block outputs are the inputs of the
//     block's return node.
//   * A value's unique() never changes (a parser may set it, once). A debug name belongs to one value of a graph; when
//   a second takes it, the first
//     is renamed to base.N (PyTorch's rule: see Value::set_debug_name).
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <unordered_map>
#include <variant>
#include <vector>

#include "core/graph/node.h"
#include "core/trace/ivalue.h"
#include "core/trace/source_range.h"

namespace tapescope::jit {

// Here a Node is a graph's; the vertex of the backward graph is tapescope::Node.
class Graph;
class Node;
class Block;

struct Use {
  Node* user;
  size_t offset;
};

class Value {
 public:
  Value(Node* node, size_t offset, size_t unique) : node_(node), offset_(offset), unique_(unique) {}
  Value(const Value&) = delete;
  Value& operator=(const Value&) = delete;

  Node* node() const { return node_; }  // for an input of a block its param node
  size_t offset() const { return offset_; }
  size_t unique() const { return unique_; }
  const TypePtr& type() const { return type_; }
  Value* set_type(TypePtr type) {
    type_ = std::move(type);
    return this;
  }
  // The given name, or the unique number.
  std::string debug_name() const { return has_debug_name() ? name_ : std::to_string(unique_); }
  bool has_debug_name() const { return !name_.empty(); }
  // Takes the name; who had it before becomes base.N, where N starts at 1 and counts on past the last one used for the
  // base. Empty takes the name away. Throws ValueError for a name of digits alone.
  Value* set_debug_name(const std::string& name);
  static bool is_valid_name(std::string_view name);

  // The id of the tensor that it was when it was traced; 0: it is none, or the graph was read from a file.
  uint64_t tensor = 0;

  const std::vector<Use>& uses() const { return uses_; }
  void replace_all_uses_with(Value* other);
  Graph& graph() const;

 private:
  friend class Node;
  friend class Graph;
  Node* node_;
  size_t offset_;
  size_t unique_;
  TypePtr type_ = Type::tensor();
  std::string name_;
  std::vector<Use> uses_;
};

// The Python callable of a PythonOp; the engine knows only this.
class PythonCallable {
 public:
  virtual ~PythonCallable() = default;
  virtual std::string name() const = 0;
  // Calls it with the arguments in order: tensors from `tensors`, and the scalars that the node holds.
  virtual IValue call(std::span<const IValue> tensors) const = 0;
  // How the scalar arguments print: "(2, 0.5)".
  virtual std::string scalars() const = 0;
  // 'd' for a tensor argument and 'c' for another, in order.
  virtual std::string calling_convention() const = 0;
};

using AttributeValue = std::variant<int64_t, double, std::string, Tensor, std::shared_ptr<Graph>>;

struct Scope {
  std::shared_ptr<const Scope> parent;
  std::string name;  // "__module.encoder.0"
  uint64_t call;     // which call of the module, in order of the trace
  std::string full_name() const;
};
using ScopePtr = std::shared_ptr<const Scope>;

// What an op left in the backward graph when it was traced. The vertex itself may be gone.
struct History {
  const NodeType* type;
  uint64_t node;
  uint64_t sequence_nr;
  const TensorMeta* meta;  // of the gradient that it takes
  uint64_t variable;       // of an AccumulateGrad, its tensor; else 0
  struct Edge {
    uint64_t node;
    uint32_t input_nr;
  };
  std::vector<Edge> edges;
};

class Node {
 public:
  Node(Graph* graph, std::string kind) : graph_(graph), kind_(std::move(kind)) {}
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;

  const std::string& kind() const { return kind_; }  // "aten::add", "prim::Constant", "^Exp" for a PythonOp
  void set_kind(std::string kind) { kind_ = std::move(kind); }
  Graph& graph() const { return *graph_; }
  Block* owning_block() const { return block_; }
  Node* next() const { return next_; }
  Node* prev() const { return prev_; }
  bool is_before(const Node* other) const;  // in one block

  const std::vector<Value*>& inputs() const { return inputs_; }
  const std::vector<Value*>& outputs() const { return outputs_; }
  Value* input(size_t i = 0) const { return inputs_.at(i); }
  Value* output(size_t i = 0) const { return outputs_.at(i); }
  Value* add_input(Value* v);
  Value* add_output();
  void replace_input(size_t i, Value* v);
  void remove_input(size_t i);
  void remove_all_inputs();
  void erase_output(size_t i);  // which has no uses

  Node* insert_before(Node* other);  // a node that is in no list yet
  Node* insert_after(Node* other);
  void move_before(Node* other);
  // Unlinks it and drops its inputs; its outputs have no uses.
  void destroy();

  bool has_attribute(std::string_view name) const;
  const AttributeValue* attribute(std::string_view name) const;  // null: none
  Node* set_attribute(const std::string& name, AttributeValue value);
  void remove_attribute(std::string_view name);
  const std::vector<std::pair<std::string, AttributeValue>>& attributes() const { return attributes_; }
  template <class T>
  const T& get(std::string_view name) const {
    const AttributeValue* v = attribute(name);
    if (!v || !std::holds_alternative<T>(*v))
      throw ValueError("{} has no attribute '{}' of that kind", kind_, std::string(name));
    return std::get<T>(*v);
  }

  const SourceRange& source_range() const { return range_; }
  void set_source_range(SourceRange range) { range_ = std::move(range); }
  const ScopePtr& scope() const { return scope_; }
  void set_scope(ScopePtr scope) { scope_ = std::move(scope); }
  std::string scope_name() const { return scope_ ? scope_->full_name() : ""; }
  // The vertex that made the result, then those above it that the op made too, and accumulators of leaves. Null: none.
  std::shared_ptr<const std::vector<History>> history;
  std::shared_ptr<const PythonCallable> callable;  // of a PythonOp
  std::shared_ptr<Graph> callee;                   // of a CallMethod: what the method does

  // Its line of the graph's text.
  std::string str(bool source = true) const;  // print.cpp

  bool is_python_op() const { return kind_.starts_with('^'); }
  // Whether it may not be dropped, merged or moved: it writes, draws random numbers or calls Python.
  bool has_side_effects() const;
  bool is_deterministic() const;

 private:
  friend class Graph;
  friend class Block;
  friend class Value;
  void link_before(Node* other);
  void unlink();
  void drop_use(Value* v, size_t offset);

  Graph* graph_;
  std::string kind_;
  Block* block_ = nullptr;
  Node *next_ = nullptr, *prev_ = nullptr;
  std::vector<Value*> inputs_, outputs_;
  std::vector<std::pair<std::string, AttributeValue>> attributes_;
  SourceRange range_;
  ScopePtr scope_;
};

// The nodes between a param node (its outputs are the block's inputs) and a return node (its inputs are the outputs).
class Block {
 public:
  explicit Block(Graph* graph);

  const std::vector<Value*>& inputs() const { return param_->outputs(); }
  const std::vector<Value*>& outputs() const { return return_->inputs(); }
  Node* param_node() const { return param_; }
  Node* return_node() const { return return_; }

  class Iterator {
   public:
    explicit Iterator(Node* n) : node_(n) {}
    Node* operator*() const { return node_; }
    Iterator& operator++() {
      node_ = node_->next();
      return *this;
    }
    bool operator==(const Iterator& o) const = default;

   private:
    Node* node_;
  };
  // A node may be destroyed while it is visited if the iterator was moved on before.
  Iterator begin() const { return Iterator(param_->next()); }
  Iterator end() const { return Iterator(return_); }

 private:
  Node *param_, *return_;
};

class Graph {
 public:
  Graph();
  Graph(const Graph&) = delete;
  Graph& operator=(const Graph&) = delete;

  Block& block() { return block_; }
  const Block& block() const { return block_; }
  const std::vector<Value*>& inputs() const { return block_.inputs(); }
  const std::vector<Value*>& outputs() const { return block_.outputs(); }
  Value* add_input(const std::string& name = "");
  void erase_input(size_t i);
  size_t register_output(Value* v);

  Node* create(std::string kind, std::span<Value* const> inputs = {}, size_t outputs = 1);
  Node* insert(Node* node);  // before the insert point
  // Creates and inserts a prim::Constant.
  Value* insert_constant(const IValue& v);
  Node* insert_point() const { return insert_point_; }
  void set_insert_point(Node* before) { insert_point_ = before; }

  std::vector<Node*> nodes() const;
  Value* value_named(std::string_view name) const;  // null: none
  // For a parser: gives a value the number that the text has for it. No other value has it.
  void renumber(Value* v, size_t unique);
  std::shared_ptr<Graph> copy() const;
  // Copies a node of any graph into this one; inputs come from `value_of`.
  Node* clone(const Node& node, const std::function<Value*(Value*)>& value_of);
  // The value of a prim::Constant.
  static IValue constant_value(const Node& constant);

  // As text that parse_ir reads back; print.cpp. `source`: with file and line behind each node. `constants`: takes
  // the tensors that are too large to print, which the text then names by their place there.
  std::string str(bool source = true, std::vector<Tensor>* constants = nullptr) const;

 private:
  friend class Value;
  friend class Node;
  friend class Block;
  Value* new_value(Node* node, size_t offset);

  std::deque<Node> nodes_;
  std::deque<Value> values_;
  std::unordered_map<std::string, Value*> names_;
  std::map<std::string, size_t> suffixes_;
  size_t next_unique_ = 0;
  Block block_;
  Node* insert_point_;
};

}  // namespace tapescope::jit
