#include "core/record/recorder.h"

#include <cmath>

#include "core/graph/autograd_meta.h"
#include "core/graph/saved_variable.h"
#include "core/ops/iterator.h"
#include "core/record/cells.h"

namespace tapescope {
namespace {

std::unique_ptr<Recorder> open;

// Kept from one recording to the next: fresh pages cost more than what is written to them.
std::vector<OpRecord>& spare() {
  static auto& s = *new std::vector<OpRecord>;
  return s;
}

constexpr size_t kPasses = 4096, kWrites = 4096, kPassesKept = 64;

std::deque<PassSite>& pass_sites() {
  static auto& p = *new std::deque<PassSite>;
  return p;
}

std::deque<WriteRecord>& writes() {
  static auto& w = *new std::deque<WriteRecord>;
  return w;
}

void add_write(const OpSchema& schema, const Tensor& t, uint32_t site) {
  writes().push_back({t.impl()->storage->id(), t.id(), t.version(), site, &schema});
  if (writes().size() > kWrites) writes().pop_front();
}

std::string place_of(uint32_t site) {
  const SiteInfo s = resolve_site(site);
  if (!s.line) return "";
  if (const CellInfo* c = find_cell_by_file(s.file))
    return c->execution_count ? fmt::format("line {} of cell [{}]", s.line, c->execution_count)
                              : fmt::format("line {} of a cell", s.line);
  return fmt::format("line {} of {}", s.line, s.file);
}

std::string tell_write(const Tensor& t, uint32_t after) {
  for (const WriteRecord& w : writes())
    if (w.storage == t.impl()->storage->id() && w.version > after)
      return fmt::format("{} on {}", w.schema->name, place_of(w.site));
  return "";
}
std::string tell_pass(uint32_t id) {
  const PassSite* p = find_pass(id);
  const std::string place = p ? place_of(p->site) : "";
  return place.empty() ? "" : "the backward on " + place;
}

// Most operands are shaped as the result is: a comparison saves the table.
const TensorMeta* meta_of(const Tensor& t, const TensorMeta* likely) {
  return likely->dtype == t.dtype() && likely->shape == t.shape() ? likely : intern_meta(t);
}

uint64_t id_of_next_node() {
  struct Probe final : InlineNode<1> {
    Probe() : InlineNode<1>(0) { --thread_state.sequence_nr; }
    const NodeType& type() const override {
      static const NodeType none{"", {}};
      return none;
    }
    void apply(std::span<Tensor>, std::span<Tensor>) override {}
  };
  return Ref<Probe>::adopt(new Probe)->id();
}

}  // namespace

Recorder::Recorder(Mode mode, uint64_t cell) : mode_(mode), cell_(cell), first_node_id_(id_of_next_node()) {
  waiting_.swap(spare());
}

Recorder::~Recorder() {
  if (waiting_.size() <= kFirstChunk) waiting_.swap(spare());
}

void Recorder::write(const OpSchema& schema, const Tensor& t) noexcept {
  add_write(schema, t, current_site());
}

void Recorder::op(const OpCall& call) noexcept {
  if (thread_state.evaluating && !call.node) return;  // the inside of a backward is shown as nodes that ran
  ++seen_;
  const bool looping = loop_.active();
  OpRecord& r = looping ? loop_.next() : append();  // what a former record left in it is written over
  r.repeat = r.turn = 0;
  r.schema = &call.schema;
  const Node* n = call.node;
  const Tensor& out = *call.outputs[0];
  r.output = out.id();
  if (n) {
    touched_ = true;
    r.type = &n->type();
    r.node = n->id();
    r.created_by = n->created_by();
    r.site = n->site();
    r.module = n->module();
    const auto nr = static_cast<int>(out.impl()->output_nr);
    r.output_meta = nr < n->num_inputs() ? n->input_meta(nr) : nullptr;
    r.edge_count = static_cast<uint16_t>(std::min(3, n->num_edges()));
    for (int i = 0; i < r.edge_count; ++i) {
      const Edge& e = n->edge(i);
      r.edges[i] = e ? e.node->id() : 0;
      r.edge_nrs[i] = e.input_nr;
    }
  } else {
    r.type = nullptr;
    r.node = r.created_by = 0;
    r.site = current_site();
    r.module = thread_state.module;
    r.output_meta = nullptr;
    r.edge_count = 0;
  }
  if (!r.output_meta) r.output_meta = intern_meta(out);
  r.input_count = static_cast<uint16_t>(std::min<size_t>(3, call.inputs.size()));
  for (int i = 0; i < r.input_count; ++i) {
    const Tensor& in = *call.inputs[static_cast<size_t>(i)];
    r.inputs[i] = in.defined() ? in.id() : 0;
    r.input_metas[i] = in.defined() && in.is_leaf() ? meta_of(in, r.output_meta) : nullptr;
  }
  if (call.schema.in_place) [[unlikely]] {
    add_write(call.schema, out, r.site);
  }
  if (looping) {
    if (loop_.took()) [[likely]]
      return;
    OpRecord other = r;  // the loop is over
    leave_loop();
    append() = other;
  }
  if (waiting_count_ >= fold_at_) [[unlikely]] {
    // A loop is folded early; what may be the first turn of a long one waits.
    if (!fold(fold_at_ >= kChunk)) fold_at_ *= 2;
  }
}

OpRecord& Recorder::append() {
  if (waiting_count_ == waiting_.size()) [[unlikely]]
    waiting_.resize(waiting_count_ < kFirstChunk ? kFirstChunk : 2 * waiting_count_);
  return waiting_[waiting_count_++];
}

void Recorder::leave_loop() {
  if (!loop_.active()) return;
  const std::span<OpRecord> tail = std::span(ops_).last(loop_.last().size());
  RepeatRecord& repeat = repeats_[tail.back().repeat - 1];
  repeat.count += loop_.turns();
  if (loop_.turns()) {
    const uint32_t id = tail.back().repeat;
    std::ranges::copy(loop_.last(), tail.begin());
    for (OpRecord& r : tail) r.repeat = id, r.turn = static_cast<uint32_t>(repeat.count - 1);
  }
  for (const OpRecord& r : loop_.begun()) append() = r;
  loop_.stop();
}

namespace {
double squares(const Tensor& g) {
  double sum = 0;
  visit(g.dtype(), [&]<class T>(T) {
    ops::for_each_element<T>(g, [&](const T* v) {
      const auto wide = cast<std::complex<double>>(*v);
      sum += wide.real() * wide.real() + wide.imag() * wide.imag();
    });
  });
  return sum;
}
}  // namespace

void Recorder::pass_begin(const PassStart& s) noexcept {
  touched_ = true;
  PassRecord p{s.pass, s.is_grad, s.retain_graph, s.create_graph, false, current_site(), 0, {}};
  for (const Edge& e : s.roots.subspan(0, std::min<size_t>(16, s.roots.size()))) p.roots.push_back(e.node->id());
  pass_sites().push_back({s.pass, p.site});
  if (pass_sites().size() > kPasses) pass_sites().pop_front();
  passes_.push_back(std::move(p));
  if (passes_.size() > kPassesKept) {
    passes_.erase(passes_.begin() + kPassesKept / 2);
    ++passes_dropped_;
  }
  last_run_.clear();
  last_norms_.clear();
}

void Recorder::node_done(uint32_t pass, const Node& node, std::span<const Tensor> grads) noexcept {
  PassRecord& p = passes_.back();
  if (p.id == pass) ++p.nodes;
  if (last_run_.size() >= kChunk) return;
  last_run_.push_back(node.id());
  if (mode_ != Mode::full) return;
  double square = 0;
  for (const Tensor& g : grads)
    if (g.defined() && is_differentiable(g.dtype())) square += squares(g);
  last_norms_.push_back(std::sqrt(square));
}

double Recorder::norm_of(const Tensor& grad) const noexcept {
  if (!grad.defined() || !is_differentiable(grad.dtype()) || (mode_ != Mode::full && grad.numel() > kSmall))
    return -1.0;
  return std::sqrt(squares(grad));
}

void Recorder::pass_end(uint32_t pass, bool raised) noexcept {
  for (auto p = passes_.rbegin(); p != passes_.rend(); ++p)
    if (p->id == pass) {
      p->raised = raised;
      return;
    }
}

// Repetition is a period over (op, site): at least four turns, of at most 4,096 ops.
bool Recorder::fold(bool force) {
  const size_t n = waiting_count_;
  const auto keys = std::make_unique_for_overwrite<uint64_t[]>(n);
  for (size_t i = 0; i < n; ++i) keys[i] = key_of(waiting_[i]);
  struct Stretch {
    size_t begin, period, turns;  // period 0: one record that does not repeat
  };
  std::vector<Stretch> stretches;
  size_t repeated = 0;
  for (size_t i = 0; i < n;) {
    size_t period = 0, length = 0;
    int tries = 0;
    for (size_t j = i + 1; j < n && j - i <= n / 4 && tries < 24; ++j) {
      if (keys[j] != keys[i]) continue;
      ++tries;
      const size_t p = j - i;
      size_t same = 0;
      while (j + same < n && keys[i + same] == keys[j + same]) ++same;
      if (same >= 3 * p) {
        period = p, length = same + p;
        break;
      }
    }
    const size_t turns = period ? length / period : 0;
    stretches.push_back({i, turns >= 4 ? period : 0, turns});
    if (turns >= 4) repeated += turns * period;
    i += turns >= 4 ? turns * period : 1;
  }
  if (!force && repeated < n / 2) return false;
  const auto keep = [&](size_t i, uint32_t repeat, uint32_t turn) {
    if (ops_.size() >= kMost) return;
    ops_.push_back(waiting_[i]);
    ops_.back().repeat = repeat;
    ops_.back().turn = turn;
  };
  for (const auto [i, period, turns] : stretches) {
    if (!period) {
      keep(i, 0, 0);
      continue;
    }
    const size_t last_turn = i + (turns - 1) * period;
    // The same loop as in the chunk before goes on.
    const OpRecord* last = ops_.empty() ? nullptr : &ops_.back();
    if (last && last->repeat && ops_.size() >= period && key_of(ops_[ops_.size() - period]) == keys[i] &&
        last->turn + 1 == repeats_[last->repeat - 1].count) {
      RepeatRecord& r = repeats_[last->repeat - 1];
      const uint32_t id = last->repeat;
      r.count += turns;
      ops_.resize(ops_.size() - period);
      for (size_t k = 0; k < period; ++k) keep(last_turn + k, id, static_cast<uint32_t>(r.count - 1));
    } else {
      repeats_.push_back({turns, waiting_[i].site});
      const auto id = static_cast<uint32_t>(repeats_.size());
      for (size_t k = 0; k < period; ++k) keep(i + k, id, 0);
      for (size_t k = 0; k < period; ++k) keep(last_turn + k, id, static_cast<uint32_t>(turns - 1));
    }
  }
  // A turn that the chunk's end cut in two goes on, if its loop does.
  const auto last = std::find_if(stretches.rbegin(), stretches.rend(), [](const Stretch& s) { return s.period; });
  if (!force && last != stretches.rend()) {
    const size_t cut = last->begin + last->period * last->turns;
    const std::span<const OpRecord> begun = std::span(waiting_).subspan(cut, n - cut);
    const size_t kept = ops_.size() - std::min(ops_.size(), n - cut);
    if (ops_.size() < kMost && begun.size() < last->period && kept >= last->period && ops_[kept - 1].repeat &&
        loop_.start(std::span(ops_).subspan(kept - last->period, last->period), begun))
      ops_.resize(kept);
  }
  waiting_count_ = 0;
  return true;
}

void Recorder::finish() {
  leave_loop();
  if (ops_.empty() && waiting_count_ < kFoldFrom) {
    ops_.assign(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(waiting_count_));
  } else {
    fold(true);
  }
  waiting_count_ = 0;
}

Recorder& start_recording(Recorder::Mode mode, uint64_t cell) {
  describe_write = tell_write;
  describe_pass = tell_pass;
  open = std::make_unique<Recorder>(mode, cell);
  op_observer = open.get();
  return *open;
}

std::unique_ptr<Recorder> stop_recording() {
  op_observer = nullptr;
  if (open) open->finish();
  return std::move(open);
}

bool is_recording() {
  return bool(open);
}

const std::deque<WriteRecord>& write_records() {
  return writes();
}

const PassSite* find_pass(uint32_t id) {
  for (auto p = pass_sites().rbegin(); p != pass_sites().rend(); ++p)
    if (p->id == id) return &*p;
  return nullptr;
}

}  // namespace tapescope
