// The request that an output belongs to.
#pragma once

#include <memory>
#include <string>
#include <vector>

namespace tapescope_kernel {

struct Parent {
  std::vector<std::string> identities;  // route back to the client that asked
  std::string header;                   // JSON, as it came
};

// Outputs outlive the handling of their request (tasks, threads), so parents are shared and never change.
using ParentPtr = std::shared_ptr<const Parent>;

}  // namespace tapescope_kernel
