// What is known of a pointwise op at run time: a fold over a family's list makes it. Everything else (drivers, nodes,
// Python bindings, the document's formulas) reads these records.
#pragma once

#include <fmt/format.h>

#include <string>
#include <vector>

#include "core/backend/kernels.h"
#include "core/graph/observer.h"
#include "core/ops/complex_kernels.h"
#include "core/ops/math.h"
#include "core/ops/op_struct.h"

namespace tapescope::ops {

struct PointwiseInfo {
  std::string name;
  std::string in_place_name;
  OpSchema schema;
  OpSchema in_place_schema;
  NodeType type;
  int arity;
  int scalar_args;
  bool integers;
  bool bools;
  bool floats;
  bool complex;
  bool divides;
  bool differentiable;
  Keep keep[2];                             // what the gradient of operand k needs
  bool passes[2];                           // the gradient of operand k is the incoming one
  const char* slots[2];                     // names of what is kept: self, result; self, other
  mutable const PointwiseKernels* kernels;  // what runs: see run_pointwise_on_cuda
  const PointwiseKernels* cpu_kernels;
  Tensor (*pull[2])(const Tensor& grad, const Tensor& a, const Tensor& b, const double* args);
};

// The op of this name and arity; throws InternalError if there is none.
const PointwiseInfo& pointwise(std::string_view name, int arity);
const std::vector<const PointwiseInfo*>& all_pointwise();
// From now on the loops run on the GPU, over memory of the host: so that tests can compare them. Back again with false.
// Not while other threads compute. Throws NotImplementedError where there is no GPU.
void run_pointwise_on_cuda(bool on);
void register_pointwise(const PointwiseInfo* info);

template <class Op, int K>
Tensor pull_tensor(const Tensor& g, const Tensor& a, [[maybe_unused]] const Tensor& b, const double* args) {
  if constexpr (arity<Op> == 1) return pull<K>(make_op<Op>(args), g, a);
  if constexpr (arity<Op> == 2) return pull<K>(make_op<Op>(args), g, a, b);
}

template <class Op>
void add_slopes(PointwiseInfo* i) {
  const double symbols[2] = {0, 0};
  const Op op = make_op<Op>(symbols);
  const Sym grad("grad"), self("self");
  i->pull[0] = pull_tensor<Op, 0>;
  if constexpr (arity<Op> == 1) {
    const bool output = has(Op::keep, Keep::output);
    i->keep[0] = Op::keep;
    i->slots[0] = output ? "result" : "self";
    i->type.derivatives = {Sym(pull<0>(op, grad, Sym(i->slots[0]))).text()};
  } else {
    i->keep[0] = Op::da_keep;
    i->keep[1] = Op::db_keep;
    i->passes[0] = passes_through<Op, 0>();
    i->passes[1] = passes_through<Op, 1>();
    const Sym other(i->slots[1]);
    i->type.derivatives = {Sym(pull<0>(op, grad, self, other)).text(), Sym(pull<1>(op, grad, self, other)).text()};
    i->pull[1] = pull_tensor<Op, 1>;
  }
}

template <class Op>
PointwiseInfo* make_info(const PointwiseKernels* kernels) {
  auto* i = new PointwiseInfo{};
  i->name = Op::name;
  i->in_place_name = i->name + "_";
  i->schema = {i->name.c_str()};
  i->in_place_schema = {i->in_place_name.c_str(), true};
  i->arity = arity<Op>;
  i->scalar_args = scalar_args<Op>;
  i->integers = Op::integers;
  i->bools = has_bools<Op>();
  i->divides = is_division<Op>();
  i->floats = has_floats<Op>();
  i->complex = has_complex<Op>();
  i->differentiable = is_differentiable_op<Op>();
  auto* with_complex = new PointwiseKernels(*kernels);
  add_complex_kernels<Op>(*with_complex);
  i->kernels = i->cpu_kernels = with_complex;
  i->type.name = Op::node;
  i->slots[0] = "self";
  i->slots[1] = Op::name == "pow" ? "exponent" : "other";
  if constexpr (is_differentiable_op<Op>())
    add_slopes<Op>(i);
  else
    i->type.derivatives.assign(arity<Op>, "not implemented");
  return i;
}

template <class... Ops>
void add_family(OpList<Ops...>, const PointwiseKernels* kernels) {
  (register_pointwise(make_info<Ops>(kernels++)), ...);
}

}  // namespace tapescope::ops
