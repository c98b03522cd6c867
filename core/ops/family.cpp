#include "core/ops/family.h"

#include "core/backend/cuda/plugin.h"

namespace tapescope::ops {

// One line a family.
void add_arithmetic_ops();
void add_bitwise_ops();
void add_exponential_ops();
void add_hyperbolic_ops();
void add_piecewise_ops();
void add_rounding_ops();
void add_trigonometric_ops();

namespace {

std::vector<const PointwiseInfo*>& registry() {
  static auto& all = *new std::vector<const PointwiseInfo*>;
  return all;
}

}  // namespace

void register_pointwise(const PointwiseInfo* info) {
  registry().push_back(info);
}

const std::vector<const PointwiseInfo*>& all_pointwise() {
  static const bool filled = [] {
    add_arithmetic_ops();
    add_bitwise_ops();
    add_exponential_ops();
    add_hyperbolic_ops();
    add_piecewise_ops();
    add_rounding_ops();
    add_trigonometric_ops();
    return true;
  }();
  (void)filled;
  return registry();
}

const PointwiseInfo& pointwise(std::string_view name, int arity) {
  for (const PointwiseInfo* i : all_pointwise())
    if (i->name == name && i->arity == arity) return *i;
  throw InternalError("no pointwise op is called {}", name);
}

void run_pointwise_on_cuda(bool on) {
  const cuda::Plugin& plugin = cuda::plugin();
  if (const char* trouble = on ? plugin.trouble() : nullptr) throw NotImplementedError("CUDA: {}", trouble);
  for (const PointwiseInfo* i : all_pointwise()) {
    i->kernels = i->cpu_kernels;
    if (!on) continue;
    const cuda::OpKernels* op = plugin.op(i->name.c_str(), i->arity);
    if (op == nullptr) throw InternalError("the CUDA backend does not offer {}", i->name);
    i->kernels = &op->staged;
  }
}

}  // namespace tapescope::ops
