#include "core/graph/autograd_meta.h"

namespace tapescope {

void destroy(AutogradMeta* meta) noexcept {
  delete meta;
}

bool history_awaits(const TensorImpl& view) noexcept {
  const AutogradMeta* meta = view.meta;
  if (!meta || !meta->base.defined()) return false;
  const uint32_t now = view.has_private_version ? view.private_version : view.storage->version();
  return meta->base_version != now && meta->base.requires_grad();
}

bool base_requires_grad(const TensorImpl& view) noexcept {
  return view.meta && view.meta->base.defined() && view.meta->base.requires_grad();
}

AutogradMeta& autograd_meta(const Tensor& t) {
  TensorImpl* impl = t.impl();
  if (!impl->meta) impl->meta = new AutogradMeta;
  return *impl->meta;
}

void check_creation(const Tensor& view, bool indirect) {
  const AutogradMeta* meta = view.impl()->meta;
  if (!meta || meta->creation == Creation::normal) return;
  const Node* node = view.grad_fn();
  const std::string output = fmt::format("Output {} of {} is a view", view.impl()->output_nr,
                                         node ? node->type().name : std::string("a function"));
  const char* written =
      indirect ? "its base or another view of its base has been modified inplace" : "is being modified inplace";
  const auto ambiguous = [&](const char* mode, const char* block) {
    throw AutogradError(
        "A view was created in {} mode and {} {}. Given that this use case is ambiguous and error-prone, it is "
        "forbidden. You can clarify your code by moving both the view and the inplace either both inside the {} block "
        "(if you don't want the inplace to be tracked) or both outside (if you want the inplace to be tracked).",
        mode, written, block == std::string_view("no_grad") ? "with grad mode enabled" : "in normal mode", block);
  };
  switch (meta->creation) {
    case Creation::normal:
      return;
    case Creation::no_grad:
      ambiguous("no_grad", "no_grad");
      return;
    case Creation::inference:
      ambiguous("inference", "inference_mode");
      return;
    case Creation::multi_output:
      throw AutogradError(
          "{} and {}. This view is the output of a function that returns multiple views. Such functions do not allow "
          "the output views to be modified inplace. You should replace the inplace operation by an out-of-place one.",
          output, written);
    case Creation::custom_function:
      throw AutogradError(
          "{} and {}. This view was created inside a custom Function (or because an input was returned as-is) and the "
          "autograd logic to handle view+inplace would override the custom backward associated with the custom "
          "Function, leading to incorrect gradients. This behavior is forbidden. You can fix this by cloning the "
          "output of the custom Function.",
          output, written);
  }
}

}  // namespace tapescope
