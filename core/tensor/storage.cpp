#include "core/tensor/storage.h"

#include <cstdlib>
#include <new>

#include "core/tensor/allocation.h"
#include "core/tensor/blocks.h"
#include "core/tensor/error.h"

namespace tapescope {
namespace {

std::atomic<uint64_t> next_id{1};
std::atomic<int64_t> live{0};

}  // namespace

Slab& Storage::slab() {
  static Slab& slab = *new Slab(sizeof(Storage));
  return slab;
}

int64_t Storage::live_bytes() noexcept {
  return live.load();
}

Storage::Storage(void* data, int64_t bytes) noexcept
    : data_(data ? static_cast<char*>(data) : inline_), bytes_(bytes), id_(next_id.fetch_add(1)) {}

Ref<Storage> Storage::allocate(int64_t bytes) {
  void* data = nullptr;
  if (bytes > kInline) {
    data = bytes >= kLargeBlock ? allocate_block(bytes)
                                : std::aligned_alloc(64, static_cast<size_t>((bytes + 63) / 64 * 64));
    if (!data) throw MemoryError("cannot allocate {} bytes for a tensor: the machine has not that much memory", bytes);
    live.fetch_add(bytes, std::memory_order_relaxed);
  }
  auto s = Ref<Storage>::adopt(new (slab().allocate()) Storage(data, bytes));
  if (AllocationObserver* o = allocation_observer.load(std::memory_order_acquire)) [[unlikely]]
    o->allocated(s->data_, bytes);
  return s;
}

Ref<Storage> Storage::borrow(void* data, int64_t bytes, void* owner, void (*drop_owner)(void*) noexcept) {
  auto s = Ref<Storage>::adopt(new (slab().allocate()) Storage(data, bytes));
  if (!data) s->data_ = s->inline_;
  s->owner_ = owner;
  s->drop_owner_ = drop_owner;
  return s;
}

void Storage::destroy() noexcept {
  if (drop_owner_) {
    drop_owner_(owner_);
  } else {
    if (AllocationObserver* o = allocation_observer.load(std::memory_order_acquire)) [[unlikely]]
      o->freed(data_, bytes_);
    if (data_ != inline_) {
      if (bytes_ >= kLargeBlock)
        free_block(data_, bytes_);
      else
        std::free(data_);
      live.fetch_sub(bytes_, std::memory_order_relaxed);
    }
  }
  this->~Storage();
  slab().free(this);
}

}  // namespace tapescope
