#include "core/tensor/blocks.h"

#include <sys/mman.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <mutex>

#include "core/tensor/sanitizer.h"

namespace tapescope {
namespace {

constexpr int64_t kPage = 4096, kHuge = int64_t{2} << 20;

struct Block {
  void* memory;
  int64_t bytes;
  uint64_t since;
};

// A fixed table: freeing must not allocate.
struct Kept {
  std::mutex mutex;
  std::array<Block, 256> blocks;
  size_t count = 0;
  int64_t bytes = 0;
  uint64_t clock = 0;

  Block take(size_t i) {
    const Block b = blocks[i];
    blocks[i] = blocks[--count];
    bytes -= b.bytes;
    return b;
  }
  Block oldest() {
    const auto first = std::min_element(blocks.begin(), blocks.begin() + static_cast<std::ptrdiff_t>(count),
                                        [](const Block& a, const Block& b) { return a.since < b.since; });
    return take(static_cast<size_t>(first - blocks.begin()));
  }
};
Kept& kept() {
  static Kept& k = *new Kept;
  return k;
}

int64_t rounded(int64_t bytes) {
  const int64_t unit = bytes >= 8 * kHuge ? kHuge : 16 * kPage;
  return (bytes + unit - 1) / unit * unit;
}

#if defined(TAPESCOPE_ASAN)
// The sanitizer knows the ends of what malloc gives, and should see a use after free: nothing is kept.
constexpr bool kKeeps = false;
void* map(int64_t bytes) {
  return std::aligned_alloc(kPage, static_cast<size_t>(bytes));
}
void unmap(const Block& b) {
  std::free(b.memory);
}
#else
constexpr bool kKeeps = true;
// From the system: where huge pages pay, aligned to them.
void* map(int64_t bytes) {
  const bool huge = bytes >= 2 * kHuge;
  const int64_t room = huge ? bytes + kHuge : bytes;
  void* p = mmap(nullptr, static_cast<size_t>(room), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (p == MAP_FAILED) return nullptr;
  if (!huge) return p;
  auto* at = static_cast<char*>(p);
  const auto lead = static_cast<int64_t>(-reinterpret_cast<uintptr_t>(p) & (kHuge - 1));
  if (lead) munmap(at, static_cast<size_t>(lead));
  munmap(at + lead + bytes, static_cast<size_t>(room - lead - bytes));
  madvise(at + lead, static_cast<size_t>(bytes), MADV_HUGEPAGE);
  return at + lead;
}
void unmap(const Block& b) {
  munmap(b.memory, static_cast<size_t>(b.bytes));
}
#endif

}  // namespace

// A block's size is found again from the bytes that were asked for: a larger block that was given is cut first.
void* allocate_block(int64_t bytes) noexcept {
  if (bytes > INT64_MAX - 2 * kHuge) return nullptr;
  const int64_t size = rounded(bytes);
  Kept& k = kept();
  {
    const std::lock_guard lock(k.mutex);
    size_t best = k.count;
    for (size_t i = 0; i < k.count; ++i)
      if (k.blocks[i].bytes >= size && k.blocks[i].bytes - size <= size / 8 &&
          (best == k.count || k.blocks[i].bytes < k.blocks[best].bytes))
        best = i;
    if (best < k.count) {
      const Block b = k.take(best);
      if (b.bytes > size) munmap(static_cast<char*>(b.memory) + size, static_cast<size_t>(b.bytes - size));
      return b.memory;
    }
  }
  if (void* p = map(size)) return p;
  return release_blocks() ? map(size) : nullptr;
}

void free_block(void* block, int64_t bytes) noexcept {
  const Block b{block, rounded(bytes), 0};
  if (!kKeeps || b.bytes > kMostKept / 2) {
    unmap(b);
    return;
  }
  Kept& k = kept();
  const std::lock_guard lock(k.mutex);
  while (k.count == k.blocks.size() || k.bytes + b.bytes > kMostKept) unmap(k.oldest());
  k.blocks[k.count++] = {block, b.bytes, ++k.clock};
  k.bytes += b.bytes;
}

int64_t release_blocks() noexcept {
  Kept& k = kept();
  const std::lock_guard lock(k.mutex);
  const int64_t bytes = k.bytes;
  while (k.count) unmap(k.take(k.count - 1));
  return bytes;
}

int64_t kept_bytes() noexcept {
  Kept& k = kept();
  const std::lock_guard lock(k.mutex);
  return k.bytes;
}

}  // namespace tapescope
