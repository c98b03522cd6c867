// Descriptors 1 and 2, caught: what C code, child processes and a crashing library write there belongs in the notebook.
#pragma once

#include <array>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include "wake.h"

namespace tapescope_kernel {

class Capture {
 public:
  using Write = std::function<void(std::string_view name, std::string_view text)>;

  explicit Capture(Write write);
  ~Capture();  // gives the descriptors back

  // What was written before this call has been handed on when it returns.
  void drain();

 private:
  struct Pipe {
    std::string_view name;
    int target = -1;    // 1 or 2
    int original = -1;  // where it led before
    int reader = -1;
    std::string rest;  // an incomplete UTF-8 sequence at the end of what was read
  };

  void read_all(Pipe& pipe);  // with the lock held
  void run();

  Write write_;
  std::array<Pipe, 2> pipes_;
  std::mutex mutex_;
  Wake stop_;
  std::thread reader_;
};

}  // namespace tapescope_kernel
