#include "core/tensor/blocks.h"

#include <gtest/gtest.h>

#include <cstring>
#include <thread>
#include <vector>

#include "core/tensor/error.h"
#include "core/tensor/sanitizer.h"
#include "core/tensor/storage.h"

using namespace tapescope;

namespace {

constexpr int64_t kMiB = int64_t{1} << 20;

#if !defined(TAPESCOPE_ASAN)
TEST(Blocks, OneThatWasFreedIsGivenAgain) {
  release_blocks();
  void* a = allocate_block(5 * kMiB);
  std::memset(a, 7, static_cast<size_t>(5 * kMiB));
  free_block(a, 5 * kMiB);
  EXPECT_GE(kept_bytes(), 5 * kMiB);
  EXPECT_EQ(allocate_block(5 * kMiB - 64), a);  // nearly the size
  EXPECT_EQ(kept_bytes(), 0);
  free_block(a, 5 * kMiB - 64);
  void* b = allocate_block(kMiB);  // far from it
  EXPECT_NE(b, a);
  free_block(b, kMiB);
  EXPECT_EQ(release_blocks(), 6 * kMiB);
  EXPECT_EQ(kept_bytes(), 0);
}

TEST(Blocks, WhatWaitsIsBounded) {
  release_blocks();
  std::vector<void*> all;
  for (int i = 0; i < 20; ++i) all.push_back(allocate_block(60 * kMiB));
  for (void* p : all) free_block(p, 60 * kMiB);
  EXPECT_LE(kept_bytes(), kMostKept);
  EXPECT_GT(kept_bytes(), kMostKept / 2);
  for (int i = 0; i < 600; ++i) all.push_back(allocate_block(kMiB + i * 4096));
  for (size_t i = 20; i < all.size(); ++i) free_block(all[i], kMiB + static_cast<int64_t>(i - 20) * 4096);
  EXPECT_LE(kept_bytes(), kMostKept);
  EXPECT_GT(release_blocks(), 0);
}
#endif

TEST(Blocks, WhatNoMachineHasIsNull) {
  EXPECT_EQ(allocate_block(INT64_MAX), nullptr);
  EXPECT_EQ(allocate_block(int64_t{1} << 60), nullptr);
  EXPECT_THROW(Storage::allocate(int64_t{1} << 60), MemoryError);
}

TEST(Blocks, ThreadsMayShareThem) {
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([t] {
      for (int i = 0; i < 200; ++i) {
        const int64_t bytes = kMiB + (i % 5) * 8192;
        auto* p = static_cast<char*>(allocate_block(bytes));
        p[0] = p[bytes - 1] = static_cast<char>(t);
        ASSERT_EQ(p[bytes - 1], static_cast<char>(t));
        free_block(p, bytes);
      }
    });
  for (auto& t : threads) t.join();
  release_blocks();
}

}  // namespace
