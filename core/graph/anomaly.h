// Anomaly mode: while it is on, nodes remember the stack that made them, and a backward that fails tells the forward
// call behind the failing node.
#pragma once

namespace tapescope {

class Node;

// What remembers and tells is the Python face's; core says when.
class AnomalyMode {
 public:
  virtual ~AnomalyMode() = default;
  // In the node's constructor: its id and address are all that may be used. Must not throw.
  virtual void created(const Node& node) noexcept = 0;
  // A backward raises because of this node; the exception is in flight and goes on.
  virtual void failed(const Node& node) = 0;

  bool check_nan = true;  // a NaN among a node's results is an error
};

// Null: off. Of the process, as in PyTorch; read once a node.
inline AnomalyMode* anomaly_mode = nullptr;

}  // namespace tapescope
