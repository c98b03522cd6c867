#include "core/backend/cuda/staging.cuh"

#include "core/backend/cuda/check.cuh"

namespace tapescope::cuda {

Staging::~Staging() {
  for (void* each : reserved_) cudaFree(each);
}

void* Staging::reserve(size_t bytes) {
  void* p = nullptr;
  check(cudaMalloc(&p, bytes), "an allocation");
  reserved_.push_back(p);
  return p;
}

const void* Staging::upload(const void* from, size_t bytes) {
  void* p = reserve(bytes);
  check(cudaMemcpy(p, from, bytes, cudaMemcpyHostToDevice), "a copy to the GPU");
  return p;
}

void Staging::download(void* to, const void* from, size_t bytes) {
  check(cudaMemcpy(to, from, bytes, cudaMemcpyDeviceToHost), "a copy from the GPU");
}

}  // namespace tapescope::cuda
