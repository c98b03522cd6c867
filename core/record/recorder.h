// The cell recorder: what a cell did, in bounded memory.
//
// Invariants
//   * It holds ids and interned descriptions, never a tensor or a node: nothing lives longer because it was recorded.
//   * At most kChunk records wait unfolded, and fewer where they repeat; folding keeps the first and last turn of a
//     repetition, and past kMost records in all the rest is counted and dropped.
//   * An op costs one append of a fixed-size record. Once a loop is known, its turns are written over each other in
//     place (Loop), so that a long one neither leaves the cache nor is folded again.
#pragma once

#include <deque>
#include <vector>

#include "core/record/loop.h"

namespace tapescope {

struct PassRecord {
  uint32_t id;
  bool is_grad, retain_graph, create_graph;
  bool raised = false;
  uint32_t site;
  uint64_t nodes = 0;
  std::vector<uint64_t> roots;
};

struct RepeatRecord {
  uint64_t count;
  uint32_t site;
};

class Recorder final : public OpObserver {
 public:
  enum class Mode { off, automatic, full };
  static constexpr size_t kChunk = 65536, kFirstChunk = 4096;
  static constexpr size_t kMost = 20000;  // records that a finished recording holds
  static constexpr size_t kFoldFrom = 256;

  explicit Recorder(Mode mode, uint64_t cell);
  ~Recorder() override;

  void op(const OpCall& call) noexcept override;
  void write(const OpSchema& schema, const Tensor& t) noexcept override;
  void pass_begin(const PassStart& start) noexcept override;
  void node_done(uint32_t pass, const Node& node, std::span<const Tensor> grads) noexcept override;
  void pass_end(uint32_t pass, bool raised) noexcept override;
  // In mode auto of at most kSmall elements: a callable's own time hides it.
  double norm_of(const Tensor& grad) const noexcept override;
  static constexpr int64_t kSmall = 4096;

  // Folds what is left. Call once, when the cell is over.
  void finish();

  Mode mode() const { return mode_; }
  uint64_t cell() const { return cell_; }
  uint64_t first_node_id() const { return first_node_id_; }
  bool touched_graph() const { return touched_; }
  uint64_t ops_seen() const { return seen_; }
  const std::vector<OpRecord>& ops() const { return ops_; }
  const std::deque<PassRecord>& passes() const { return passes_; }
  uint64_t passes_dropped() const { return passes_dropped_; }
  const std::vector<RepeatRecord>& repeats() const { return repeats_; }
  // Ids of the nodes that ran in the last pass, in order, and the norms of what they were given (mode full).
  const std::vector<uint64_t>& last_run() const { return last_run_; }
  const std::vector<double>& last_norms() const { return last_norms_; }

 private:
  // Folds what waits. Without `force` it does so only if most of it repeats, and says whether it did.
  bool fold(bool force);
  OpRecord& append();
  // What `loop_` saw becomes the last turn in ops_; the turn that it had begun waits.
  void leave_loop();

  Mode mode_;
  uint64_t cell_;
  uint64_t first_node_id_;
  bool touched_ = false;
  uint64_t seen_ = 0;
  size_t fold_at_ = kFirstChunk;
  std::vector<OpRecord> waiting_;  // the first waiting_count_ count; zeroing a record would cost as much as writing it
  size_t waiting_count_ = 0;
  Loop loop_;
  std::vector<OpRecord> ops_;
  std::deque<PassRecord> passes_;
  uint64_t passes_dropped_ = 0;
  std::vector<RepeatRecord> repeats_;
  std::vector<uint64_t> last_run_;
  std::vector<double> last_norms_;
};

// Opens a recording and makes it the observer; closes it again. At most one is open.
Recorder& start_recording(Recorder::Mode mode, uint64_t cell);
std::unique_ptr<Recorder> stop_recording();
bool is_recording();

// In-place writes that were seen, in order: the last few thousand of the process, of this recording and earlier ones.
struct WriteRecord {
  uint64_t storage, tensor;
  uint32_t version, site;  // version: after the write
  const OpSchema* schema;
};
const std::deque<WriteRecord>& write_records();

// Every pass of the process by id, for "released by": the last few thousand.
struct PassSite {
  uint32_t id, site;
};
const PassSite* find_pass(uint32_t id);

}  // namespace tapescope
