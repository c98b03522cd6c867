// Storage: the memory that a tensor and its views share.
//
// Invariants
//   * Up to 64 bytes stand inline, in the slab slot; `data()` is aligned to 64 bytes either way.
//   * `version` counts in-place writes to the memory; all views share it by sharing the storage.
//   * Memory that came from outside (NumPy) is kept alive by `owner` and released through `drop_owner`.
#pragma once

#include <atomic>
#include <cstdint>

#include "core/tensor/ref.h"
#include "core/tensor/slab.h"

namespace tapescope {

class Storage {
 public:
  static constexpr int kInline = 64;

  // Uninitialised memory. Throws MemoryError.
  static Ref<Storage> allocate(int64_t bytes);
  static Ref<Storage> borrow(void* data, int64_t bytes, void* owner, void (*drop_owner)(void*) noexcept);

  char* data() noexcept { return data_; }
  int64_t bytes() const noexcept { return bytes_; }
  uint64_t id() const noexcept { return id_; }
  bool is_inline() const noexcept { return data_ == inline_; }

  uint32_t version() const noexcept { return version_; }
  void bump_version() noexcept { ++version_; }

  uint32_t use_count() const noexcept { return count_.load(std::memory_order_acquire); }
  void retain() noexcept { count_.fetch_add(1, std::memory_order_relaxed); }
  void release() noexcept {
    if (count_.load(std::memory_order_acquire) == 1 || count_.fetch_sub(1, std::memory_order_acq_rel) == 1) destroy();
  }

  static Slab& slab();
  // Bytes of all live storages.
  static int64_t live_bytes() noexcept;

 private:
  Storage(void* data, int64_t bytes) noexcept;
  void destroy() noexcept;

  char* data_;
  std::atomic<uint32_t> count_{1};
  uint32_t version_ = 0;
  int64_t bytes_;
  uint64_t id_;
  void* owner_ = nullptr;
  void (*drop_owner_)(void*) noexcept = nullptr;
  alignas(64) char inline_[kInline];
};
static_assert(sizeof(Storage) == 128, "one cache line of header, one of inline memory");

}  // namespace tapescope
