// Text written to stdout and stderr on its way to the front end.
//
// Invariants
//   * Chunks are sent in the order in which they were written, and before any message published after them (publish
//     calls flush first). The lock is held while sending, or a second flush could overtake the first.
//   * A chunk waits at most kDelay; the thread that sees to this needs no GIL, so output appears while C code runs.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "parent.h"

namespace tapescope_kernel {

class Streams {
 public:
  using Send = std::function<void(const std::string& name, const std::string& text, const ParentPtr& parent)>;

  explicit Streams(Send send);
  ~Streams();

  void write(std::string_view name, std::string_view text, const ParentPtr& parent);
  void flush();

 private:
  struct Chunk {
    std::string name;
    std::string text;
    ParentPtr parent;
  };

  void send_all();  // with the lock held
  void run();

  Send send_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Chunk> chunks_;
  size_t bytes_ = 0;
  bool stop_ = false;
  std::thread timer_;
};

}  // namespace tapescope_kernel
