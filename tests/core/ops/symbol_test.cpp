#include "core/ops/symbol.h"

#include <gtest/gtest.h>

#include "core/ops/family.h"

using namespace tapescope::ops;

TEST(Symbol, BracketsFollowTheOperators) {
  const Sym x("x"), y("y");
  EXPECT_EQ((x * (x + y)).text(), "x * (x + y)");
  EXPECT_EQ((x - (y - x)).text(), "x - (y - x)");
  EXPECT_EQ((x / (x * y)).text(), "x / (x * y)");
  EXPECT_EQ((-(x + y)).text(), "-(x + y)");
  EXPECT_EQ((x * Sym(1.0)).text(), "x");
}

TEST(Symbol, DerivativesArePrintedFromTheCodeThatRuns) {
  EXPECT_EQ(pointwise("tanh", 1).type.derivatives[0], "grad * (1 - result * result)");
  EXPECT_EQ(pointwise("mul", 2).type.derivatives[0], "grad * other");
  EXPECT_EQ(pointwise("mul", 2).type.derivatives[1], "grad * self");
  EXPECT_EQ(pointwise("add", 2).type.derivatives[1], "grad");
  EXPECT_EQ(pointwise("sub", 2).type.derivatives[1], "-grad");
  EXPECT_EQ(pointwise("sin", 1).type.derivatives[0], "grad * cos(self)");
  EXPECT_EQ(pointwise("relu", 1).type.derivatives[0], "where(result > 0, grad, 0)");
  EXPECT_EQ(pointwise("remainder", 2).type.derivatives[1], "-grad * floor_divide(self, other)");
  EXPECT_EQ(pointwise("fmod", 2).type.derivatives[1], "-grad * trunc(self / other)");
  EXPECT_EQ(pointwise("floor_divide", 2).type.derivatives[1], "not implemented");
}
