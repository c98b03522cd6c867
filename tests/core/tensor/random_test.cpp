#include "core/tensor/random.h"

#include <gtest/gtest.h>

using namespace tapescope;

TEST(Generator, SameSeedSameNumbers) {
  Generator a, b;
  a.seed(7);
  b.seed(7);
  EXPECT_EQ(a.next().block(3), b.next().block(3));
  EXPECT_NE(a.next().block(3), b.next().block(4));
}

// The published vector for Philox4x32-10 with counter and key 0.
TEST(Generator, IsPhilox) {
  const std::array<uint32_t, 4> expected = {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8};
  EXPECT_EQ(Generator::Draw(0, 0).block(0), expected);
}

TEST(Generator, StateIsRestored) {
  Generator g;
  g.seed(1);
  g.next();
  const auto s = g.state();
  const auto x = g.next().block(0);
  g.set_state(s);
  EXPECT_EQ(g.next().block(0), x);
}
