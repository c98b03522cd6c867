#include "core/tensor/storage.h"

#include <gtest/gtest.h>

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
