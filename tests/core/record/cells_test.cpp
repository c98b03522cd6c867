#include "core/record/cells.h"

#include <gtest/gtest.h>

#include <string>

using namespace tapescope;

namespace {

TEST(Cells, HashIsSha256) {
  EXPECT_EQ(sha256_prefix(""), "e3b0c44298fc1c14");
  EXPECT_EQ(sha256_prefix("abc"), "ba7816bf8f01cfea");
  EXPECT_EQ(sha256_prefix(std::string(1000, 'a')), "41edece42d63e8d9");
}

TEST(Cells, TheLatestOfANameCounts) {
  register_cell("f", "1", 1);
  const auto second = register_cell("f", "2", 2);
  EXPECT_EQ(find_cell_by_file("f")->id, second);
  EXPECT_EQ(find_cell(second)->source, "2");
  EXPECT_EQ(find_cell(0), nullptr);
  EXPECT_EQ(find_cell(second + 1), nullptr);
  EXPECT_EQ(find_cell_by_file("g"), nullptr);
}

TEST(Cells, OldSourcesAreLetGo) {
  const auto first = register_cell("old", "x", 1);
  for (int i = 0; i < 5000; ++i) register_cell("new", "y", i);
  EXPECT_EQ(find_cell(first), nullptr);
  EXPECT_EQ(find_cell_by_file("old"), nullptr);
  EXPECT_EQ(find_cell_by_file("new")->execution_count, 4999);
}

}  // namespace
