#include "terminal.h"

#include <fcntl.h>
#include <unistd.h>

#include <iostream>
#include <streambuf>
#include <string_view>

namespace tapescope_kernel {
namespace {

class FdBuffer : public std::streambuf {
 public:
  explicit FdBuffer(int fd) : fd_(fd) {}

 private:
  int overflow(int character) override {
    const char byte = static_cast<char>(character);
    return write(fd_, &byte, 1) == 1 ? character : EOF;
  }
  std::streamsize xsputn(const char* text, std::streamsize count) override {
    return write(fd_, text, static_cast<size_t>(count));
  }

  int fd_;
};

}  // namespace

int terminal_fd() {
  static const int fd = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
  return fd;
}

void redirect_logs() {
  static FdBuffer* buffer = new FdBuffer(terminal_fd());  // never freed: static destructors still log
  std::cerr.rdbuf(buffer);
  std::clog.rdbuf(buffer);
}

}  // namespace tapescope_kernel
