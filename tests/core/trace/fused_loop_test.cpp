#include "core/trace/fused_loop.h"

#include <gtest/gtest.h>

#include "tests/core/trace/support.h"

namespace tapescope::jit {
namespace {

const auto& chain() {
  static const auto g = testing::parsed(
      "graph(%x : Float(2), %y : Float()):\n"
      "  %2 : Float(2) = aten::mul(%x, %y)\n"
      "  %3 : Float(2) = aten::tanh(%2)\n"
      "  %4 : Float(2) = aten::add(%3, %x)\n"
      "  return (%4)\n");
  return *g;
}

Tensor random(const Dims& shape, DType t = DType::float32) {
  return ops::randn(shape, t);
}

TEST(FusedLoop, HasTheBitsOfTheOps) {
  const auto loop = FusedLoop::compile(chain());
  ASSERT_TRUE(loop);
  for (const DType t : {DType::float32, DType::float64})
    for (const int64_t n : {int64_t{1}, int64_t{7}, int64_t{2048}, int64_t{2049}, int64_t{100003}}) {
      const Tensor x = random({n}, t), y = ops::full({}, 0.5, t);
      const Tensor* in[] = {&x, &y};
      const auto out = loop->run(in);
      ASSERT_TRUE(out);
      const Tensor alone = ops::apply("add", ops::apply("tanh", ops::apply("mul", x, y)), x);
      EXPECT_EQ(std::memcmp((*out)[0].raw(), alone.raw(), static_cast<size_t>(alone.nbytes())), 0) << n;
    }
}

TEST(FusedLoop, TakesNumbersOfTheProgram) {
  const auto loop = FusedLoop::compile(chain());
  for (const DType t : {DType::float32, DType::float64})
    for (const Tensor& y : {ops::scalar(int64_t{3}), ops::full({}, 0.1, DType::float64)}) {
      const Tensor x = random({2049}, t);
      const Tensor* in[] = {&x, &y};
      const auto out = loop->run(in);
      ASSERT_TRUE(out);
      const Tensor alone = ops::apply("add", ops::apply("tanh", ops::apply("mul", x, y)), x);
      EXPECT_EQ(std::memcmp((*out)[0].raw(), alone.raw(), static_cast<size_t>(alone.nbytes())), 0);
    }
}

TEST(FusedLoop, LeavesTheRestToTheOps) {
  const auto loop = FusedLoop::compile(chain());
  const Tensor y = ops::full({}, 0.5, DType::float32), row = random({3}), matrix = random({3, 3});
  const auto refuses = [&](const Tensor& a, const Tensor& b) {
    const Tensor* in[] = {&a, &b};
    return !loop->run(in);
  };
  EXPECT_TRUE(refuses(testing::leaf({1, 2}), y));          // a gradient is wanted
  EXPECT_TRUE(refuses(ops::t(matrix), y));                 // not in order
  EXPECT_TRUE(refuses(matrix, row));                       // broadcast
  EXPECT_TRUE(refuses(row, random({3}, DType::float64)));  // two dtypes
  EXPECT_TRUE(refuses(ops::full({3}, 1, DType::int64), ops::full({}, 1, DType::int64)));
  EXPECT_TRUE(refuses(random({0}), y));
  EXPECT_FALSE(refuses(row, y));
  const NoGrad off;
  EXPECT_FALSE(refuses(testing::leaf({1, 2}), y));
}

TEST(FusedLoop, TakesPointwiseOpsAlone) {
  EXPECT_FALSE(
      FusedLoop::compile(*parse_ir("graph(%x : Float(2, 2)):\n  %1 : Float(2, 2) = aten::t(%x)\n  return (%1)\n")));
  EXPECT_FALSE(FusedLoop::compile(*parse_ir("graph(%x : Float(2)):\n  return (%x)\n")));
}

}  // namespace
}  // namespace tapescope::jit
