#pragma once

#include <stdexcept>
#include <string>

#include <cuda_runtime.h>

namespace tapescope::cuda {

// Throws std::runtime_error with what was tried and CUDA's own words.
inline void check(cudaError_t status, const char* what) {
  if (status != cudaSuccess)
    throw std::runtime_error(std::string("CUDA: ") + what + " failed: " + cudaGetErrorString(status));
}

}  // namespace tapescope::cuda
