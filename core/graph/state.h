// What a thread's ops look at first: one struct, reached with one instruction.
#pragma once

#include <cstdint>

#include "core/tensor/tensor.h"

namespace tapescope {

class Node;
class OpObserver;

struct ThreadState {
  bool grad_mode = true;
  bool saved_hooks = false;    // default hooks for tensors that are saved stand on this thread's stack
  uint32_t module = 0;         // innermost nn.Module whose forward is running; 0: none
  uint64_t sequence_nr = 0;    // of the next node made here
  Node* evaluating = nullptr;  // node whose backward runs on this thread
};

inline constinit thread_local ThreadState thread_state;

inline bool grad_enabled() noexcept {
  return thread_state.grad_mode;
}

class GradMode {
 public:
  explicit GradMode(bool on) noexcept : before_(thread_state.grad_mode) {
    thread_state.grad_mode = on && !inference_mode;
  }
  ~GradMode() { thread_state.grad_mode = before_; }
  GradMode(const GradMode&) = delete;
  GradMode& operator=(const GradMode&) = delete;

 private:
  bool before_;
};
struct NoGrad : GradMode {
  NoGrad() noexcept : GradMode(false) {}
};

}  // namespace tapescope
