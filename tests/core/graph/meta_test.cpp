#include "core/graph/meta.h"

#include <gtest/gtest.h>

#include <set>
#include <thread>
#include <vector>

using namespace tapescope;

namespace {

TEST(Meta, EqualDtypeAndShapeAreOneRecord) {
  const TensorMeta* m = intern_meta(DType::float32, {2, 3});
  EXPECT_EQ(m->dtype, DType::float32);
  EXPECT_EQ(m->shape, (Dims{2, 3}));
  EXPECT_EQ(intern_meta(DType::float32, {2, 3}), m);
  EXPECT_EQ(intern_meta(Tensor::empty({2, 3}, DType::float32)), m);
}

TEST(Meta, WhatDiffersIsAnother) {
  std::set<const TensorMeta*> all;
  for (DType t : {DType::boolean, DType::int64, DType::float32, DType::float64})
    for (const Dims& shape : {Dims{}, Dims{0}, Dims{1}, Dims{1, 1}, Dims{2, 3}, Dims{3, 2}, Dims{6}, Dims(9, 1)})
      EXPECT_TRUE(all.insert(intern_meta(t, shape)).second) << name_of(t) << to_string(shape);
}

TEST(Meta, MoreShapesThanAThreadRemembersAreFoundAgain) {
  std::vector<const TensorMeta*> first;
  for (int64_t i = 0; i < 1000; ++i) first.push_back(intern_meta(DType::float64, {i, 7}));
  for (int64_t i = 0; i < 1000; ++i) EXPECT_EQ(intern_meta(DType::float64, {i, 7}), first[static_cast<size_t>(i)]);
}

TEST(Meta, ThreadsAgree) {
  std::vector<std::vector<const TensorMeta*>> found(4);
  std::vector<std::thread> threads;
  for (auto& mine : found)
    threads.emplace_back([&mine] {
      for (int64_t i = 0; i < 300; ++i) mine.push_back(intern_meta(DType::float32, {i, 11, i}));
    });
  for (auto& t : threads) t.join();
  for (const auto& mine : found) EXPECT_EQ(mine, found[0]);
}

}  // namespace
