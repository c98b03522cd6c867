// One op as recorded, and a loop of ops that is being followed turn by turn.
#pragma once

#include <vector>

#include "core/graph/observer.h"

namespace tapescope {

// Of the arrays, the first input_count and edge_count count.
struct OpRecord {
  const OpSchema* schema;
  const NodeType* type;  // of the node it made; null: none
  uint64_t node = 0;
  uint64_t created_by = 0;
  uint64_t output = 0;
  const TensorMeta* output_meta;
  uint64_t inputs[3];
  const TensorMeta* input_metas[3];
  uint64_t edges[3];  // nodes; 0: none
  uint32_t edge_nrs[3];
  uint32_t site, module;
  uint32_t repeat = 0, turn = 0;  // index into repeats() + 1
  uint16_t input_count, edge_count;
};

// Ops with equal keys are the same line of the program at work.
inline uint64_t key_of(const OpRecord& r) {
  return (reinterpret_cast<uintptr_t>(r.schema) * 0x9E3779B97F4A7C15u) ^ (uint64_t{r.site} * 0xD6E8FEB86659FD93u) ^
         r.module ^ (r.node ? 1u << 20 : 0);
}

// A loop whose period is known: of its turns only the last whole one and the one under way are kept.
//
// Invariants: `begun()` records of the turn under way match the first keys of the period; keys are never empty while
// it is active.
class Loop {
 public:
  bool active() const { return !keys_.empty(); }
  // The place for the next record.
  OpRecord& next() { return turn_[at_]; }
  // The record at next() is written. False: it is another op than the loop's next, and the loop is over.
  bool took() {
    if (key_of(turn_[at_]) != keys_[at_]) return false;
    if (++at_ == keys_.size()) {
      turn_.swap(last_);
      at_ = 0;
      ++turns_;
    }
    return true;
  }

  // Follows the loop whose turn is `period`. False, and nothing is followed: the records `begun` do not begin a turn.
  bool start(std::span<const OpRecord> period, std::span<const OpRecord> begun);
  void stop() { keys_.clear(); }

  uint64_t turns() const { return turns_; }  // whole ones since start
  std::span<const OpRecord> last() const { return last_; }
  std::span<const OpRecord> begun() const { return {turn_.data(), at_}; }

 private:
  std::vector<uint64_t> keys_;
  std::vector<OpRecord> turn_, last_;
  size_t at_ = 0;
  uint64_t turns_ = 0;
};

}  // namespace tapescope
