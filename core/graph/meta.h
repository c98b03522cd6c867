// TensorMeta: element type and shape of a gradient, interned, so that a node holds a pointer for each input.
#pragma once

#include "core/tensor/tensor.h"

namespace tapescope {

struct TensorMeta {
  DType dtype;
  Dims shape;
  uint32_t index;  // in order of interning
};

// The one record of this dtype and shape. Lives as long as the process: programs use few distinct shapes.
const TensorMeta* intern_meta(DType dtype, const Dims& shape);
inline const TensorMeta* intern_meta(const Tensor& t) {
  return intern_meta(t.dtype(), t.shape());
}

}  // namespace tapescope
