#include "capture.h"

#include <fcntl.h>
#include <poll.h>

#include <cstdio>

namespace tapescope_kernel {
namespace {

// Bytes at the end that begin a character whose other bytes have not come yet.
size_t incomplete_tail(std::string_view text) {
  for (size_t back = 1; back <= 3 && back <= text.size(); ++back) {
    const auto byte = static_cast<unsigned char>(text[text.size() - back]);
    if ((byte & 0xC0U) == 0x80U) {
      continue;
    }
    const size_t length = byte >= 0xF0U ? 4 : byte >= 0xE0U ? 3 : byte >= 0xC0U ? 2 : 1;
    return length > back ? back : 0;
  }
  return 0;
}

}  // namespace

Capture::Capture(Write write) : write_(std::move(write)) {
  constexpr std::array<std::string_view, 2> names{"stdout", "stderr"};
  for (size_t i = 0; i < pipes_.size(); ++i) {
    Pipe& pipe = pipes_[i];
    pipe.name = names[i];
    pipe.target = static_cast<int>(i) + 1;
    pipe.original = fcntl(pipe.target, F_DUPFD_CLOEXEC, 3);
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) {
      throw std::system_error(errno, std::generic_category(), "pipe");
    }
    pipe.reader = ends[0];
    fcntl(pipe.reader, F_SETFL, O_NONBLOCK);
    fcntl(pipe.reader, F_SETPIPE_SZ, 1 << 20);
    dup2(ends[1], pipe.target);
    close(ends[1]);
  }
  // Into a pipe C buffers 4 KB: a printf would wait for the next.
  setvbuf(stdout, nullptr, _IOLBF, 0);
  reader_ = std::thread([this] { run(); });
}

Capture::~Capture() {
  drain();
  for (const Pipe& pipe : pipes_) {
    if (pipe.original >= 0) {
      dup2(pipe.original, pipe.target);
      close(pipe.original);
    }
  }
  stop_.raise();
  reader_.join();
  for (const Pipe& pipe : pipes_) {
    close(pipe.reader);
  }
}

void Capture::drain() {
  std::fflush(nullptr);
  const std::lock_guard lock(mutex_);
  for (Pipe& pipe : pipes_) {
    read_all(pipe);
  }
}

void Capture::read_all(Pipe& pipe) {
  std::array<char, 1 << 16> buffer;
  ssize_t count = 0;
  // As many reads as the pipe holds: a child that never stops writing must not keep us here.
  for (int reads = 0; reads < 17 && (count = read(pipe.reader, buffer.data(), buffer.size())) > 0; ++reads) {
    std::string text = std::move(pipe.rest);
    text.append(buffer.data(), static_cast<size_t>(count));
    const size_t tail = incomplete_tail(text);
    pipe.rest = text.substr(text.size() - tail);
    text.resize(text.size() - tail);
    write_(pipe.name, text);
  }
}

void Capture::run() {
  std::array<pollfd, 3> fds{{{pipes_[0].reader, POLLIN, 0}, {pipes_[1].reader, POLLIN, 0}, {stop_.fd(), POLLIN, 0}}};
  while (poll(fds.data(), fds.size(), -1) >= 0 && fds[2].revents == 0) {
    const std::lock_guard lock(mutex_);
    for (size_t i = 0; i < pipes_.size(); ++i) {
      if ((fds[i].revents & POLLIN) != 0) {
        read_all(pipes_[i]);
      } else if (fds[i].revents != 0) {
        fds[i].fd = -1;  // no writer is left: poll would return for it without end
      }
    }
  }
}

}  // namespace tapescope_kernel
