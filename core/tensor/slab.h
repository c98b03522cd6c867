// Slabs: fixed-size slots cut from 256 KiB chunks, with a free list a thread.
//
// Invariants
//   * Offset kCountOffset of every slot holds a 32-bit count that is 0 exactly while the slot is free. Objects put
//     their reference count there, so that a walk over the chunks finds what is alive and costs the hot path nothing.
//   * The free list's link overlays the first eight bytes of a free slot, never the count.
//   * Chunks are never returned: a census may look at a slot that was freed since, never at unmapped memory.
//   * Of a free slot only the link and the count may be touched; the address sanitizer sees to it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>

#include "core/tensor/sanitizer.h"

namespace tapescope {

class Slab {
 public:
  static constexpr size_t kCountOffset = 8;

  explicit Slab(size_t slot_size);
  Slab(const Slab&) = delete;
  Slab& operator=(const Slab&) = delete;

  void* allocate() {
    Magazine& m = magazine();
    if (!m.head) [[unlikely]]
      refill(m);
    void* slot = m.head;
    m.head = *static_cast<void**>(slot);
    --m.count;
    sanitizer::allow(slot, slot_size_);
    return slot;
  }
  void free(void* slot) noexcept {
    *count_of(slot) = 0;
    sanitizer::forbid(static_cast<char*>(slot) + kHead, slot_size_ - kHead);
    Magazine& m = magazine();
    if (!m.head) [[unlikely]]
      enlist();
    *static_cast<void**>(slot) = m.head;
    m.head = slot;
    if (++m.count > kMagazine) [[unlikely]]
      spill(m);
  }

  size_t slot_size() const noexcept { return slot_size_; }
  // Calls f with each slot in use. Nothing may be allocated or freed on other threads meanwhile.
  void walk(const std::function<void(void*)>& f) const;
  // Bytes of all chunks.
  size_t reserved() const;

 private:
  static constexpr size_t kHead = kCountOffset + 8;  // link and count
  static constexpr int kMaxSlabs = 24;
  static constexpr int kMagazine = 8192;

  struct Magazine {
    void* head = nullptr;
    int count = 0;
  };
  struct Thread;  // owns this thread's magazines, gives them back when it ends
  struct Shared;

  static uint32_t* count_of(void* slot) noexcept {
    return reinterpret_cast<uint32_t*>(static_cast<char*>(slot) + kCountOffset);
  }
  Magazine& magazine() noexcept { return magazines_[index_]; }
  // Sees to it that this thread's magazines are given back when it ends.
  static void enlist() noexcept;
  void refill(Magazine& m);
  void spill(Magazine& m) noexcept;

  static constinit thread_local Magazine magazines_[kMaxSlabs];

  int index_;
  size_t slot_size_;
  Shared* shared_;
};

}  // namespace tapescope
