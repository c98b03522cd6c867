// Where tensors lie. All lie in the CPU's memory; other devices are refused by name.
#pragma once

#include <string_view>

namespace tapescope::ops {

// Throws NotImplementedError for a device that there is, elsewhere; ValueError for what names none.
void check_device(std::string_view device);

}  // namespace tapescope::ops
