#include "core/tensor/slab.h"

#include <gtest/gtest.h>

#include <set>
#include <thread>

using namespace tapescope;

namespace {
Slab& slab() {
  static Slab s(128);
  return s;
}
void* take() {
  void* p = slab().allocate();
  *reinterpret_cast<uint32_t*>(static_cast<char*>(p) + Slab::kCountOffset) = 1;
  return p;
}
size_t alive() {
  size_t n = 0;
  slab().walk([&](void*) { ++n; });
  return n;
}
}  // namespace

TEST(Slab, WalkFindsWhatIsInUse) {
  const size_t before = alive();
  std::set<void*> taken;
  for (int i = 0; i < 5000; ++i) taken.insert(take());
  EXPECT_EQ(taken.size(), 5000u);
  EXPECT_EQ(alive(), before + 5000);
  for (void* p : taken) slab().free(p);
  EXPECT_EQ(alive(), before);
}

TEST(Slab, SlotsFreedOnAnotherThreadComeBack) {
  std::vector<void*> taken;
  for (int i = 0; i < 20000; ++i) taken.push_back(take());
  const size_t reserved = slab().reserved();
  std::thread([&] {
    for (void* p : taken) slab().free(p);
  }).join();
  taken.clear();
  for (int i = 0; i < 20000; ++i) taken.push_back(take());
  EXPECT_EQ(slab().reserved(), reserved);
  for (void* p : taken) slab().free(p);
}
