#include "core/inspect/table.h"

#include <gtest/gtest.h>

#include "tests/core/support.h"

using namespace tapescope;
using namespace tapescope::inspect;
using tapescope::testing::holds;

namespace {

std::string written(Table& t) {
  std::string out;
  t.write(out);
  return out;
}
// A table of one integer member, long enough to be columns.
std::string column(const std::function<int64_t(int64_t)>& f, int64_t n = 1001) {
  Table t;
  const int v = t.integer("v");
  for (int64_t i = 0; i < n; ++i) t.row(), t.set(v, f(i));
  return written(t);
}

TEST(Table, RowsLeaveOutWhatIsAbsent) {
  Table t;
  const int id = t.integer("id"), name = t.json("name"), ids = t.list("ids");
  t.row();
  t.set(id, 3);
  t.row();
  t.set(id, 4);
  t.set(name, json_string("a\"b\n"));
  t.set(ids, std::vector<int64_t>{1, 2});
  std::string out;
  t.write(out);
  EXPECT_EQ(out, R"([{"id":3},{"id":4,"name":"a\"b\n","ids":[1,2]}])");
}

TEST(Table, PastAThousandRowsItIsColumns) {
  Table t;
  const int id = t.integer("id"), name = t.json("name");
  for (int i = 0; i < 1001; ++i) {
    t.row();
    t.set(id, 10 + i);
    if (i % 2) t.set(name, std::string("\"x\""));
  }
  std::string out;
  t.write(out);
  EXPECT_TRUE(holds(out, R"("length":1001)"));
  EXPECT_TRUE(holds(out, R"("id":{"encoding":"runs","runs":[[1001,10,1]]})")) << out.substr(0, 300);
  EXPECT_TRUE(holds(out, R"("encoding":"dictionary","values":["x"])"));
}

TEST(Table, AnEmptyOneHasNoRows) {
  Table t;
  t.integer("id");
  EXPECT_EQ(written(t), "[]");
}

TEST(Table, ARowSetTwiceHasItsLastValue) {
  Table t;
  const int id = t.integer("id");
  t.row();
  t.set(id, 1);
  t.set(id, 2);
  t.row();
  EXPECT_EQ(written(t), R"([{"id":2},{}])");
}

TEST(Table, AThousandRowsAreRows) {
  EXPECT_TRUE(column([](int64_t) { return 1; }, 1000).starts_with("[{"));
  EXPECT_TRUE(column([](int64_t) { return 1; }, 1001).starts_with(R"({"length":1001)"));
}

TEST(Table, NumbersTakeTheNarrowestForm) {
  EXPECT_TRUE(holds(column([](int64_t i) { return i % 3 * 5 % 7; }), R"("encoding":"binary","type":"i8","base64")"));
  EXPECT_TRUE(holds(column([](int64_t i) { return i * i % 509 * 60; }), R"("type":"i16","base64")"));
  EXPECT_TRUE(holds(column([](int64_t i) { return i * i % 509 * 100'000; }), R"("type":"i32","base64")"));
  EXPECT_TRUE(holds(column([](int64_t i) { return (i * i % 509) << 40; }), R"("type":"f64","base64")"));
  // Far apart from nothing, near to each other: differences.
  EXPECT_TRUE(holds(column([](int64_t i) { return i * 10 + i * i % 7; }), R"("delta":true)"));
}

TEST(Table, AmongDifferencesTheLeastNumberIsAbsent) {
  Table t;
  const int id = t.integer("id");
  for (int i = 0; i < 1001; ++i) {
    t.row();
    if (i % 3) t.set(id, 1'000'000 + 10 * i + i % 2);
  }
  const std::string out = written(t);
  // 0x80 is absent; the first that is there is the base, the second is 9 further.
  EXPECT_TRUE(holds(out, R"("type":"i8","delta":true,"base":1000011,"base64":"gAAJgB)")) << out.substr(0, 200);
}

TEST(Table, FewIntegersAreADictionary) {
  EXPECT_TRUE(
      holds(column([](int64_t i) { return i * i % 7 * 100'000; }),
            R"("encoding":"dictionary","values":[0,100000,400000,200000],"index":{"encoding":"binary","type":"i8")"));
}

TEST(Table, AColumnThatNoRowFilledIsLeftOut) {
  Table t;
  const int id = t.integer("id");
  t.json("name");
  t.list("ids");
  for (int i = 0; i < 1001; ++i) t.row(), t.set(id, i);
  EXPECT_EQ(written(t), R"({"length":1001,"columns":{"id":{"encoding":"runs","runs":[[1001,0,1]]}}})");
}

TEST(Table, ListsAreLengthsAndValues) {
  Table t;
  const int ids = t.list("ids");
  for (int i = 0; i < 1001; ++i) t.row(), t.set(ids, std::vector<int64_t>{7, 7});
  EXPECT_TRUE(holds(written(t), R"("encoding":"lists","lengths":{"encoding":"runs","runs":[[1001,2,0]]},"values":)"));
}

TEST(Table, ATextIsStoredOnce) {
  Table t;
  const int name = t.json("name");
  const int32_t a = t.code(name, "\"a\""), b = t.code(name, "\"b\"");
  EXPECT_EQ(t.code(name, "\"a\""), a);
  EXPECT_NE(a, b);
  EXPECT_EQ(t.code(name, ""), -1);
}

}  // namespace
