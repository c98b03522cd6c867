// The plugin's own side: what the engine asks of it.
#include "core/backend/cuda/plugin.h"

#include <cuda_runtime.h>

#include <cstring>
#include <string>
#include <vector>

#include "core/backend/cuda/registry.cuh"

namespace tapescope::cuda {
namespace {

std::vector<OpKernels>& ops() {
  static auto& all = *new std::vector<OpKernels>;
  return all;
}

std::string version_text(int v) {
  return std::to_string(v / 1000) + "." + std::to_string(v % 1000 / 10);
}

std::string find_trouble() {
  int count = 0;
  const cudaError_t status = cudaGetDeviceCount(&count);
  if (status == cudaErrorInsufficientDriver) {
    int driver = 0;
    cudaDriverGetVersion(&driver);
    return "the NVIDIA driver is too old: it runs programs of CUDA " + version_text(driver) +
           ", and the backend was built with CUDA " + version_text(CUDART_VERSION);
  }
  if (status == cudaErrorNoDevice || (status == cudaSuccess && count == 0))
    return "the NVIDIA driver finds no GPU (CUDA_VISIBLE_DEVICES hides GPUs, if it is set)";
  if (status != cudaSuccess) return std::string("CUDA does not start: ") + cudaGetErrorString(status);
  return "";
}

const char* trouble() {
  static const std::string text = find_trouble();
  return text.empty() ? nullptr : text.c_str();
}

int device_count() {
  int count = 0;
  return cudaGetDeviceCount(&count) == cudaSuccess ? count : 0;
}

const char* device_name(int index) {
  static thread_local cudaDeviceProp properties;
  return cudaGetDeviceProperties(&properties, index) == cudaSuccess ? properties.name : "";
}

const OpKernels* op(const char* name, int arity) {
  for (const OpKernels& each : ops())
    if (each.arity == arity && std::strcmp(each.name, name) == 0) return &each;
  return nullptr;
}

}  // namespace

void add_op(const OpKernels& op) {
  ops().push_back(op);
}

}  // namespace tapescope::cuda

extern "C" __attribute__((visibility("default"))) const tapescope::cuda::Plugin* tapescope_cuda_plugin() {
  using namespace tapescope::cuda;
  static const Plugin plugin{kPluginVersion, trouble, device_count, device_name, op};
  return &plugin;
}
