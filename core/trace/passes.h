// What rewrites graphs. Each pass keeps lint true and the results of the graph the same.
#pragma once

#include "core/trace/ir.h"

namespace tapescope::jit {

// Drops nodes whose outputs nobody reads and that have no side effects. dead_code.cpp
void eliminate_dead_code(Graph& graph);

// Lets one node stand for several that compute the same. Where the graph writes into tensors, only numbers, strings and
// None are merged: two results that were apart might be written. common_subexpressions.cpp
void eliminate_common_subexpressions(Graph& graph);

// Puts the body of each called method in place of the call, also in what is put there. inline.cpp
void inline_calls(Graph& graph);

// Puts runs of pointwise ops of which each feeds the next into prim::FusionGroup nodes, whose Subgraph the interpreter
// runs in one loop. fuse.cpp
void fuse_pointwise(Graph& graph);

// A copy without names and shapes, and without elements of constant tensors: alike for traces of runs that did the
// same. canonicalize.cpp
std::shared_ptr<Graph> canonicalize(const Graph& graph);

// The methods that a flat traced graph is made of: for each call of a submodule a graph of its own, which a CallMethod
// names, and whose inputs are the submodule and what it reads from outside. outline.cpp
struct Method {
  std::string path;  // of the module, "encoder.0"; empty: the root
  std::string name;  // "forward", "forward1" for the second call
  std::shared_ptr<Graph> graph;
};
struct Outlined {
  std::shared_ptr<Graph> graph;
  std::vector<Method> methods;  // callees before their callers
};
// `module`: whose graph it is; null: a function's, which has no calls.
Outlined outline_calls(const Graph& flat, const Object* module);

}  // namespace tapescope::jit
