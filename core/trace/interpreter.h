// Runs a graph without Python.
//
// Invariants
//   * Code is immutable once made: any number of threads may run it at once.
//   * A value is dropped after its last use, as it would be in a program.
//   * Ops are the eager ones, called in the graph's order: with grad mode on they make the backward graph that the
//     traced program makes. A FusionGroup runs in one loop where no gradient is wanted, else op by op.
//   * Only a PythonOp (a custom Function) calls Python.
#pragma once

#include "core/trace/fused_loop.h"
#include "core/trace/ir.h"
#include "core/trace/schema.h"
#include "core/trace/tracer.h"

namespace tapescope::jit {

class Code {
 public:
  // Throws ValueError, with the node and its place, for a node that cannot run.
  explicit Code(const Graph& graph);

  size_t results() const { return results_.size(); }

  // The graph's outputs. Throws TypeError if there are too few or too many inputs or one is of another kind than the
  // graph says, and what the ops throw, with the place where the node was traced.
  std::vector<IValue> run(std::vector<IValue> inputs) const;
  // The same without an allocation for the vectors: inputs are moved from, `outputs` are results() many.
  void run(std::span<IValue> inputs, std::span<IValue> outputs) const;

 private:
  struct Instruction;
  struct Operand {
    uint32_t at;    // register, or constant
    bool constant;  // of the table
    bool last;      // nobody reads the register after this
  };
  using Step = void (Code::*)(const Instruction& i, IValue* registers) const;
  struct Instruction {
    Step step = nullptr;                   // null: a fused loop
    uint32_t first_input = 0, inputs = 0;  // in operands_
    uint32_t first_output = 0, outputs = 0;
    const ops::Offer* op = nullptr;
    std::vector<ops::Value> arguments = {};  // those that are constant, in their places
    std::vector<uint32_t> variable = {};     // the places of the others
    std::vector<uint32_t> numbers = {};      // of arguments, numbers of the program's that take after argument `like`
    uint32_t like = 0;
    Tensor float_form = {}, double_form = {};  // of the first of them
    std::vector<uint32_t> drops = {};          // registers that nobody reads after this
    std::shared_ptr<const Code> callee = {};
    std::shared_ptr<const FusedLoop> fused = {};
    std::vector<uint32_t> fused_outputs = {};  // registers that the instructions it skips would write
    uint32_t skip = 0;
    std::shared_ptr<const PythonCallable> callable = {};
    std::string name = {};
    Origin origin = {};
    TypePtr type = {};
  };

  void compile(const Graph& graph);
  Instruction instruction(const Node& n);
  const IValue* constant_at(const Value* v) const;
  void compile_block(const Graph& graph);
  void compile_group(const Node& n);
  void take_operands(Instruction& i, const Node& n);
  void find_last_uses();

  void check_inputs(std::span<const IValue> inputs) const;
  const IValue& operand(const Instruction& i, size_t k, const IValue* registers) const;
  IValue take(const Instruction& i, size_t k, IValue* registers) const;
  bool run_fused(const Instruction& i, IValue* r) const;

  void find_numbers(Instruction& i, const Node& n) const;
  Tensor number_for(const Instruction& i, uint32_t place, const Tensor& like, const IValue* r) const;

  void call_unary_op(const Instruction& i, IValue* r) const;
  void call_binary_op(const Instruction& i, IValue* r) const;
  void call_op(const Instruction& i, IValue* r) const;
  void call_python(const Instruction& i, IValue* r) const;
  void call_code(const Instruction& i, IValue* r) const;
  void construct_list(const Instruction& i, IValue* r) const;
  void construct_tuple(const Instruction& i, IValue* r) const;
  void construct_dict(const Instruction& i, IValue* r) const;
  void unpack(const Instruction& i, IValue* r) const;
  void get_item(const Instruction& i, IValue* r) const;
  void get_attribute(const Instruction& i, IValue* r) const;
  void size(const Instruction& i, IValue* r) const;
  void to_tensor(const Instruction& i, IValue* r) const;
  void to_int(const Instruction& i, IValue* r) const;

  std::vector<Instruction> instructions_;
  std::vector<Operand> operands_;
  std::vector<IValue> constants_;
  struct Input {
    TypePtr type;
    std::string name;  // for messages
  };
  std::vector<Input> inputs_;
  std::vector<Operand> results_;
  uint32_t registers_ = 0;
  std::unordered_map<const Value*, Operand> place_of_;  // while compiling
};

}  // namespace tapescope::jit
