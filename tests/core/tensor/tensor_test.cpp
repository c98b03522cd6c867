#include "core/tensor/tensor.h"

#include <gtest/gtest.h>

using namespace tapescope;

TEST(Tensor, SizesAreGuarded) {
  EXPECT_LE(sizeof(TensorImpl), 256u);
  EXPECT_EQ(sizeof(Tensor), sizeof(void*));
}

TEST(Tensor, ViewsShareStorageAndVersion) {
  const Tensor a = Tensor::empty({4, 6}, DType::float32);
  const Tensor b = a.alias({2, 6}, {6, 1}, 12);
  EXPECT_EQ(b.raw(), a.raw() + 48);
  b.bump_version();
  EXPECT_EQ(a.version(), 1u);
  EXPECT_NE(a.id(), b.id());
}

TEST(Tensor, KnowsWhetherItIsContiguous) {
  const Tensor a = Tensor::empty({4, 6}, DType::float32);
  EXPECT_TRUE(a.is_contiguous());
  EXPECT_FALSE(a.alias({6, 4}, {1, 6}, 0).is_contiguous());
  EXPECT_TRUE(a.alias({4, 1, 6}, {6, 99, 1}, 0).is_contiguous());
  EXPECT_TRUE(is_contiguous({0, 3}, {1, 7}));
}

TEST(Tensor, NegativeSizesAreRefused) {
  EXPECT_THROW(Tensor::empty({-1}, DType::float32), ShapeError);
}
