// The backend that is not there: it has the table of one that is, and whatever is called says why it is absent.
#include <algorithm>

#include "core/backend/cuda/plugin.h"
#include "core/tensor/error.h"

namespace tapescope::cuda {
namespace {

std::string& reason() {
  static auto& text = *new std::string;
  return text;
}

void refuse(void*, const void* const*, unsigned, int64_t, const double*) {
  throw NotImplementedError("CUDA: {}", reason());
}

const OpKernels* refusing(const char* name, int arity) {
  static thread_local OpKernels op;
  op = {name, arity, {}, {}};
  for (PointwiseKernels* k : {&op.device, &op.staged}) {
    std::ranges::fill(k->forward, refuse);
    for (auto& row : k->backward) std::ranges::fill(row, refuse);
  }
  return &op;
}

}  // namespace

const Plugin& absent(std::string why) {
  static const Plugin none{kPluginVersion, [] { return reason().c_str(); }, [] { return 0; }, [](int) { return ""; },
                           refusing};
  reason() = std::move(why);
  return none;
}

}  // namespace tapescope::cuda
