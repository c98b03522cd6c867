// The CUDA backend as the engine sees it: a library that is opened when first asked for, so that the engine runs where
// there is neither driver nor GPU.
#pragma once

#include <string>

#include "core/backend/kernels.h"

namespace tapescope::cuda {

// Both sides are built from one tree; a library from another one is refused.
inline constexpr int kPluginVersion = 1;
inline constexpr const char* kPluginFile = "libtapescope_cuda.so";

struct OpKernels {
  const char* name;
  int arity;
  PointwiseKernels device;  // pointers to the GPU's memory; queued on the default stream
  PointwiseKernels staged;  // pointers to the host's memory: copied there, computed, copied back
};

struct Plugin {
  int version;
  const char* (*trouble)();  // null: a GPU is ready. Else a sentence that says why not
  int (*device_count)();
  const char* (*device_name)(int index);
  const OpKernels* (*op)(const char* name, int arity);  // null: not offered
};

// The library beside the engine; where it cannot be used, the absent backend, whose trouble() says why.
const Plugin& plugin();
// The same from a given file, with a driver of this name. `why` gets the reason where null comes back.
const Plugin* open_plugin(const std::string& file, const char* driver, std::string& why);
// Always there: no device, no op, and this reason.
const Plugin& absent(std::string reason);

}  // namespace tapescope::cuda

extern "C" const tapescope::cuda::Plugin* tapescope_cuda_plugin();
