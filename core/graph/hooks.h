// Hook interfaces. The engine calls hooks; what they are (Python callables, C++ functions) is behind these virtuals.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/tensor/tensor.h"

namespace tapescope {

struct TensorMeta;

// What a hook did to the gradient that it was given (of several, the first). Norms are -1 where none was taken.
struct HookEffect {
  enum class Change : uint8_t { none, replaced, in_place };
  Change change = Change::none;  // another tensor came back, or the one given was written
  int64_t pass = -1;             // -1: outside of one
  uint32_t order = 0;            // among the calls of hooks in the pass
  const TensorMeta *before = nullptr, *after = nullptr;
  double norm_before = -1, norm_after = -1;
};
struct HookRun {
  uint64_t count = 0;
  std::optional<HookEffect> last;  // while a cell was recorded
};

struct HookInfo {
  std::string name;       // the callable's qualified name
  std::string file = {};  // where it is defined; empty: not known
  int line = 0;
  uint64_t id = 0;             // of the handle
  const char* kind = nullptr;  // where it is one part of a hook of another kind
  HookRun run = {};
};

class Hook {
 public:
  virtual ~Hook() = default;
  // One entry a handle, in firing order.
  virtual std::vector<HookInfo> describe() const = 0;
};

// Sees the gradient of one input of a node (one tensor); may replace it.
class TensorPreHook : public Hook {
 public:
  virtual void operator()(Tensor& grad) = 0;
};
// Sees all incoming gradients of a node before it runs; may replace them.
class NodePreHook : public Hook {
 public:
  virtual void operator()(std::span<Tensor> grads) = 0;
};
// Sees what a node returned (`outputs`, may be replaced) and what it was given (`inputs`).
class NodePostHook : public Hook {
 public:
  virtual void operator()(std::span<Tensor> outputs, std::span<const Tensor> inputs) = 0;
};
// Sees a gradient that grad() is about to return, after the tensor's own hooks; what it returns takes its place.
class CaptureHook : public Hook {
 public:
  virtual Tensor operator()(const Tensor& grad) = 0;
};
// Sees a leaf after its gradient was accumulated.
class PostAccumulateGradHook : public Hook {
 public:
  virtual void operator()(const Tensor& leaf) = 0;
};

// All hooks of a node. Held by one pointer that is null on almost every node.
struct NodeHooks {
  struct OnInput {
    uint32_t input_nr;
    std::shared_ptr<TensorPreHook> hook;
  };
  std::vector<OnInput> tensor_pre;
  std::vector<OnInput> retain_grad;  // at most one an input
  std::vector<std::shared_ptr<NodePreHook>> pre;
  std::vector<std::shared_ptr<NodePostHook>> post;
};

}  // namespace tapescope
