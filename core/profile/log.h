// What one thread did while a profile was taken, as it happened: a line of small records that is put in order later.
//
// Invariants
//   * A thread appends to its own log only, so that times within a log never decrease and its marks nest.
//   * The lock is for the one moment when the records are taken out: what a thread appends after it is dropped.
//   * A log holds names, sizes and ids; no tensor, no node and no Python object.
//   * At most kMost records are kept; those that come after are counted.
#pragma once

#include <memory>
#include <mutex>
#include <new>
#include <string>
#include <vector>

#include "core/tensor/fork_lock.h"
#include "core/tensor/tensor.h"

namespace tapescope::profile {

enum class Mark : uint8_t { op_begin, op_end, node_begin, node_end, range_begin, range_end, allocated, freed };

// What a range stands for. `function` is the forward of a custom Function, `step` one of a profile's own steps.
enum class RangeKind : uint8_t { function, hook, user, step };

// One argument of an op: a tensor, several tensors, or a value that is none (`type` says which, and there are no
// shapes).
struct Argument {
  std::vector<std::vector<int64_t>> shapes = {};
  bool is_list = false;
  std::string type = {};
};

struct Details {
  std::string name;
  std::vector<Argument> arguments;
};

inline constexpr uint64_t kNoSequence = UINT64_MAX;

struct Record {
  int64_t time;  // in ticks
  Mark mark;
  RangeKind kind = RangeKind::user;
  // op_begin: sequence number of the next node. op_end: that of the next node now, that of the result's node, its id.
  // node_begin: sequence number, -, id. range_begin: sequence number, token. range_end: sequence number, token, id.
  // allocated, freed: bytes.
  uint64_t a = 0, b = 0, c = 0;
  const void* what = nullptr;  // op_begin: its Offer. node_begin: its NodeType. allocated, freed: the address.
  std::unique_ptr<Details> details = {};
};

class Log {
 public:
  static constexpr size_t kMost = size_t{1} << 23;

  explicit Log(int64_t tid, size_t most = kMost) : tid_(tid), most_(most) {}

  void append(Record r) noexcept {
    const std::lock_guard guard(lock_);
    if (closed_) return;
    if (count_ < most_) {
      try {
        // In pieces, so that no op waits while all that was logged is copied.
        if (count_ % kPiece == 0) pieces_.emplace_back().reserve(kPiece);
        pieces_.back().push_back(std::move(r));
        ++count_;
        return;
      } catch (const std::bad_alloc&) {  // a profile must not end what it observes
      }
    }
    ++dropped_;
  }
  // All records, once. Nothing is kept from then on.
  std::vector<Record> take() {
    const std::lock_guard guard(lock_);
    closed_ = true;
    std::vector<Record> all;
    all.reserve(count_);
    for (std::vector<Record>& piece : pieces_) {
      for (Record& r : piece) all.push_back(std::move(r));
      piece = std::vector<Record>();
    }
    pieces_.clear();
    return all;
  }
  int64_t tid() const { return tid_; }
  // False in a forked child for the logs that it was born with: their threads are not there, and may have been within
  // an append.
  bool of_this_process() const { return process_ == fork_generation.load(std::memory_order_relaxed); }
  // Of a log whose records were taken.
  uint64_t dropped() const { return dropped_; }

 private:
  static constexpr size_t kPiece = 4096;

  ForkLock lock_;
  uint32_t process_ = fork_generation.load(std::memory_order_relaxed);
  std::vector<std::vector<Record>> pieces_;
  size_t count_ = 0;
  bool closed_ = false;
  uint64_t dropped_ = 0;
  int64_t tid_;
  size_t most_;
};

}  // namespace tapescope::profile
