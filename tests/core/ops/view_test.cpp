#include <gtest/gtest.h>

#include "core/autograd/engine.h"
#include "core/graph/autograd_meta.h"
#include "core/ops/math.h"
#include "core/ops/ops.h"

using namespace tapescope;

namespace {

Tensor grid(bool grad = false) {
  Tensor t = ops::reshape(ops::arange(0, 12, 1, DType::float32), {3, 4});
  Tensor out = ops::clone(t);
  out.impl()->requires_grad_flag = grad;
  return out;
}

TEST(View, SharesMemoryWhereItCan) {
  const Tensor a = grid();
  EXPECT_EQ(ops::reshape(a, {2, 6}).impl()->storage, a.impl()->storage);
  EXPECT_NE(ops::reshape(ops::t(a), {12}).impl()->storage, a.impl()->storage);
  EXPECT_EQ(ops::view(ops::slice(a, 0, 0, 3, 2), {2, 2, 2}).shape(), (Dims{2, 2, 2}));
  EXPECT_THROW(ops::view(ops::t(a), {12}), ShapeError);
  EXPECT_THROW(ops::view(a, {5, -1}), ShapeError);
  EXPECT_THROW(ops::view(a, {-1, -1}), ShapeError);
}

TEST(View, WritesReachTheBaseAndItsHistory) {
  const Tensor x = grid(true), y = x * 2.0;
  const Tensor row = ops::select(y, 0, 1);
  ops::binary_(ops::pointwise("mul", 2), row, ops::scalar(10.0, DType::float32));
  EXPECT_EQ(y.grad_fn()->type().name, "CopySlices");
  backward({ops::sum(y)}, {}, false, false, {});
  const float* g = x.impl()->meta->grad.data<float>();
  EXPECT_EQ(g[0], 2);
  EXPECT_EQ(g[4], 20);
  EXPECT_EQ(g[8], 2);
}

TEST(View, AStaleViewAsksItsBase) {
  const Tensor x = grid(true), y = x * 2.0, row = ops::select(y, 0, 1);
  ops::binary_(ops::pointwise("mul", 2), y, ops::scalar(3.0, DType::float32));
  backward({ops::sum(row)}, {}, false, false, {});
  const float* g = x.impl()->meta->grad.data<float>();
  EXPECT_EQ(g[0], 0);
  EXPECT_EQ(g[5], 6);
}

TEST(View, OfALeafMayNotBeWritten) {
  const Tensor x = grid(true);
  EXPECT_THROW(ops::fill_(ops::select(x, 0, 0), 1), AutogradError);
}

TEST(Index, GathersAndScatters) {
  const Tensor a = grid();
  Tensor rows = Tensor::empty({2}, DType::int64);
  rows.data<int64_t>()[0] = 2;
  rows.data<int64_t>()[1] = -3;
  const Tensor picked = ops::index(a, {rows});
  EXPECT_EQ(picked.shape(), (Dims{2, 4}));
  EXPECT_EQ(picked.data<float>()[0], 8);
  EXPECT_EQ(picked.data<float>()[4], 0);
  const Tensor columns = ops::index(a, {Tensor(), rows});
  EXPECT_EQ(columns.shape(), (Dims{3, 2}));
  EXPECT_EQ(columns.data<float>()[3], 5);  // row 1, column -3
  EXPECT_EQ(ops::index(a, {a > 5.0}).numel(), 6);
  ops::index_put_(a, {rows}, ops::scalar(1.0, DType::float32), true);
  EXPECT_EQ(a.data<float>()[8], 9);
  rows.data<int64_t>()[0] = 3;
  EXPECT_THROW(ops::index(a, {rows}), IndexError);
}

}  // namespace
