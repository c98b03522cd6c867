// Makes a Trace of what threads logged, and of the calls of Python that a tracer recorded.
#pragma once

#include <unordered_map>

#include "core/profile/calls.h"
#include "core/profile/clock.h"
#include "core/profile/trace.h"

namespace tapescope::profile {

class TraceBuilder {
 public:
  // `live_bytes`: of all tensors at the start. Times of records are ticks between the two moments.
  TraceBuilder(const Moment& start, const Moment& end, int64_t live_bytes);

  void add_log(Log& log);
  void add_calls(const CallLog& log);
  // Orders, nests, links. The builder is empty afterwards.
  Trace finish();

 private:
  uint32_t name(const std::string& text);
  uint32_t thread(int64_t tid);
  void open(Event e, Record& r);

  void nest();
  void number_calls();
  void link_nodes();

  // Within the profile, whatever the clock said.
  int64_t time(int64_t ticks) const;

  Trace t_;
  Calibration clock_;
  int64_t live_bytes_;
  std::unordered_map<std::string, uint32_t> names_;
  std::unordered_map<int64_t, uint32_t> threads_;
  // The object whose method a call is, and its class: an event's module_nr is a place in both until calls are numbered.
  std::vector<uint64_t> selves_;
  std::vector<uint32_t> classes_;
};

}  // namespace tapescope::profile
