#include <gtest/gtest.h>

#include <set>

#include "core/tensor/random.h"
#include "tests/core/support.h"

using namespace tapescope;
using namespace tapescope::testing;

namespace {

TEST(Factory, Arange) {
  EXPECT_EQ(values(ops::arange(0, 1, 0.25, DType::float64)), (std::vector<double>{0, 0.25, 0.5, 0.75}));
  EXPECT_EQ(values(ops::arange(3, 0, -2, DType::int64)), (std::vector<double>{3, 1}));
  EXPECT_EQ(ops::arange(2, 2, 1, DType::int64).numel(), 0);
  EXPECT_THROW(ops::arange(0, 1, 0, DType::float32), ValueError);
  EXPECT_THROW(ops::arange(0, 1, -1, DType::float32), ValueError);
  EXPECT_THROW(ops::arange(0, 1e300, 1, DType::float32), ValueError);
  EXPECT_THROW(ops::arange(0, NAN, 1, DType::float32), ValueError);
}

TEST(Factory, LinspaceEndsAtItsEnd) {
  EXPECT_EQ(values(ops::linspace(0, 1, 3, DType::float64)), (std::vector<double>{0, 0.5, 1}));
  EXPECT_EQ(values(ops::linspace(0, 0.3, 7, DType::float64)).back(), 0.3);
  EXPECT_EQ(values(ops::linspace(5, 9, 1, DType::float64)), (std::vector<double>{5}));
  EXPECT_EQ(ops::linspace(0, 1, 0, DType::float64).numel(), 0);
  EXPECT_THROW(ops::linspace(0, 1, -1, DType::float64), ValueError);
}

TEST(Factory, Eye) {
  EXPECT_EQ(values(ops::eye(2, 3, DType::int64)), (std::vector<double>{1, 0, 0, 0, 1, 0}));
}

TEST(Factory, FullInEveryDtype) {
  for (DType t : {DType::boolean, DType::int64, DType::float32, DType::float64})
    EXPECT_EQ(values(ops::full({2}, 1, t)), (std::vector<double>{1, 1}));
  EXPECT_EQ(ops::full({}, 1, DType::float32).dim(), 0);
  EXPECT_EQ(ops::full({0, 3}, 1, DType::float32).numel(), 0);
}

TEST(Random, ASeedFixesTheNumbersAndOneDrawMovesOn) {
  Generator::global().seed(3);
  const Tensor a = ops::rand({1000}, DType::float32), b = ops::rand({1000}, DType::float32);
  Generator::global().seed(3);
  EXPECT_EQ(values(ops::rand({1000}, DType::float32)), values(a));
  EXPECT_NE(values(a), values(b));
}

TEST(Random, LieWhereTheyShould) {
  for (DType t : {DType::float32, DType::float64}) {
    double total = 0;
    for (double v : values(ops::rand({10'001}, t))) {
      EXPECT_GE(v, 0);
      EXPECT_LT(v, 1);
      total += v;
    }
    EXPECT_NEAR(total / 10'001, 0.5, 0.02);
    double sum = 0, squares = 0;
    for (double v : values(ops::randn({10'001}, t))) sum += v, squares += v * v;
    EXPECT_NEAR(sum / 10'001, 0, 0.05);
    EXPECT_NEAR(squares / 10'001, 1, 0.06);
  }
  std::set<double> seen;
  for (double v : values(ops::randint(-2, 3, {1000}, DType::int64))) seen.insert(v);
  EXPECT_EQ(seen, (std::set<double>{-2, -1, 0, 1, 2}));
  EXPECT_THROW(ops::randint(3, 3, {1}, DType::int64), ValueError);
  EXPECT_THROW(ops::rand({1}, DType::int64), DTypeError);
}

TEST(Random, APermutationHasEveryNumberOnce) {
  const auto p = values(ops::randperm(100));
  EXPECT_EQ(std::set<double>(p.begin(), p.end()).size(), 100u);
  EXPECT_NE(p, values(ops::arange(0, 100, 1, DType::int64)));
  EXPECT_EQ(ops::randperm(0).numel(), 0);
  EXPECT_THROW(ops::randperm(-1), ValueError);
}

}  // namespace
