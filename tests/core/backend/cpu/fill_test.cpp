#include <gtest/gtest.h>

#include <cstring>
#include <vector>

#include "core/backend/kernels.h"

namespace tapescope::cpu {
namespace {

TEST(Fill, EverySizeAndCountFromEveryPlaceAndNothingElse) {
  const unsigned char element[16] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
  for (const int size : {1, 2, 4, 8, 16}) {
    for (const int64_t n : {0, 1, 2, 3, 7, 31, 32, 33, 64, 65, 127, 1000}) {
      for (const int64_t first : {0, 1, 3}) {
        const auto begin = static_cast<size_t>(first * size), bytes = static_cast<size_t>(n * size);
        std::vector<unsigned char> memory(begin + bytes + 64, 0xee), expected = memory, past = memory;
        for (size_t i = 0; i < bytes; ++i) expected[begin + i] = element[i % static_cast<size_t>(size)];
        fill(memory.data() + begin, element, n, size, false);
        fill(past.data() + begin, element, n, size, true);
        end_of_stream();
        ASSERT_EQ(past, expected) << n << " streamed elements of " << size << " bytes from the " << first << "th on";
        ASSERT_EQ(memory, expected) << n << " elements of " << size << " bytes from the " << first << "th on";
      }
    }
  }
}

}  // namespace
}  // namespace tapescope::cpu
