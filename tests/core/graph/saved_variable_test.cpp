#include "core/graph/saved_variable.h"

#include <gtest/gtest.h>

#include "core/ops/math.h"
#include "core/ops/ops.h"

using namespace tapescope;

namespace {
Tensor leaf() {
  Tensor t = ops::full({2}, 1, DType::float32);
  t.impl()->requires_grad_flag = true;
  return t;
}
}  // namespace

TEST(SavedVariable, KeepsTheVeryInput) {
  const Tensor x = leaf(), y = x * x;
  const SavedVariable& s = *y.grad_fn()->slots()[0].variable;
  EXPECT_TRUE(s.unpack(*y.grad_fn(), "self").is_same(x));
}

TEST(SavedVariable, AnOutputIsKeptWithoutACycle) {
  Tensor y = ops::apply("tanh", leaf());
  const SavedVariable& s = *y.grad_fn()->slots()[0].variable;
  EXPECT_EQ(y.use_count(), 1u);
  const Tensor again = s.unpack(*y.grad_fn(), "result");
  EXPECT_EQ(again.grad_fn(), y.grad_fn());
  EXPECT_EQ(again.id(), y.id());
}

TEST(SavedVariable, NoticesWrites) {
  const Tensor x = leaf(), a = x * 2.0, y = a * a;
  a.bump_version();
  try {
    y.grad_fn()->slots()[0].variable->unpack(*y.grad_fn(), "self");
    FAIL();
  } catch (const AutogradError& e) {
    const std::string text = e.what();
    EXPECT_NE(text.find("modified by an inplace operation: [float32 [2]]"), std::string::npos) << text;
    EXPECT_NE(text.find("is at version 1; expected version 0"), std::string::npos) << text;
  }
}

TEST(SavedVariable, RemembersTheIdOfWhatItLetGo) {
  const Tensor x = leaf(), y = x * x;
  y.grad_fn()->release_variables(5);
  const SavedVariable& s = *y.grad_fn()->slots()[0].variable;
  EXPECT_FALSE(s.alive());
  EXPECT_EQ(s.tensor_id(), x.id());
  EXPECT_FALSE(s.data().defined());
  EXPECT_THROW(s.unpack(*y.grad_fn(), "self"), AutogradError);
}
