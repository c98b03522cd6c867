#include "core/tensor/storage.h"

#include <gtest/gtest.h>

#include <utility>
#include <vector>

#include "core/tensor/allocation.h"
#include "core/tensor/blocks.h"
#include "core/tensor/error.h"

using namespace tapescope;

TEST(Storage, UpTo64BytesStandInline) {
  EXPECT_TRUE(Storage::allocate(64)->is_inline());
  EXPECT_FALSE(Storage::allocate(65)->is_inline());
  EXPECT_EQ(sizeof(Storage), 128u);
}

TEST(Storage, IsAlignedTo64Bytes) {
  for (int64_t n : {1, 64, 65, 4096, 100000}) {
    const auto s = Storage::allocate(n);
    EXPECT_EQ(reinterpret_cast<uintptr_t>(s->data()) % 64, 0u) << n;
  }
}

TEST(Storage, BorrowedMemoryGoesBackToItsOwner) {
  static int dropped;
  dropped = 0;
  float memory[4] = {1, 2, 3, 4};
  {
    auto s = Storage::borrow(memory, sizeof memory, memory, [](void*) noexcept { ++dropped; });
  }
  EXPECT_EQ(dropped, 1);
}

TEST(Storage, TooMuchIsAnError) {
  EXPECT_THROW(Storage::allocate(int64_t{1} << 60), MemoryError);
}

TEST(Storage, CountsWhatIsAlive) {
  const int64_t before = Storage::live_bytes();
  auto s = Storage::allocate(1000);
  EXPECT_EQ(Storage::live_bytes(), before + 1000);
  s.reset();
  EXPECT_EQ(Storage::live_bytes(), before);
}

TEST(Storage, AnObserverIsToldOfWhatComesAndGoes) {
  struct Told : AllocationObserver {
    std::vector<std::pair<const void*, int64_t>> all;
    void allocated(const void* data, int64_t bytes) noexcept override { all.emplace_back(data, bytes); }
    void freed(const void* data, int64_t bytes) noexcept override { all.emplace_back(data, -bytes); }
  } told;
  allocation_observer.store(&told);
  const void* at = nullptr;
  for (const int64_t bytes : {int64_t{8}, int64_t{1000}, kLargeBlock}) {
    told.all.clear();
    at = Storage::allocate(bytes)->data();
    EXPECT_EQ(told.all, (std::vector<std::pair<const void*, int64_t>>{{at, bytes}, {at, -bytes}}));
  }
  told.all.clear();
  char outside[8];
  Storage::borrow(outside, 8, nullptr, [](void*) noexcept {});
  EXPECT_TRUE(told.all.empty());
  allocation_observer.store(nullptr);
}
