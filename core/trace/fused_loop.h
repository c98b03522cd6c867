// A chain of pointwise ops run in one loop: strip by strip, with what lies between two ops in the cache.
//
// The bits are those of the ops run one after another: the same kernels see the same numbers.
#pragma once

#include <optional>

#include "core/backend/kernels.h"
#include "core/ops/family.h"
#include "core/trace/ir.h"

namespace tapescope::jit {

class FusedLoop {
 public:
  static constexpr size_t kMostSteps = 16, kMostInputs = 34;

  // `group`: the Subgraph of a FusionGroup. None if one of its nodes is no pointwise op.
  static std::optional<FusedLoop> compile(const Graph& group);

  // The outputs; none if the inputs are not tensors of one floating dtype, each in order and of one shape or a single
  // number, or if a gradient is wanted: then the ops have to run by themselves.
  std::optional<std::vector<Tensor>> run(std::span<const Tensor* const> inputs) const;

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
