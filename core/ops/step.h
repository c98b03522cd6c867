// One step of an optimizer over many parameters. All that can fail comes first: what is written is written to the end,
// or nothing is.
#pragma once

#include <vector>

#include "core/backend/kernels.h"
#include "core/tensor/tensor.h"

namespace tapescope::ops {

class Step {
 public:
  // Makes ready one parameter's part; its shape, dtype and layout are checked, and no tensor is written. `momentum` may
  // be undefined. Throws ValueError or ShapeError for what does not fit, MemoryError.
  void sgd(const Tensor& param, const Tensor& grad, const Tensor& momentum, const cpu::SgdStep& options);
  void adam(const Tensor& param, const Tensor& grad, const Tensor& m, const Tensor& v, const cpu::AdamStep& options);

  // Writes parameters and state, in the order in which they were added, and tells the observer; once. Does not fail.
  void run();

 private:
  // What the loops are made for: pairs of floats for complex numbers; 16-bit floats in float32, rounded at the end.
  struct Operand {
    Tensor given, wide;
    explicit Operand(const Tensor& t);
    void round() const;
    char* raw() const { return wide.defined() ? wide.raw() : nullptr; }
  };
  struct Part {
    Operand param, grad, first, second;
    bool is_adam;
    cpu::SgdStep sgd;
    cpu::AdamStep adam;
  };
  static Part part(const Tensor& param, const Tensor& grad, const Tensor& first, const Tensor& second);

  std::vector<Part> parts_;
};

}  // namespace tapescope::ops
