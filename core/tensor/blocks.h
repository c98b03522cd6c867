// Memory for large tensors: whole pages from the system, kept for the next tensor of about that size.
//
// A fresh page costs a fault and a pass of zeros, which is more than most ops do with it; a training step asks for the
// same sizes over and over.
//
// Invariants
//   * Blocks that wait are at most kMostKept bytes; the one that has waited longest goes first.
//   * A request is given a block that is at most an eighth larger.
//   * When the system has no more, what waits is given back before a request fails.
#pragma once

#include <cstddef>
#include <cstdint>

namespace tapescope {

inline constexpr int64_t kLargeBlock = int64_t{1} << 20;  // bytes; smaller ones are malloc's
inline constexpr int64_t kMostKept = int64_t{512} << 20;

// At least `bytes` of memory, uninitialised, aligned to a page; null if there is none.
void* allocate_block(int64_t bytes) noexcept;
void free_block(void* block, int64_t bytes) noexcept;
// Gives all that waits back to the system; says how many bytes that were.
int64_t release_blocks() noexcept;
int64_t kept_bytes() noexcept;

}  // namespace tapescope
