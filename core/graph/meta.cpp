#include "core/graph/meta.h"

#include <deque>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

namespace tapescope {
namespace {

constexpr size_t kRecent = 64;

uint64_t hash_of(DType dtype, const Dims& shape) {
  uint64_t h = static_cast<uint64_t>(dtype) + 0x9E3779B97F4A7C15u * static_cast<uint64_t>(shape.size() + 1);
  for (int64_t s : shape) h = (h ^ static_cast<uint64_t>(s)) * 0xD6E8FEB86659FD93u;
  return h ^ (h >> 29);
}

const TensorMeta* lookup(uint64_t hash, DType dtype, const Dims& shape) {
  static std::mutex mutex;
  static std::deque<TensorMeta>& all = *new std::deque<TensorMeta>;
  static auto& by_hash = *new std::unordered_multimap<uint64_t, const TensorMeta*>;
  std::lock_guard lock(mutex);
  auto [first, last] = by_hash.equal_range(hash);
  for (; first != last; ++first)
    if (first->second->dtype == dtype && first->second->shape == shape) return first->second;
  all.push_back({dtype, shape, static_cast<uint32_t>(all.size())});
  by_hash.emplace(hash, &all.back());
  return &all.back();
}

}  // namespace

const TensorMeta* intern_meta(DType dtype, const Dims& shape) {
  // On the heap: room for thread-local variables that are reached directly is scarce.
  static thread_local const std::unique_ptr<const TensorMeta*[]> recent(new const TensorMeta* [kRecent] {});
  const uint64_t hash = hash_of(dtype, shape);
  const TensorMeta*& slot = recent[hash % kRecent];
  if (!slot || slot->dtype != dtype || !(slot->shape == shape)) slot = lookup(hash, dtype, shape);
  return slot;
}

}  // namespace tapescope
