// A finished profile: what happened when, on which thread, inside of what.
//
// Invariants
//   * `events` are in order of their start; of those that start together the outer one comes first.
//   * On a thread, events that are not `is_async` nest strictly: each lies within its parent, and those that share a
//     parent do not overlap. A range that crosses the bounds of others is async.
//   * Times are nanoseconds of profile::now(), within [start, end]; no event ends before it begins.
//   * Names are well-formed UTF-8.
#pragma once

#include <string>
#include <vector>

#include "core/profile/log.h"

namespace tapescope::profile {

enum class EventKind : uint8_t {
  op,           // "aten::add"
  node,         // "autograd::engine::evaluate_function: MulBackward0", with its hooks
  function,     // the forward of a custom Function
  hook,         // a hook, by its callable's name
  range,        // record_function, a step of an optimizer
  step,         // "ProfilerStep#1"
  python_call,  // "<file>(<line>): <function>"
  module_call,  // "nn.Module: Linear_0"
  c_call,       // "<built-in function len>"
};
inline bool is_python(EventKind k) {
  return k >= EventKind::python_call;
}

struct Event {
  EventKind kind;
  bool is_async = false;
  uint32_t name = 0;     // in names
  uint32_t thread = 0;   // in threads
  int32_t parent = -1;   // in events: the innermost that it lies in; -1: none
  int32_t forward = -1;  // of a node: the event of the op that made it
  int64_t start = 0, end = 0;
  int64_t self = 0;                       // what its children do not account for
  uint64_t sequence_nr = kNoSequence;     // of the node that an op made, and of that node
  uint64_t first_made = 0, end_made = 0;  // of an op: sequence numbers of all nodes that it made; the second is not one
  uint64_t node = 0;                      // id of that node; 0: none
  int64_t bytes = 0, self_bytes = 0;      // allocated, less what was freed
  int64_t allocated = 0;                  // what was freed aside
  int32_t arguments = -1;                 // in Trace::arguments
  // Calls of Python: ids from 1 in order of start, 0 for none; of a module, its number among those of its class.
  uint32_t python_id = 0, python_parent = 0;
  int32_t module_nr = -1;
  uint32_t optimizer = 0;  // in names: "SGD_0" for a call of its step; 0: it is no such call

  int64_t duration() const { return end - start; }
};

struct Allocation {
  int64_t time;
  uint32_t thread;
  int32_t event;  // the innermost at that time; -1: none
  int64_t bytes;  // negative: freed
  uint64_t address;
  int64_t total;  // bytes of all tensors then
};

struct TraceThread {
  int64_t tid;
  std::string name = {};
};

struct Trace {
  int64_t start = 0, end = 0;
  std::vector<std::string> names = {""};
  std::vector<TraceThread> threads;
  std::vector<Event> events;
  std::vector<Allocation> allocations;
  std::vector<std::vector<Argument>> arguments;
  uint64_t dropped = 0;  // records for which there was no room

  const std::string& name(const Event& e) const { return names[e.name]; }
};

}  // namespace tapescope::profile
