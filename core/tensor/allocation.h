// Memory of tensors as it comes and goes. While nobody observes, an allocation costs one load more.
#pragma once

#include <atomic>
#include <cstdint>

namespace tapescope {

// Told on the thread that allocates or frees, which may hold no lock at all. It must not allocate tensors.
class AllocationObserver {
 public:
  virtual ~AllocationObserver() = default;
  virtual void allocated(const void* data, int64_t bytes) noexcept = 0;
  virtual void freed(const void* data, int64_t bytes) noexcept = 0;
};

inline constinit std::atomic<AllocationObserver*> allocation_observer{nullptr};

}  // namespace tapescope
