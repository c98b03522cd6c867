#include "core/trace/type.h"

#include <gtest/gtest.h>

namespace tapescope::jit {
namespace {

TEST(Type, PrintsAsPyTorch) {
  EXPECT_EQ(Type::tensor()->str(), "Tensor");
  EXPECT_EQ(Type::tensor(DType::float32, {2, 3})->str(), "Float(2, 3)");
  EXPECT_EQ(Type::tensor(DType::complex128, {})->str(), "ComplexDouble()");
  EXPECT_EQ(Type::list(Type::list(Type::integer()))->str(), "int[][]");
  EXPECT_EQ(Type::tuple({Type::tensor(), Type::none()})->str(), "(Tensor, NoneType)");
  EXPECT_EQ(Type::dict(Type::text(), Type::boolean())->str(), "Dict(str, bool)");
}

TEST(Type, ATensorOfKnownShapeIsATensor) {
  const TypePtr known = Type::tensor(DType::float32, {2});
  EXPECT_TRUE(is_subtype(*known, *Type::tensor()));
  EXPECT_FALSE(is_subtype(*Type::tensor(), *known));
  EXPECT_TRUE(is_subtype(*Type::tuple({known}), *Type::tuple({Type::tensor()})));
  EXPECT_FALSE(is_subtype(*Type::integer(), *Type::real()));
  EXPECT_TRUE(*Type::list(known) == *Type::list(Type::tensor(DType::float32, {2})));
  EXPECT_FALSE(*known == *Type::tensor(DType::float32, {3}));
}

TEST(Type, EveryDTypeHasANameAndANumber) {
  for (int i = 0; i < kDTypes; ++i) {
    const auto t = static_cast<DType>(i);
    EXPECT_EQ(scalar_type_named(scalar_type_name(t)), t);
    EXPECT_EQ(scalar_type_numbered(scalar_type_number(t)), t);
  }
  EXPECT_EQ(scalar_type_number(DType::float32), 6);
  EXPECT_FALSE(scalar_type_numbered(99));
}

}  // namespace
}  // namespace tapescope::jit
