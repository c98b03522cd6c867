#include "core/inspect/owners.h"

#include <gtest/gtest.h>

#include "core/graph/autograd_meta.h"
#include "core/ops/math.h"
#include "tests/core/support.h"

using namespace tapescope;
using namespace tapescope::inspect;
using namespace tapescope::testing;

namespace {

TEST(Owners, OfATensorAreTheNodesThatSavedItAndGradients) {
  const Tensor x = leaf({1, 2}), y = x * x;
  const auto holders = holders_of(*x.impl());
  int saved = 0, variable = 0;
  for (const Holder& h : holders) {
    saved += h.node == y.grad_fn()->id();
    variable += h.name == ".variable";
  }
  EXPECT_EQ(saved, 2);
  EXPECT_EQ(variable, 1);
  const Tensor g = vector({1, 1});
  autograd_meta(x).grad = g;
  ASSERT_EQ(holders_of(*g.impl()).size(), 1u);
  EXPECT_STREQ(holders_of(*g.impl())[0].kind, "grad");
  EXPECT_EQ(holders_of(*g.impl())[0].tensor, x.id());
}

TEST(Owners, OfANodeAreItsResultsAndTheNodesAbove) {
  const Tensor x = leaf({1, 2}), y = x * 2.0, z = y * 3.0;
  const auto holders = holders_of(*y.grad_fn());
  ASSERT_EQ(holders.size(), 2u);
  EXPECT_EQ(holders[0].node, z.grad_fn()->id());
  EXPECT_EQ(holders[0].name, ".next_functions[0]");
  EXPECT_EQ(holders[1].tensor, y.id());
}

TEST(Owners, WhatGoesWithThemIsCountedAndStays) {
  const Tensor x = leaf({1, 2});
  Tensor y = ops::sum((x * 2.0) * (x * 3.0));
  const LettingGo last{nullptr, y.impl(), 1};
  const Freed all = freed_by({&last, 1});
  EXPECT_EQ(all.nodes, 5);    // the sum, three products, and the accumulator, which owns a count of x
  EXPECT_EQ(all.tensors, 5);  // the result, the two that the product saved, and the numbers 2 and 3
  const Tensor also = y;
  EXPECT_EQ(freed_by({&last, 1}).nodes, 0);
  EXPECT_EQ(y.use_count(), 2u);
}

}  // namespace
