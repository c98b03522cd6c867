#include "core/tensor/shape.h"

#include <gtest/gtest.h>

using namespace tapescope;

TEST(Dims, StandInlineToEightAndOnTheHeapBeyond) {
  Dims d;
  for (int i = 0; i < 20; ++i) d.push_back(i);
  EXPECT_EQ(d.size(), 20);
  EXPECT_EQ(d[19], 19);
  Dims copy = d;
  d.resize(3);
  EXPECT_EQ(d[2], 2);
  EXPECT_EQ(copy[15], 15);
  copy = Dims{7};
  EXPECT_EQ(copy, Dims{7});
  EXPECT_THROW(Dims(65, 1), ShapeError);
}

TEST(Dims, InsertAndErase) {
  Dims d{2, 3};
  d.insert(1, 9);
  EXPECT_EQ(d, (Dims{2, 9, 3}));
  d.erase(0);
  EXPECT_EQ(d, (Dims{9, 3}));
}

TEST(Shape, Broadcasting) {
  EXPECT_EQ(broadcast_shapes("add", {3, 1}, {4}), (Dims{3, 4}));
  EXPECT_EQ(broadcast_shapes("add", {}, {2}), (Dims{2}));
  try {
    broadcast_shapes("add", {3}, {4});
    FAIL();
  } catch (const ShapeError& e) {
    EXPECT_NE(std::string(e.what()).find("add: cannot broadcast (3,) with (4,)"), std::string::npos) << e.what();
  }
}

TEST(Shape, NumelRefusesOverflow) {
  EXPECT_EQ(numel(Dims{2, 3}), 6);
  EXPECT_EQ(numel(Dims{}), 1);
  EXPECT_THROW(numel(Dims{int64_t{1} << 40, int64_t{1} << 40}), ShapeError);
}

TEST(Shape, WrapDim) {
  EXPECT_EQ(wrap_dim("sum", -1, 3), 2);
  EXPECT_EQ(wrap_dim("sum", 0, 0), 0);
  EXPECT_THROW(wrap_dim("sum", 3, 3), IndexError);
}
