#include "streams.h"

#include <chrono>

namespace tapescope_kernel {
namespace {

constexpr auto kDelay = std::chrono::milliseconds(100);
constexpr size_t kLargest = 1 << 20;  // bytes that wait; more are sent at once

}  // namespace

Streams::Streams(Send send) : send_(std::move(send)), timer_([this] { run(); }) {}

Streams::~Streams() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  changed_.notify_all();
  timer_.join();
  flush();
}

void Streams::write(std::string_view name, std::string_view text, const ParentPtr& parent) {
  if (text.empty()) {
    return;
  }
  const std::lock_guard lock(mutex_);
  if (chunks_.empty() || chunks_.back().name != name || chunks_.back().parent != parent) {
    chunks_.push_back({std::string(name), {}, parent});
    if (chunks_.size() == 1) {
      changed_.notify_one();
    }
  }
  chunks_.back().text += text;
  bytes_ += text.size();
  if (bytes_ > kLargest) {
    send_all();
  }
}

void Streams::flush() {
  const std::lock_guard lock(mutex_);
  send_all();
}

void Streams::send_all() {
  for (const Chunk& chunk : chunks_) {
    send_(chunk.name, chunk.text, chunk.parent);
  }
  chunks_.clear();
  bytes_ = 0;
}

void Streams::run() {
  std::unique_lock lock(mutex_);
  while (!stop_) {
    changed_.wait(lock, [this] { return stop_ || !chunks_.empty(); });
    changed_.wait_for(lock, kDelay, [this] { return stop_; });
    send_all();
  }
}

}  // namespace tapescope_kernel
