// Calls of ops, each as a whole: name and all arguments, from its begin to its end. What an op calls inside is part of
// it and is not told. The jit tracer and the profiler observe calls; graph/observer.h tells of every op that makes
// history instead, with tensors alone.
//
// While nobody observes, a call costs one load more.
#pragma once

#include <atomic>
#include <concepts>
#include <functional>

#include "core/ops/registry.h"

namespace tapescope::ops {

class CallObserver {
 public:
  virtual ~CallObserver() = default;
  // Before the op runs. May throw: then it does not run, and nothing more is told of it.
  virtual void begin(const Offer& op, std::span<const Value> args) = 0;
  // When it is done; null: it threw.
  virtual void end(const Offer& op, std::span<const Value> args, const Value* result) = 0;
};

// Observers of all threads together.
inline constinit std::atomic<int> call_observers{0};
inline bool calls_observed() noexcept {
  return call_observers.load(std::memory_order_relaxed) != 0;
}

// Sets the observer of this thread's calls (the tracer), or that of the whole process (the profiler). Returns the one
// before; null: none.
CallObserver* observe_thread_calls(CallObserver* observer) noexcept;
CallObserver* observe_process_calls(CallObserver* observer) noexcept;
CallObserver* thread_call_observer() noexcept;

// Runs `op`. Its observers are told, unless it is part of another call.
Value call(const Offer& op, std::span<Value> args);
// Observers are told of `op` while `run` gives its result.
Value call_as(const Offer& op, std::span<Value> args, const std::function<Value()>& run);
// The same where nobody is told: what the interpreter of a trace runs.
Value run(const Offer& op, std::span<Value> args);

Tensor call_observed(const PointwiseInfo& op, bool in_place, const Tensor& a, const Tensor* b, const double* numbers);

// unary(), binary() and their in-place forms, as calls.
inline Tensor call_unary(const PointwiseInfo& op, const Tensor& x, const double* numbers = nullptr) {
  return calls_observed() ? call_observed(op, false, x, nullptr, numbers) : unary(op, x, numbers);
}
inline Tensor call_binary(const PointwiseInfo& op, const Tensor& a, const Tensor& b) {
  return calls_observed() ? call_observed(op, false, a, &b, nullptr) : binary(op, a, b);
}
inline Tensor call_unary_(const PointwiseInfo& op, const Tensor& x, const double* numbers = nullptr) {
  return calls_observed() ? call_observed(op, true, x, nullptr, numbers) : unary_(op, x, numbers);
}
inline Tensor call_binary_(const PointwiseInfo& op, const Tensor& a, const Tensor& b) {
  return calls_observed() ? call_observed(op, true, a, &b, nullptr) : binary_(op, a, b);
}

template <class T>
Value boxed(const T& v) {
  if constexpr (std::same_as<T, bool>)
    return v;
  else if constexpr (std::integral<T>)
    return static_cast<int64_t>(v);
  else if constexpr (requires { *v, v.has_value(); })
    return v ? boxed(*v) : Value();
  else if constexpr (std::same_as<T, Number>)
    return Operand{v.tensor};
  else if constexpr (std::same_as<T, MaybeTensors>)
    return v.tensors;
  else
    return v;
}

// F(args…) as a call; F is one of the functions that a list of offers names.
template <auto F, class... A>
auto called(const A&... args) -> decltype(F(args...)) {
  if (!calls_observed()) [[likely]]
    return F(args...);
  static const Offer& offer = offer_for(reinterpret_cast<const void*>(F));
  Value values[] = {boxed(args)...};
  return std::get<decltype(F(args...))>(call(offer, values));
}

}  // namespace tapescope::ops
