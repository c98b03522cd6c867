// Any bytes as a graph's text. They are refused in words, or what they say prints as a text that reads back as itself;
// a graph that passes lint can be rewritten by every pass and passes again.
#include "core/tensor/error.h"
#include "core/trace/interpreter.h"
#include "core/trace/lint.h"
#include "core/trace/parser.h"
#include "core/trace/passes.h"
#include "tests/fuzz/well_formed.h"

using namespace tapescope;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  std::shared_ptr<jit::Graph> graph;
  try {
    graph = jit::parse_ir(text);
  } catch (const ValueError&) {
    return 0;
  }
  const std::string printed = graph->str();
  if (jit::parse_ir(printed)->str() != printed) fuzz::fail("the text does not read back as itself", printed);
  try {
    jit::lint(*graph);
  } catch (const ValueError&) {
    return 0;
  }
  jit::lint(*jit::canonicalize(*graph));
  jit::lint(*jit::outline_calls(*graph, nullptr).graph);
  jit::eliminate_dead_code(*graph);
  jit::lint(*graph);
  jit::eliminate_common_subexpressions(*graph);
  jit::lint(*graph);
  jit::fuse_pointwise(*graph);
  jit::lint(*graph);
  try {
    jit::inline_calls(*graph);
    const jit::Code code(*graph);
  } catch (const Error&) {
  }
  return 0;
}
