// What a pointwise op is: a struct with
//
//   name, node     "tanh", "TanhBackward0"
//   f(x) or f(a, b)                 the value
//   df(kept), or da(a, b), db(a, b) the slope; the gradient is grad · slope. `one` stands for the slope 1.
//   pull(g, kept)                   in place of df where grad · slope is wrong for infinite gradients
//   keep           what the slope needs: for a unary op its input or its output; for a binary one, two masks
//   integers       whether int64 has a value (else integers are computed in float32)
//   complex        true: the same text holds for complex numbers, whose gradient is grad · conj(slope). Absent: no
//   bools          true: bools have a value, of int64's text. Absent: no
//   divides        true: integers may not be divided by zero. Absent: no
//   floats         false: only integers and bools have a value
//   differentiable false: there is no slope, and asking for a gradient is an error
//   data members   scalar arguments, doubles, in the order of the call
//
// The gradient of an operand is pull<K>(op, grad, kept…), in ops/pull-inl.h.
//
// The same text runs on scalars, SIMD vectors (Lane), CUDA threads (Thread), symbols (Sym, for the picture) and tensors
// (create_graph).
#pragma once

#include <cstddef>
#include <type_traits>
#include <utility>

// Marks what runs on the CPU and in a CUDA thread. (What is constexpr does so anyway.)
#ifdef __CUDACC__
#define TAPESCOPE_ANYWHERE __host__ __device__
#else
#define TAPESCOPE_ANYWHERE
#endif

namespace tapescope::ops {

// The slope 1.
struct One {
  constexpr operator double() const { return 1; }
};
inline constexpr One one{};

// True for the type that prints formulas.
template <class X>
inline constexpr bool is_symbol = false;

// A scalar argument as the text computes with it: its value; for a formula, its name.
template <class X>
constexpr auto argument(double value, [[maybe_unused]] const char* name) {
  if constexpr (is_symbol<X>)
    return X(name);
  else
    return value;
}

enum class Keep : unsigned { none = 0, a = 1, b = 2, both = 3, input = 1, output = 4 };
constexpr Keep operator|(Keep x, Keep y) {
  return Keep(unsigned(x) | unsigned(y));
}
constexpr bool has(Keep mask, Keep bit) {
  return unsigned(mask) & unsigned(bit);
}

template <class... Ops>
struct OpList {
  static constexpr int size = sizeof...(Ops);
};

template <class Op>
inline constexpr int arity = requires(Op op, double x) {
  op.f(x, x);
}
? 2 : 1;

template <class Op>
inline constexpr int scalar_args = std::is_empty_v<Op> ? 0 : static_cast<int>(sizeof(Op) / sizeof(double));

template <class Op>
consteval bool has_complex() {
  if constexpr (requires { Op::complex; }) return Op::complex;
  return false;
}

template <class Op>
consteval bool has_bools() {
  if constexpr (requires { Op::bools; }) return Op::bools;
  return false;
}

template <class Op>
consteval bool is_division() {
  if constexpr (requires { Op::divides; }) return Op::divides;
  return false;
}

template <class Op>
consteval bool has_floats() {
  if constexpr (requires { Op::floats; }) return Op::floats;
  return true;
}

template <class Op>
consteval bool is_differentiable_op() {
  if constexpr (requires { Op::differentiable; }) return Op::differentiable;
  return true;
}

template <class Op>
constexpr Op make_op([[maybe_unused]] const double* args) {
  if constexpr (scalar_args<Op> == 0) return Op{};
  if constexpr (scalar_args<Op> == 1) return Op{args[0]};
  if constexpr (scalar_args<Op> == 2) return Op{args[0], args[1]};
}

// True if the gradient of operand K is the incoming one, untouched.
template <class Op, int K>
consteval bool passes_through() {
  if constexpr (K == 0) {
    if constexpr (requires(const Op& op, double x) { op.da(x, x); })
      return std::is_same_v<decltype(std::declval<Op>().da(0.0, 0.0)), One>;
  } else {
    if constexpr (requires(const Op& op, double x) { op.db(x, x); })
      return std::is_same_v<decltype(std::declval<Op>().db(0.0, 0.0)), One>;
  }
  return false;
}

}  // namespace tapescope::ops
