#include <gtest/gtest.h>

#include <cmath>

#include "core/autograd/engine.h"
#include "core/ops/math.h"
#include "tests/core/support.h"

using namespace tapescope;
using namespace tapescope::testing;

namespace {

using ops::Comparison;

TEST(Compare, EachOfThem) {
  const Tensor a = vector({1, 2, 3}), b = vector({2, 2, 2});
  const auto truth = [&](Comparison c) { return values(ops::compare(c, a, b)); };
  EXPECT_EQ(truth(Comparison::eq), (std::vector<double>{0, 1, 0}));
  EXPECT_EQ(truth(Comparison::ne), (std::vector<double>{1, 0, 1}));
  EXPECT_EQ(truth(Comparison::lt), (std::vector<double>{1, 0, 0}));
  EXPECT_EQ(truth(Comparison::le), (std::vector<double>{1, 1, 0}));
  EXPECT_EQ(truth(Comparison::gt), (std::vector<double>{0, 0, 1}));
  EXPECT_EQ(truth(Comparison::ge), (std::vector<double>{0, 1, 1}));
  EXPECT_EQ(ops::compare(Comparison::eq, a, b).dtype(), DType::boolean);
}

TEST(Compare, NaNEqualsNothing) {
  const Tensor n = vector({NAN});
  EXPECT_EQ(values(n == n), (std::vector<double>{0}));
  EXPECT_EQ(values(ops::compare(Comparison::ne, n, n)), (std::vector<double>{1}));
  EXPECT_EQ(values(n > 0.0), (std::vector<double>{0}));
}

TEST(Compare, LargeIntegersAreNotRounded) {
  const Tensor a = ops::scalar((int64_t{1} << 53) + 1), b = ops::scalar(int64_t{1} << 53);
  EXPECT_EQ(values(ops::compare(Comparison::gt, a, b)), (std::vector<double>{1}));
}

TEST(Compare, BroadcastsAndRecordsNothing) {
  const Tensor x = leaf({1, 2, 3});
  const Tensor c = ops::compare(Comparison::gt, ops::unsqueeze(x, 1), x);
  EXPECT_EQ(c.shape(), (Dims{3, 3}));
  EXPECT_FALSE(c.requires_grad());
}

TEST(Logical, AndOrNot) {
  const Tensor a = vector({0, 0, 2, 2}), b = vector({0, 3, 0, 3});
  EXPECT_EQ(values(ops::logical_and(a, b)), (std::vector<double>{0, 0, 0, 1}));
  EXPECT_EQ(values(ops::logical_or(a, b)), (std::vector<double>{0, 1, 1, 1}));
  EXPECT_EQ(values(ops::logical_not(a)), (std::vector<double>{1, 1, 0, 0}));
}

TEST(Where, PicksAndSendsEachGradientToItsSide) {
  const Tensor x = leaf({1, 2, 3}), y = leaf({10}), c = vector({1, 0, 1}, DType::boolean);
  const Tensor w = ops::where(c, x, y);
  EXPECT_EQ(values(w), (std::vector<double>{1, 10, 3}));
  backward({ops::sum(w * vector({1, 2, 4}))}, {}, false, false, {});
  EXPECT_EQ(values(grad_of(x)), (std::vector<double>{1, 0, 4}));
  EXPECT_EQ(values(grad_of(y)), (std::vector<double>{2}));
  EXPECT_THROW(ops::where(x, x, y), DTypeError);
}

TEST(Where, NaNOnTheOtherSideDoesNotReachTheGradient) {
  const Tensor x = leaf({-1, 4});
  const Tensor y = ops::where(vector({0, 1}, DType::boolean), ops::math::sqrt(x), ops::scalar(0.0, DType::float32));
  EXPECT_EQ(values(y), (std::vector<double>{0, 2}));
}

}  // namespace
