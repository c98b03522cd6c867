#include <gtest/gtest.h>

#include "core/autograd/engine.h"
#include "core/ops/math.h"
#include "tests/core/support.h"

using namespace tapescope;
using namespace tapescope::testing;

namespace {

Tensor grid() {
  return ops::clone(ops::reshape(ops::arange(0, 12, 1, DType::float32), {3, 4}));
}
Tensor places(std::initializer_list<double> v) {
  return vector(v, DType::int64);
}

TEST(Index, Gathers) {
  const Tensor a = grid();
  EXPECT_EQ(values(ops::index(a, {places({2, -3})})), (std::vector<double>{8, 9, 10, 11, 0, 1, 2, 3}));
  const Tensor columns = ops::index(a, {Tensor(), places({2, -3})});
  EXPECT_EQ(columns.shape(), (Dims{3, 2}));
  EXPECT_EQ(values(columns), (std::vector<double>{2, 1, 6, 5, 10, 9}));
  EXPECT_EQ(values(ops::index(a, {places({0, 1, 2}), places({3, 2, 1})})), (std::vector<double>{3, 6, 9}));
}

TEST(Index, IndicesBroadcastAndStandWhereTheyStood) {
  const Tensor a = ops::reshape(ops::arange(0, 24, 1, DType::float32), {2, 3, 4});
  const Tensor row = ops::reshape(places({0, 2}), {2, 1}), column = places({1, 3, 0});
  EXPECT_EQ(ops::index(a, {Tensor(), row, column}).shape(), (Dims{2, 2, 3}));
  EXPECT_EQ(ops::index(a, {places({0, 1, 1}), Tensor(), column}).shape(), (Dims{3, 3}));  // apart: in front
  EXPECT_EQ(values(ops::index(a, {places({1}), Tensor(), places({2})})), (std::vector<double>{14, 18, 22}));
}

TEST(Index, AMaskPicksItsTrueElements) {
  const Tensor a = grid();
  EXPECT_EQ(values(ops::index(a, {a > 8.0})), (std::vector<double>{9, 10, 11}));
  EXPECT_EQ(ops::index(a, {vector({1, 0, 1}, DType::boolean)}).shape(), (Dims{2, 4}));
  EXPECT_EQ(ops::index(a, {a > 100.0}).shape(), (Dims{0}));
  EXPECT_THROW(ops::index(a, {vector({1, 0}, DType::boolean)}), IndexError);
}

TEST(Index, OfANonContiguousTensor) {
  EXPECT_EQ(values(ops::index(ops::t(grid()), {places({1})})), (std::vector<double>{1, 5, 9}));
}

TEST(Index, WhatIsOutsideIsRefused) {
  const Tensor a = grid();
  EXPECT_EQ(message([&] { ops::index(a, {places({3})}); }), "index 3 is out of bounds for dimension 0 with size 3");
  EXPECT_THROW(ops::index(a, {places({-4})}), IndexError);
  EXPECT_THROW(ops::index(a, {places({0}), places({0}), places({0})}), IndexError);
  EXPECT_THROW(ops::index(a, {vector({0})}), IndexError);
  EXPECT_THROW(ops::index(a, {places({0, 1}), places({0, 1, 2})}), ShapeError);
}

TEST(Index, AnElementPickedTwiceGetsBothGradients) {
  const Tensor x = leaf({1, 2, 3});
  backward({ops::sum(ops::index(x, {places({0, 2, 0})}) * 2.0)}, {}, false, false, {});
  EXPECT_EQ(values(grad_of(x)), (std::vector<double>{4, 0, 2}));
}

TEST(Index, LaterChangesOfTheIndicesDoNotMatter) {
  const Tensor x = leaf({1, 2, 3}), at = places({0});
  const Tensor y = ops::sum(ops::index(x, {at}));
  at.data<int64_t>()[0] = 2;  // behind the version counter's back, as NumPy does
  EXPECT_NO_THROW(backward({y}, {}, false, false, {}));
}

TEST(IndexPut, WritesAndAccumulates) {
  const Tensor a = grid();
  ops::index_put_(a, {places({2, -3})}, ops::scalar(1.0, DType::float32), true);
  EXPECT_EQ(values(ops::select(a, 0, 2)), (std::vector<double>{9, 10, 11, 12}));
  ops::index_put_(a, {places({0, 0})}, ops::scalar(1.0, DType::float32), true);  // each of the two counts
  EXPECT_EQ(values(ops::select(a, 0, 0)), (std::vector<double>{3, 4, 5, 6}));
  ops::index_put_(a, {Tensor(), places({1})}, vector({7}), false);
  EXPECT_EQ(values(ops::select(a, 1, 1)), (std::vector<double>{7, 7, 7}));
  EXPECT_EQ(a.version(), 3u);
  EXPECT_THROW(ops::index_put_(a, {places({0})}, vector({1, 2, 3}), false), ShapeError);
}

TEST(IndexPut, TakesValuesOfItsOwnType) {
  const Tensor a = vector({6, 3}, DType::int64), mask = vector({1, 0}, DType::boolean);
  EXPECT_TRUE(holds(message([&] { ops::index_put_(a, {places({0})}, vector({1.5}), false); }),
                    "requires the source and destination dtypes match, got int64 for the destination and float32"));
  EXPECT_THROW(ops::index_put_(a, {vector({1, 1}, DType::boolean)}, vector({1.5, 2}), false), DTypeError);
  EXPECT_EQ(a.version(), 0u);
  ops::index_put_(a, {mask}, vector({1.5}), false);  // a mask and one value are masked_fill_
  EXPECT_EQ(values(a), (std::vector<double>{1, 3}));
}

TEST(IndexPut, BothSidesGetTheirGradients) {
  const Tensor x = leaf({1, 2, 3}), v = leaf({10}), y = x * 1.0;
  ops::index_put_(y, {places({1})}, v, false);
  backward({ops::sum(y * vector({1, 2, 3}))}, {}, false, false, {});
  EXPECT_EQ(values(grad_of(x)), (std::vector<double>{1, 0, 3}));
  EXPECT_EQ(values(grad_of(v)), (std::vector<double>{2}));
}

}  // namespace
