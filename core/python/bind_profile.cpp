// A profile's start and end, and what it found, for tapescope.profiler.
#include "core/profile/chrome_trace.h"
#include "core/profile/node_totals.h"
#include "core/python/profile.h"

namespace tapescope::face {
namespace {

using profile::Event;
using profile::Trace;

struct Asked {
  bool shapes, memory, stack;
};
Asked asked{};

void start(bool shapes, bool memory, bool stack) {
  if (profile::running()) throw AutogradError("a profile runs already: profiles do not nest, stop that one first");
  asked = {shapes, memory, stack};
  if (stack) start_calls(*call_tracer());
  try {
    profile::start({shapes, memory});
  } catch (...) {
    stop_calls(*call_tracer());
    throw;
  }
}

std::optional<Trace> stop(const std::vector<std::string>& prefixes, bool keep) {
  std::optional<profile::TraceBuilder> builder = profile::stop();
  stop_calls(*call_tracer());
  const std::vector<profile::CallLog> calls = take_calls(*call_tracer(), prefixes);
  if (!builder || !keep) return {};
  for (const profile::CallLog& log : calls) builder->add_calls(log);
  Trace trace = builder->finish();
  profile::keep_node_totals(trace, asked.memory);
  return trace;
}

py::object optional_number(uint64_t n, uint64_t none) {
  return n == none ? py::object(py::none()) : py::object(py::int_(n));
}

const char* kind_name(profile::EventKind k) {
  using K = profile::EventKind;
  switch (k) {
    case K::op:
      return "op";
    case K::node:
      return "node";
    case K::function:
      return "function";
    case K::hook:
      return "hook";
    case K::range:
      return "range";
    case K::step:
      return "step";
    case K::python_call:
      return "python";
    case K::module_call:
      return "module";
    case K::c_call:
      return "c";
  }
  return "";
}

// (shapes, types) of an op's arguments, as FunctionEvent has them.
py::tuple arguments_of(const Trace& t, const Event& e) {
  py::list shapes, types;
  if (e.arguments >= 0)
    for (const profile::Argument& a : t.arguments[static_cast<size_t>(e.arguments)]) {
      if (a.is_list || a.shapes.empty())
        shapes.append(py::cast(a.shapes));
      else
        shapes.append(py::cast(a.shapes.front()));
      types.append(a.type);
    }
  return py::make_tuple(shapes, types);
}

py::list events_of(const Trace& t) {
  std::vector<py::str> names;
  for (const std::string& n : t.names) names.emplace_back(n);
  py::list out;
  for (const Event& e : t.events) {
    const py::object forward = e.forward < 0
                                   ? py::object(py::none())
                                   : py::object(py::int_(t.events[static_cast<size_t>(e.forward)].thread + 1));
    out.append(py::make_tuple(kind_name(e.kind), names[e.name], e.thread + 1, e.start - t.start, e.end - t.start,
                              e.self, e.parent, optional_number(e.sequence_nr, profile::kNoSequence), forward,
                              optional_number(e.node, 0), e.bytes, e.self_bytes, e.is_async, e.python_id,
                              e.python_parent, e.module_nr, e.first_made, e.end_made,
                              e.arguments < 0 ? py::object(py::none()) : py::object(arguments_of(t, e))));
  }
  return out;
}

}  // namespace

void bind_profile(py::module_& m) {
  py::class_<Trace>(m, "_Trace")
      .def("events", &events_of)
      .def("allocations",
           [](const Trace& t) {
             py::list out;
             for (const profile::Allocation& a : t.allocations)
               out.append(py::make_tuple(a.time - t.start, a.thread + 1, a.event, a.bytes, a.total));
             return out;
           })
      .def("threads",
           [](const Trace& t) {
             py::list out;
             for (const profile::TraceThread& thread : t.threads) out.append(thread.tid);
             return out;
           })
      .def("name_threads",
           [](Trace& t, const py::dict& names) {
             for (profile::TraceThread& thread : t.threads)
               if (const py::int_ tid(thread.tid); names.contains(tid))
                 thread.name = text_of(py::str(names[tid]).ptr());
           })
      .def("chrome_trace",
           [](const Trace& t, int64_t pid, const py::str& name, int64_t unix_nanoseconds, bool stack, bool memory,
              bool shapes) {
             const std::string text =
                 profile::chrome_trace(t, {pid, text_of(name.ptr()), unix_nanoseconds, stack, memory, shapes});
             return py::bytes(text);
           })
      .def_property_readonly("duration", [](const Trace& t) { return t.end - t.start; })
      .def_property_readonly("dropped", [](const Trace& t) { return t.dropped; });
  m.def("_profiler_start", &start, py::arg("record_shapes"), py::arg("profile_memory"), py::arg("with_stack"));
  m.def("_profiler_stop", &stop, py::arg("prefixes"), py::arg("keep"));
  m.def("_profiler_enabled", &profile::running);
  m.def("_begin_step",
        [](const py::str& name) { return profile::begin_range(text_of(name.ptr()), profile::RangeKind::step); });
  m.def("_end_step", [](uint64_t token) { profile::end_range(token, profile::RangeKind::step); });
}

}  // namespace tapescope::face
