#include "core/graph/autograd_meta.h"

namespace tapescope {

void destroy(AutogradMeta* meta) noexcept {
  delete meta;
}

AutogradMeta& autograd_meta(const Tensor& t) {
  TensorImpl* impl = t.impl();
  if (!impl->meta) impl->meta = new AutogradMeta;
  return *impl->meta;
}

}  // namespace tapescope
