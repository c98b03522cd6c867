// A chain of pointwise ops run in one loop: strip by strip, with what lies between two ops in the cache.
//
// The bits are those of the ops run one after another: the same kernels see the same numbers.
#pragma once

#include <optional>

#include "core/backend/kernels.h"
#include "core/ops/family.h"
#include "core/ops/registry.h"
#include "core/trace/ir.h"

namespace tapescope::jit {

class FusedLoop {
 public:
  static constexpr size_t kMostSteps = 16, kMostInputs = 34;

  // `group`: the Subgraph of a FusionGroup. None if one of its nodes is no pointwise op.
  static std::optional<FusedLoop> compile(const Graph& group);

  // How the loop runs over some inputs, which outlive it.
  struct Plan {
    const Tensor* in[kMostInputs];  // with the constants behind them
    const Tensor* whole;            // has the outputs' shape
    DType dtype;
    uint64_t singles = 0;
    alignas(double) char numbers[kMostInputs][sizeof(double)];  // the singles in the loop's dtype
    PointwiseKernel kernels[kMostSteps];
  };
  // False if the inputs are not tensors of one floating dtype, each in order and of one shape or a single number, or if
  // a gradient is wanted: then the ops have to run by themselves.
  bool plan(std::span<const Tensor* const> inputs, Plan& plan) const;
  std::vector<Tensor> run(const Plan& plan) const;
  // Both; none where there is no plan.
  std::optional<std::vector<Tensor>> run(std::span<const Tensor* const> inputs) const;

  // What a profiler calls it: "FusionGroup(mul, add, relu)". Offers live as long as the program.
  const ops::Offer& offer() const;

 private:
  struct Step {
    const ops::PointwiseInfo* op;
    int inputs[2];  // slots: the inputs come first, then the steps' results
    double numbers[2];
  };
  size_t inputs_ = 0;              // with the constants behind them
  std::vector<Tensor> constants_;  // numbers of the program's
  std::vector<Step> steps_;
  std::vector<size_t> outputs_;  // steps
};

}  // namespace tapescope::jit
