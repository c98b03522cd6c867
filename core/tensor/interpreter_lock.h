// The interpreter's lock, as the engine sees it: what takes long, or waits, lets go of it meanwhile.
#pragma once

namespace tapescope {

// The Python face installs both; null: there is no lock.
struct InterpreterLock {
  void* (*release)() = nullptr;  // null if this thread does not hold it
  void (*acquire)(void*) = nullptr;
};
inline InterpreterLock interpreter_lock;

class WithoutLock {
 public:
  explicit WithoutLock(bool wanted)
      : saved_(wanted && interpreter_lock.release ? interpreter_lock.release() : nullptr) {}
  ~WithoutLock() {
    if (saved_) interpreter_lock.acquire(saved_);
  }
  WithoutLock(const WithoutLock&) = delete;
  WithoutLock& operator=(const WithoutLock&) = delete;

 private:
  void* saved_;
};

}  // namespace tapescope
