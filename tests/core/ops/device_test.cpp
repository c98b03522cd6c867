#include "core/ops/device.h"

#include <gtest/gtest.h>

#include "core/tensor/error.h"

using namespace tapescope;

namespace {

TEST(Device, TheCpuIsWhereTensorsLie) {
  for (const char* name : {"cpu", "cpu:0"}) EXPECT_NO_THROW(ops::check_device(name)) << name;
}

TEST(Device, OthersAreNotThereYet) {
  for (const char* name : {"cuda", "cuda:1", "mps", "meta"})
    EXPECT_THROW(ops::check_device(name), NotImplementedError) << name;
}

TEST(Device, WhatNamesNoneIsAnError) {
  for (const char* name : {"", "gpu", "cpu:1", "cpu:", "cpu:x", "cuda:", ":0"})
    EXPECT_THROW(ops::check_device(name), ValueError) << name;
}

}  // namespace
