#include "core/ops/device.h"

#include <algorithm>
#include <array>

#include "core/tensor/error.h"

namespace tapescope::ops {

void check_device(std::string_view device) {
  static constexpr std::array<std::string_view, 10> others{"cuda", "mps",  "xpu", "meta",   "hip",
                                                           "hpu",  "mtia", "xla", "vulkan", "privateuseone"};
  const size_t colon = device.find(':');
  const std::string_view type = device.substr(0, colon);
  const std::string_view index = colon == std::string_view::npos ? "0" : device.substr(colon + 1);
  const bool known = type == "cpu" || std::find(others.begin(), others.end(), type) != others.end();
  if (!known || index.empty() || index.find_first_not_of("0123456789") != std::string_view::npos)
    throw ValueError("device: '{}' names no device; tensors lie on 'cpu'", device);
  if (type != "cpu") throw NotImplementedError("device: no tensors on '{}' yet; use 'cpu'", device);
  if (index != "0") throw ValueError("device: there is one CPU, 'cpu' or 'cpu:0'; not '{}'", device);
}

}  // namespace tapescope::ops
