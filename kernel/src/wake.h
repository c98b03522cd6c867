// A descriptor that one thread raises and another polls for: ends a wait at once, where a time-out would take its time.
#pragma once

#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdint>
#include <system_error>

namespace tapescope_kernel {

class Wake {
 public:
  Wake() : fd_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    if (fd_ < 0) {
      throw std::system_error(errno, std::generic_category(), "eventfd");
    }
  }
  ~Wake() { close(fd_); }
  Wake(const Wake&) = delete;
  Wake& operator=(const Wake&) = delete;

  void raise() const {
    const uint64_t one = 1;
    [[maybe_unused]] const ssize_t done = write(fd_, &one, sizeof one);  // full: it is raised already
  }
  int fd() const { return fd_; }

 private:
  int fd_;
};

// Threads started in its scope get no signals: Python's handlers, and EINTR, belong to the main thread.
class SignalBlock {
 public:
  SignalBlock() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~SignalBlock() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  SignalBlock(const SignalBlock&) = delete;
  SignalBlock& operator=(const SignalBlock&) = delete;

 private:
  sigset_t before_;
};

}  // namespace tapescope_kernel
