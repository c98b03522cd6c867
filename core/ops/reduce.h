// How reductions see a tensor: kept dimensions first, reduced ones last.
#pragma once

#include "core/ops/ops.h"

namespace tapescope::ops {

struct Reduced {
  Dims dims;     // the reduced ones, sorted, not negative
  Dims kept;     // shape of the result without them
  Dims keepdim;  // shape of the result with 1 in their place
  int64_t rows = 1, length = 1;
  bool outer = false;  // only leading dimensions are reduced: rows lie `rows` apart in memory
};

Reduced reduce_over(const char* op, const Tensor& x, const OptionalDims& dims);
// Contiguous data with the reduced dimensions last: rows × length.
Tensor rows_of(const Tensor& x, const Reduced& r);
// `t` (the result or its gradient) with the reduced dimensions put back as 1.
Tensor with_dims(const Tensor& t, const Reduced& r);

}  // namespace tapescope::ops
