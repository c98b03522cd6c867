#include "core/profile/profiler.h"

#include <sys/syscall.h>
#include <unistd.h>

#include "core/graph/observer.h"
#include "core/ops/call.h"
#include "core/profile/clock.h"
#include "core/tensor/allocation.h"
#include "core/tensor/storage.h"

namespace tapescope::profile {
namespace {

void add_shape(Argument& a, const Tensor& t) {
  if (!t.defined()) {
    a.shapes.emplace_back();
    return;
  }
  a.shapes.emplace_back(t.shape().begin(), t.shape().end());
  if (a.type.empty()) a.type = name_of(t.dtype());
}

Argument argument(const ops::Value& v) {
  Argument a;
  if (const auto* t = std::get_if<Tensor>(&v)) {
    add_shape(a, *t);
  } else if (const auto* o = std::get_if<ops::Operand>(&v)) {
    add_shape(a, o->tensor);
  } else if (const auto* all = std::get_if<std::vector<Tensor>>(&v)) {
    a.is_list = true;
    for (const Tensor& t : *all) add_shape(a, t);
    a.type = "TensorList";
  } else if (v.index()) {
    a.type = std::holds_alternative<Dims>(v) ? "ScalarList" : "Scalar";
  }
  return a;
}

// The node that an op made: that of its result, or of the first of several.
const Node* node_of(const ops::Value* result) {
  if (!result) return nullptr;
  if (const auto* t = std::get_if<Tensor>(result)) return t->defined() ? t->grad_fn() : nullptr;
  const std::vector<Tensor>* all = std::get_if<std::vector<Tensor>>(result);
  if (const auto* several = std::get_if<ops::Several>(result)) all = &several->tensors;
  return all && !all->empty() && all->front().defined() ? all->front().grad_fn() : nullptr;
}

class Profiler final : public ops::CallObserver, public NodeObserver, public AllocationObserver {
 public:
  bool start(const Options& options) {
    const std::lock_guard guard(lock_);
    if (running()) return false;
    {
      // A thread that was late for the last profile may have left a log here.
      const std::lock_guard logs_guard(logs_lock_);
      logs_.clear();
    }
    shapes_.store(options.shapes, std::memory_order_relaxed);
    ++number_;
    started_ = Moment::current();
    live_bytes_ = Storage::live_bytes();
    active.store(true);
    ops::observe_process_calls(this);
    node_observer.store(this, std::memory_order_release);
    if (options.memory) allocation_observer.store(this, std::memory_order_release);
    return true;
  }

  std::optional<TraceBuilder> stop() {
    const std::lock_guard guard(lock_);
    if (!running()) return {};
    allocation_observer.store(nullptr, std::memory_order_release);
    node_observer.store(nullptr, std::memory_order_release);
    ops::observe_process_calls(nullptr);
    active.store(false);
    TraceBuilder out(started_, Moment::current(), live_bytes_);
    const std::lock_guard logs_guard(logs_lock_);
    for (const auto& log : std::exchange(logs_, {}))
      if (log->of_this_process() || log == own_log()) out.add_log(*log);
    return out;
  }

  void begin(const ops::Offer& op, std::span<const ops::Value> args) override {
    Record r{ticks(), Mark::op_begin};
    r.a = thread_state.sequence_nr;
    r.what = &op;
    if (shapes()) {
      r.details = std::make_unique<Details>();
      r.details->arguments.reserve(args.size());
      for (const ops::Value& v : args) r.details->arguments.push_back(argument(v));
      r.time = ticks();
    }
    log().append(std::move(r));
  }
  void end(const ops::Offer&, std::span<const ops::Value>, const ops::Value* result) override {
    Record r{ticks(), Mark::op_end};
    r.a = thread_state.sequence_nr;
    r.b = kNoSequence;
    if (const Node* n = node_of(result)) r.b = n->sequence_nr(), r.c = n->id();
    log().append(std::move(r));
  }

  void node_begin(const Node& node) noexcept override {
    Record r{ticks(), Mark::node_begin};
    r.a = node.sequence_nr();
    r.c = node.id();
    r.what = &node.type();
    log().append(std::move(r));
  }
  void node_end(const Node&) noexcept override { log().append({ticks(), Mark::node_end}); }

  void allocated(const void* data, int64_t bytes) noexcept override { memory(Mark::allocated, data, bytes); }
  void freed(const void* data, int64_t bytes) noexcept override { memory(Mark::freed, data, bytes); }

  uint64_t begin_range(std::string name, RangeKind kind, uint64_t sequence_nr, std::vector<Argument> arguments) {
    Record r{0, Mark::range_begin, kind};
    r.a = sequence_nr;
    r.b = next_token_.fetch_add(1, std::memory_order_relaxed);
    r.details = std::make_unique<Details>(Details{std::move(name), std::move(arguments)});
    const uint64_t token = r.b;
    r.time = ticks();
    log().append(std::move(r));
    return token;
  }
  void end_range(uint64_t token, RangeKind kind, uint64_t node, uint64_t sequence_nr) {
    Record r{ticks(), Mark::range_end, kind};
    r.a = sequence_nr;
    r.b = token;
    r.c = node;
    if (running()) log().append(std::move(r));
  }
  bool shapes() const { return shapes_.load(std::memory_order_relaxed); }

 private:
  void memory(Mark mark, const void* data, int64_t bytes) noexcept {
    Record r{ticks(), mark};
    r.a = static_cast<uint64_t>(bytes);
    r.what = data;
    log().append(std::move(r));
  }

  static std::shared_ptr<Log>& own_log() {
    static thread_local std::shared_ptr<Log> own;
    return own;
  }
  // This thread's log in this profile. What an earlier profile left of it goes here, or with the thread.
  Log& log() {
    static thread_local uint64_t number = 0;
    std::shared_ptr<Log>& own = own_log();
    const uint64_t current = number_.load(std::memory_order_relaxed);
    if (number != current || !own) [[unlikely]] {
      own = std::make_shared<Log>(thread_id());
      number = current;
      const std::lock_guard guard(logs_lock_);
      logs_.push_back(own);
    }
    return *own;
  }

  ForkLock lock_, logs_lock_;
  std::atomic<bool> shapes_{false};
  std::atomic<uint64_t> number_{0}, next_token_{1};
  std::vector<std::shared_ptr<Log>> logs_;
  Moment started_;
  int64_t live_bytes_ = 0;
};

Profiler& profiler() {
  static Profiler& p = *new Profiler;
  return p;
}

}  // namespace

bool start(const Options& options) {
  return profiler().start(options);
}
std::optional<TraceBuilder> stop() {
  return profiler().stop();
}

int64_t thread_id() noexcept {
  static constinit thread_local int64_t id = 0;
  static constinit thread_local uint32_t process = 0;
  if (const uint32_t now = fork_generation.load(std::memory_order_relaxed); process != now)
    process = now, id = syscall(SYS_gettid);
  return id;
}

uint64_t begin_range(std::string name, RangeKind kind, uint64_t sequence_nr, std::vector<Argument> arguments) {
  if (!running()) return 0;
  if (!profiler().shapes()) arguments.clear();
  return profiler().begin_range(std::move(name), kind, sequence_nr, std::move(arguments));
}
void end_range(uint64_t token, RangeKind kind, uint64_t node, uint64_t sequence_nr) {
  if (token) profiler().end_range(token, kind, node, sequence_nr);
}

}  // namespace tapescope::profile
