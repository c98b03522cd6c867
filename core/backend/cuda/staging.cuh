// Host memory's way to the GPU and back, for one call. What is reserved is given back with the object.
#pragma once

#include <cstddef>
#include <vector>

namespace tapescope::cuda {

class Staging {
 public:
  Staging() = default;
  ~Staging();
  Staging(const Staging&) = delete;
  Staging& operator=(const Staging&) = delete;

  // Bytes of the GPU's memory; throw std::runtime_error where there are none left.
  void* reserve(size_t bytes);
  const void* upload(const void* from, size_t bytes);
  // Waits for what was queued before.
  void download(void* to, const void* from, size_t bytes);

 private:
  std::vector<void*> reserved_;
};

}  // namespace tapescope::cuda
