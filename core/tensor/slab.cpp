#include "core/tensor/slab.h"

#include <atomic>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <new>
#include <vector>

namespace tapescope {

struct Slab::Shared {
  std::mutex mutex;
  std::vector<char*> chunks;
  std::vector<Magazine> spare;  // lists of free slots that threads gave back
};

namespace {

constexpr size_t kChunk = 256 * 1024;
std::atomic<int> slabs{0};
Slab* all_slabs[32];

}  // namespace

constinit thread_local Slab::Magazine Slab::magazines_[Slab::kMaxSlabs] = {};

struct Slab::Thread {
  ~Thread() {
    for (int i = 0; i < slabs.load(); ++i)
      if (magazines_[i].head) {
        std::lock_guard lock(all_slabs[i]->shared_->mutex);
        all_slabs[i]->shared_->spare.push_back(magazines_[i]);
        magazines_[i] = {};
      }
  }
};

Slab::Slab(size_t slot_size) : index_(slabs.fetch_add(1)), slot_size_(slot_size), shared_(new Shared) {
  if (index_ >= kMaxSlabs) std::abort();  // a fault of the build, not of a user: more kinds of slots than declared
  all_slabs[index_] = this;
}

void Slab::enlist() noexcept {
  static thread_local Thread gives_back_at_exit;
  (void)gives_back_at_exit;
}

void Slab::refill(Magazine& m) {
  enlist();
  std::lock_guard lock(shared_->mutex);
  if (!shared_->spare.empty()) {
    m = shared_->spare.back();
    shared_->spare.pop_back();
    return;
  }
  auto* chunk = static_cast<char*>(std::aligned_alloc(64, kChunk));
  if (!chunk) throw std::bad_alloc();
  shared_->chunks.push_back(chunk);
  const size_t slots = kChunk / slot_size_;
  for (size_t i = slots; i-- > 0;) {
    char* slot = chunk + i * slot_size_;
    *count_of(slot) = 0;
    *reinterpret_cast<void**>(slot) = m.head;
    sanitizer::forbid(slot + kHead, slot_size_ - kHead);
    m.head = slot;
  }
  m.count = static_cast<int>(slots);
}

void Slab::spill(Magazine& m) noexcept {
  Magazine half;
  half.head = m.head;
  half.count = m.count / 2;
  void* last = m.head;
  for (int i = 1; i < half.count; ++i) last = *static_cast<void**>(last);
  m.head = *static_cast<void**>(last);
  m.count -= half.count;
  *static_cast<void**>(last) = nullptr;
  std::lock_guard lock(shared_->mutex);
  shared_->spare.push_back(half);
}

void Slab::walk(const std::function<void(void*)>& f) const {
  std::vector<char*> chunks;
  {
    std::lock_guard lock(shared_->mutex);
    chunks = shared_->chunks;
  }
  for (char* chunk : chunks)
    for (size_t i = 0; i < kChunk / slot_size_; ++i)
      if (*count_of(chunk + i * slot_size_)) f(chunk + i * slot_size_);
}

size_t Slab::reserved() const {
  std::lock_guard lock(shared_->mutex);
  return shared_->chunks.size() * kChunk;
}

}  // namespace tapescope
