// What the tracer's tests begin with: programs that are traced, and graphs written down.
#pragma once

#include "core/ops/call.h"
#include "core/trace/interpreter.h"
#include "core/trace/lint.h"
#include "core/trace/parser.h"
#include "core/trace/passes.h"
#include "core/trace/tracer.h"
#include "tests/core/support.h"

namespace tapescope::testing {

using jit::IValue;

inline Tensor tensor_at(std::span<const IValue> values, size_t i) {
  return std::get<Tensor>(values[i]);
}

// The ops as a traced program calls them.
inline Tensor unary(const char* name, const Tensor& x) {
  return ops::call_unary(ops::pointwise(name, 1), x);
}
inline Tensor binary(const char* name, const Tensor& a, const Tensor& b) {
  return ops::call_binary(ops::pointwise(name, 2), a, b);
}

inline jit::Traced traced(const jit::TracedFunction& f, std::vector<IValue> inputs, jit::TraceOptions options = {}) {
  return jit::trace(f, std::move(inputs), std::move(options));
}

inline std::shared_ptr<jit::Graph> parsed(const std::string& text) {
  auto g = jit::parse_ir(text);
  jit::lint(*g);
  return g;
}

inline Tensor run(const jit::Graph& g, std::vector<IValue> inputs) {
  return std::get<Tensor>(jit::Code(g).run(std::move(inputs)).at(0));
}

inline size_t count_of(const jit::Graph& g, std::string_view kind) {
  size_t n = 0;
  for (const jit::Node* node : g.block()) n += node->kind() == kind;
  return n;
}

// Two inputs; a product that is used twice, a sum that nobody reads.
inline const std::string kText =
    "graph(%x : Float(2),\n"
    "      %y : Float(2)):\n"
    "  %2 : Float(2) = aten::mul(%x, %y) # a.py:3:0\n"
    "  %3 : Float(2) = aten::mul(%x, %y) # a.py:4:0\n"
    "  %4 : Float(2) = aten::add(%2, %y)\n"
    "  %z.1 : Float(2) = aten::add(%2, %3), scope: __module.l/__module.l.0 # b c.py:12:0\n"
    "  return (%z.1)\n";

}  // namespace tapescope::testing
