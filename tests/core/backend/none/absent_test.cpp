#include <gtest/gtest.h>

#include "core/backend/cuda/plugin.h"
#include "core/tensor/error.h"

namespace tapescope::cuda {
namespace {

TEST(Absent, HasTheWholeTableAndEveryEntrySaysWhy) {
  const Plugin& none = absent("there is no GPU in this test");
  EXPECT_STREQ(none.trouble(), "there is no GPU in this test");
  EXPECT_EQ(none.device_count(), 0);
  const OpKernels* add = none.op("add", 2);
  ASSERT_NE(add, nullptr);
  for (const PointwiseKernels* k : {&add->device, &add->staged}) {
    for (int t = 0; t < kDTypes; ++t) {
      for (const PointwiseKernel each : {k->forward[t], k->backward[0][t], k->backward[1][t]}) {
        ASSERT_NE(each, nullptr);
        try {
          each(nullptr, nullptr, 0, 1, nullptr);
          FAIL();
        } catch (const NotImplementedError& error) {
          EXPECT_STREQ(error.what(), "CUDA: there is no GPU in this test");
        }
      }
    }
  }
}

}  // namespace
}  // namespace tapescope::cuda
