#include "core/backend/parallel.h"

#include <gtest/gtest.h>
#include <tbb/task_arena.h>

#include <atomic>
#include <mutex>
#include <set>
#include <thread>
#include <vector>

#include "core/tensor/error.h"

using namespace tapescope;

namespace {

std::set<std::pair<int64_t, int64_t>> cuts(int64_t n, int64_t chunk) {
  std::mutex mutex;
  std::set<std::pair<int64_t, int64_t>> seen;
  parallel_for(n, chunk, [&](int64_t begin, int64_t end) {
    std::lock_guard lock(mutex);
    EXPECT_TRUE(seen.emplace(begin, end).second);
  });
  return seen;
}

TEST(Parallel, EveryIndexComesOnce) {
  for (int64_t n : {0, 1, 7, 8, 9, 1000}) {
    std::vector<std::atomic<int>> hits(static_cast<size_t>(n));
    parallel_for(n, 8, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) ++hits[static_cast<size_t>(i)];
    });
    for (const auto& h : hits) EXPECT_EQ(h, 1);
  }
}

TEST(Parallel, ThreadsCanBeSet) {
  const int before = threads();
  EXPECT_GE(before, 1);
  for (const int count : {1, before + 2, 2}) {
    set_threads(count);
    EXPECT_EQ(threads(), count);
  }
  EXPECT_THROW(set_threads(0), ValueError);
  EXPECT_EQ(threads(), 2);
  set_threads(before);
}

TEST(Parallel, CutsAreWhereTheyAreWhateverTheNumberOfThreads) {
  const auto several = cuts(1003, 10);
  tbb::task_arena one(1);
  EXPECT_EQ(one.execute([] { return cuts(1003, 10); }), several);
  EXPECT_EQ(several.size(), 101u);
  EXPECT_TRUE(several.contains({1000, 1003}));
}

TEST(Parallel, WhatFitsOneChunkStaysOnThisThread) {
  std::thread::id ran;
  int calls = 0;
  parallel_for(8, 8, [&](int64_t begin, int64_t end) {
    ran = std::this_thread::get_id();
    calls += begin == 0 && end == 8;
  });
  EXPECT_EQ(ran, std::this_thread::get_id());
  EXPECT_EQ(calls, 1);
  parallel_for(0, 8, [&](int64_t, int64_t) { ++calls; });
  EXPECT_EQ(calls, 1);
}

// A lock that remembers what was done with it.
struct Lock {
  static inline int released, acquired;
  static inline bool held;
  Lock() {
    released = acquired = 0;
    held = true;
    interpreter_lock = {[]() -> void* {
                          if (!held) return nullptr;
                          held = false;
                          ++released;
                          return &held;
                        },
                        [](void*) {
                          held = true;
                          ++acquired;
                        }};
  }
  ~Lock() { interpreter_lock = {}; }
};

TEST(Parallel, TheInterpretersLockIsLetGoWhileALongLoopRuns) {
  const Lock lock;
  std::atomic<int> held{0};
  parallel_for(100, 10, [&](int64_t, int64_t) { held += Lock::held; });
  EXPECT_EQ(held, 0);
  EXPECT_TRUE(Lock::held);
  EXPECT_EQ(Lock::released, 1);
  EXPECT_EQ(Lock::acquired, 1);
}

TEST(Parallel, AShortLoopKeepsTheLock) {
  const Lock lock;
  parallel_for(10, 10, [&](int64_t, int64_t) { EXPECT_TRUE(Lock::held); });
  EXPECT_EQ(Lock::released, 0);
}

TEST(Parallel, AThreadWithoutTheLockGivesNoneBack) {
  const Lock lock;
  Lock::held = false;
  parallel_for(100, 10, [](int64_t, int64_t) {});
  EXPECT_EQ(Lock::acquired, 0);
}

}  // namespace
