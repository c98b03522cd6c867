// A lock that a forked child can take although a thread held it at the fork: there is no such thread in the child.
#pragma once

#include <atomic>
#include <cstdint>

namespace tapescope {

// How many forks lie between this process and the first, and one.
inline std::atomic<uint32_t> fork_generation = 1;

inline bool is_forked_child() noexcept {
  return fork_generation.load(std::memory_order_relaxed) != 1;
}

class ForkLock {
 public:
  bool try_lock() noexcept {
    const uint32_t now = fork_generation.load(std::memory_order_relaxed);
    uint32_t holder = holder_.load(std::memory_order_relaxed);
    return holder != now && holder_.compare_exchange_strong(holder, now, std::memory_order_acquire);
  }
  void lock() noexcept {
    while (!try_lock()) holder_.wait(fork_generation.load(std::memory_order_relaxed), std::memory_order_relaxed);
  }
  void unlock() noexcept {
    holder_.store(0, std::memory_order_release);
    holder_.notify_one();
  }

 private:
  std::atomic<uint32_t> holder_ = 0;  // the generation of who holds it; 0: nobody
};

}  // namespace tapescope
