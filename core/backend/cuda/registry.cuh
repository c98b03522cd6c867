// The ops that the plugin offers; each family's file adds its own when the library is opened.
#pragma once

#include "core/backend/cuda/plugin.h"

namespace tapescope::cuda {

void add_op(const OpKernels& op);

}  // namespace tapescope::cuda
