#include "core/ops/call.h"

#include <cmath>
#include <limits>

namespace tapescope::ops {
namespace {

struct Thread {
  CallObserver* observer = nullptr;
  bool inside = false;
};
thread_local constinit Thread thread;
constinit std::atomic<CallObserver*> process{nullptr};

struct Inside {
  Inside() { thread.inside = true; }
  ~Inside() { thread.inside = false; }
};

Value run_pointwise(const Offer& op, std::span<Value> args) {
  const Tensor& x = std::get<Tensor>(args[0]);
  if (op.pointwise->arity == 2) {
    const Tensor& y = std::get<Tensor>(args[1]);
    return op.writes ? binary_(*op.pointwise, x, y) : binary(*op.pointwise, x, y);
  }
  constexpr double inf = std::numeric_limits<double>::infinity();
  double numbers[2] = {-inf, inf};
  for (size_t i = 1; i < args.size(); ++i)
    if (args[i].index()) numbers[i - 1] = std::get<double>(args[i]);
  return op.writes ? unary_(*op.pointwise, x, numbers) : unary(*op.pointwise, x, numbers);
}

template <class Run>
Value observed(const Offer& op, std::span<Value> args, const Run& run) {
  CallObserver* const observers[] = {process.load(std::memory_order_acquire), thread.observer};
  if (thread.inside || (!observers[0] && !observers[1])) return run();
  const Inside inside;
  for (CallObserver* o : observers)
    if (o) o->begin(op, args);
  Value result;
  try {
    result = run();
  } catch (...) {
    for (CallObserver* o : observers)
      if (o) o->end(op, args, nullptr);
    throw;
  }
  for (CallObserver* o : observers)
    if (o) o->end(op, args, &result);
  return result;
}

}  // namespace

CallObserver* observe_thread_calls(CallObserver* observer) noexcept {
  call_observers += (observer ? 1 : 0) - (thread.observer ? 1 : 0);
  return std::exchange(thread.observer, observer);
}

CallObserver* observe_process_calls(CallObserver* observer) noexcept {
  CallObserver* before = process.exchange(observer);
  call_observers += (observer ? 1 : 0) - (before ? 1 : 0);
  return before;
}

CallObserver* thread_call_observer() noexcept {
  return thread.observer;
}

Value run(const Offer& op, std::span<Value> args) {
  return op.pointwise ? run_pointwise(op, args) : op.call(args);
}

Value call(const Offer& op, std::span<Value> args) {
  return observed(op, args, [&] { return run(op, args); });
}
Value call_as(const Offer& op, std::span<Value> args, const std::function<Value()>& run) {
  return observed(op, args, run);
}

Tensor call_observed(const PointwiseInfo& op, bool in_place, const Tensor& a, const Tensor* b, const double* numbers) {
  std::vector<Value> args{a};
  if (b) args.emplace_back(*b);
  for (int i = 0; i < op.scalar_args; ++i)
    if (op.scalar_args == 2 && std::isinf(numbers[i]) && (numbers[i] > 0) == (i == 1))
      args.emplace_back();  // a bound that is not given
    else
      args.emplace_back(numbers[i]);
  return std::get<Tensor>(call(offer_of(op, in_place), args));
}

}  // namespace tapescope::ops
