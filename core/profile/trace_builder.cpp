#include "core/profile/trace_builder.h"

#include <algorithm>
#include <map>
#include <numeric>

#include "core/graph/node.h"
#include "core/ops/registry.h"

namespace tapescope::profile {
namespace {

EventKind kind_of(RangeKind k) {
  switch (k) {
    case RangeKind::function:
      return EventKind::function;
    case RangeKind::hook:
      return EventKind::hook;
    case RangeKind::step:
      return EventKind::step;
    case RangeKind::user:
      break;
  }
  return EventKind::range;
}

bool may_cross(EventKind k) {
  return k == EventKind::range || k == EventKind::step;
}

// Where an event of each thread lies: the innermost that is open when the next begins.
class Nest {
 public:
  Nest(std::vector<Event>& events, size_t threads) : events_(events), open_(threads) {}

  // The innermost at a time.
  int32_t at(uint32_t thread, int64_t time) {
    auto& open = open_[thread];
    while (!open.empty() && events_[static_cast<size_t>(open.back())].end < time) open.pop_back();
    return open.empty() ? -1 : open.back();
  }

  void add(size_t i) {
    Event& e = events_[i];
    auto& open = open_[e.thread];
    while (!open.empty() && events_[static_cast<size_t>(open.back())].end <= e.start) open.pop_back();
    // What is open ends before this event does: one of them crosses the bounds of the other.
    while (!open.empty() && events_[static_cast<size_t>(open.back())].end < e.end) {
      Event& outer = events_[static_cast<size_t>(open.back())];
      if (may_cross(e.kind)) {
        e.is_async = true;
        e.parent = open.back();
        return;
      }
      if (!may_cross(outer.kind)) {
        e.end = outer.end;
        break;
      }
      outer.is_async = true;
      open.pop_back();
    }
    e.parent = open.empty() ? -1 : open.back();
    open.push_back(static_cast<int32_t>(i));
  }

 private:
  std::vector<Event>& events_;
  std::vector<std::vector<int32_t>> open_;
};

}  // namespace

TraceBuilder::TraceBuilder(const Moment& start, const Moment& end, int64_t live_bytes)
    : clock_(start, end), live_bytes_(live_bytes) {
  t_.start = start.nanoseconds;
  t_.end = end.nanoseconds;
}

int64_t TraceBuilder::time(int64_t ticks) const {
  return std::clamp(clock_.nanoseconds(ticks), t_.start, t_.end);
}

uint32_t TraceBuilder::name(const std::string& text) {
  const auto [at, fresh] = names_.try_emplace(text, static_cast<uint32_t>(t_.names.size()));
  if (fresh) t_.names.push_back(text);
  return at->second;
}

uint32_t TraceBuilder::thread(int64_t tid) {
  const auto [at, fresh] = threads_.try_emplace(tid, static_cast<uint32_t>(t_.threads.size()));
  if (fresh) t_.threads.push_back({tid});
  return at->second;
}

void TraceBuilder::open(Event e, Record& r) {
  e.start = r.time;
  e.end = t_.end;
  if (r.details && !r.details->arguments.empty()) {
    e.arguments = static_cast<int32_t>(t_.arguments.size());
    t_.arguments.push_back(std::move(r.details->arguments));
  }
  t_.events.push_back(e);
}

void TraceBuilder::add_log(Log& log) {
  std::vector<Record> records = log.take();
  t_.dropped += log.dropped();
  const uint32_t on = thread(log.tid());
  std::vector<size_t> ops, nodes;  // events that are open, by kind: each kind nests
  std::unordered_map<uint64_t, size_t> ranges;
  std::unordered_map<const void*, uint32_t> known;
  const auto name_once = [&](const void* what, const auto& text) {
    const auto [at, fresh] = known.try_emplace(what, 0);
    if (fresh) at->second = name(text());
    return at->second;
  };
  for (Record& r : records) {
    r.time = time(r.time);
    Event e{};
    e.thread = on;
    switch (r.mark) {
      case Mark::op_begin:
        e.kind = EventKind::op;
        e.name = name_once(r.what, [&] { return "aten::" + static_cast<const ops::Offer*>(r.what)->name; });
        e.first_made = e.end_made = r.a;
        ops.push_back(t_.events.size());
        open(e, r);
        break;
      case Mark::op_end:
        if (ops.empty()) break;  // it began before the profile did
        {
          Event& o = t_.events[ops.back()];
          ops.pop_back();
          o.end = r.time;
          o.end_made = r.a;
          // An op that gives back its input gives back an older node, which it did not make.
          if (r.b >= o.first_made && r.b < r.a) o.node = r.c, o.sequence_nr = r.b;
        }
        break;
      case Mark::node_begin:
        e.kind = EventKind::node;
        e.name = name_once(r.what, [&] {
          return "autograd::engine::evaluate_function: " + static_cast<const NodeType*>(r.what)->name;
        });
        if (r.a != Node::kLast) e.sequence_nr = r.a;
        e.node = r.c;
        nodes.push_back(t_.events.size());
        open(e, r);
        break;
      case Mark::node_end:
        if (nodes.empty()) break;
        t_.events[nodes.back()].end = r.time;
        nodes.pop_back();
        break;
      case Mark::range_begin:
        e.kind = kind_of(r.kind);
        e.name = name(r.details->name);
        e.sequence_nr = r.a;
        ranges.emplace(r.b, t_.events.size());
        open(e, r);
        break;
      case Mark::range_end:
        if (const auto found = ranges.find(r.b); found != ranges.end()) {
          Event& o = t_.events[found->second];
          o.end = r.time;
          o.node = r.c;
          o.sequence_nr = r.c ? r.a : kNoSequence;
          ranges.erase(found);
        }
        break;
      case Mark::allocated:
      case Mark::freed: {
        const auto bytes = static_cast<int64_t>(r.a);
        t_.allocations.push_back({r.time, on, -1, r.mark == Mark::freed ? -bytes : bytes,
                                  static_cast<uint64_t>(reinterpret_cast<uintptr_t>(r.what)), 0});
        break;
      }
    }
  }
  // A function that did not return made no node.
  for (const auto& [_, i] : ranges) t_.events[i].sequence_nr = kNoSequence;
}

void TraceBuilder::add_calls(const CallLog& log) {
  t_.dropped += log.dropped;
  const uint32_t on = thread(log.tid);
  std::vector<uint32_t> names(log.sites.size());
  for (size_t i = 0; i < names.size(); ++i) names[i] = name(log.sites[i].name);
  for (const Call& c : match_calls(log)) {
    const CallSite& site = log.sites[c.site];
    Event e{};
    e.kind = site.kind == CallKind::c        ? EventKind::c_call
             : site.kind == CallKind::module ? EventKind::module_call
                                             : EventKind::python_call;
    e.thread = on;
    e.name = names[c.site];
    e.start = time(c.start);
    e.end = c.end == kGoesOn ? t_.end : time(c.end);
    if (site.object) {
      // Numbered in order of the first call, once the calls of all threads are in order.
      e.module_nr = static_cast<int32_t>(selves_.size());
      selves_.push_back(site.object);
      classes_.push_back(name(site.kind == CallKind::module ? site.name : site.class_name));
    }
    t_.events.push_back(e);
  }
}

void TraceBuilder::nest() {
  std::vector<uint32_t> order(t_.events.size());
  std::iota(order.begin(), order.end(), 0U);
  const auto before = [&](uint32_t a, uint32_t b) {
    const Event &x = t_.events[a], &y = t_.events[b];
    if (x.start != y.start) return x.start < y.start;
    if (x.end != y.end) return x.end > y.end;
    return is_python(x.kind) > is_python(y.kind);
  };
  std::stable_sort(order.begin(), order.end(), before);
  std::vector<Event> sorted;
  sorted.reserve(order.size());
  for (uint32_t i : order) sorted.push_back(t_.events[i]);
  t_.events = std::move(sorted);
  std::stable_sort(t_.allocations.begin(), t_.allocations.end(),
                   [](const Allocation& a, const Allocation& b) { return a.time < b.time; });

  Nest nest(t_.events, t_.threads.size());
  int64_t total = live_bytes_;
  size_t next = 0;
  const auto place = [&](Allocation& a) {
    a.total = total += a.bytes;
    a.event = nest.at(a.thread, a.time);
  };
  for (size_t i = 0; i < t_.events.size(); ++i) {
    while (next < t_.allocations.size() && t_.allocations[next].time < t_.events[i].start)
      place(t_.allocations[next++]);
    nest.add(i);
  }
  while (next < t_.allocations.size()) place(t_.allocations[next++]);

  // A range that was found to cross others is nobody's parent.
  const auto parent = [&](int32_t p) {
    while (p >= 0 && t_.events[static_cast<size_t>(p)].is_async) p = t_.events[static_cast<size_t>(p)].parent;
    return p;
  };
  for (Event& e : t_.events) e.parent = parent(e.parent), e.self = e.duration();
  for (Allocation& a : t_.allocations)
    if ((a.event = parent(a.event)) >= 0) {
      Event& e = t_.events[static_cast<size_t>(a.event)];
      e.self_bytes += a.bytes;
      e.allocated += std::max<int64_t>(a.bytes, 0);
    }
  for (size_t i = t_.events.size(); i-- > 0;) {
    Event& e = t_.events[i];
    e.bytes += e.self_bytes;
    if (e.parent < 0 || e.is_async) continue;
    t_.events[static_cast<size_t>(e.parent)].self -= e.duration();
    t_.events[static_cast<size_t>(e.parent)].bytes += e.bytes;
    t_.events[static_cast<size_t>(e.parent)].allocated += e.allocated;
  }
}

void TraceBuilder::number_calls() {
  std::map<std::pair<uint32_t, uint64_t>, int32_t> numbers;
  std::unordered_map<uint32_t, int32_t> of_class;
  uint32_t next = 1;
  for (Event& e : t_.events) {
    if (!is_python(e.kind)) continue;
    e.python_id = next++;
    int32_t p = e.parent;
    while (p >= 0 && !is_python(t_.events[static_cast<size_t>(p)].kind)) p = t_.events[static_cast<size_t>(p)].parent;
    if (p >= 0) e.python_parent = t_.events[static_cast<size_t>(p)].python_id;
    if (e.module_nr < 0) continue;
    const auto at = static_cast<size_t>(e.module_nr);
    const auto [number, fresh] = numbers.try_emplace({classes_[at], selves_[at]}, 0);
    if (fresh) number->second = of_class[classes_[at]]++;
    const std::string numbered = t_.names[classes_[at]] + "_" + std::to_string(number->second);
    e.module_nr = number->second;
    if (e.kind == EventKind::module_call) {
      e.name = name("nn.Module: " + numbered);
    } else {
      e.optimizer = name(numbered);
      e.module_nr = -1;
    }
  }
}

// The op that made a node: by the node's id, or, where an op made several, by their sequence numbers, which count on
// each thread by itself.
void TraceBuilder::link_nodes() {
  std::unordered_map<uint64_t, int32_t> by_node;
  std::unordered_multimap<uint64_t, int32_t> by_sequence;
  for (size_t i = 0; i < t_.events.size(); ++i) {
    const Event& e = t_.events[i];
    const auto at = static_cast<int32_t>(i);
    if (e.kind == EventKind::function || e.kind == EventKind::op) {
      if (e.node) by_node.insert_or_assign(e.node, at);
      for (uint64_t s = e.first_made; s < e.end_made; ++s) by_sequence.emplace(s, at);
    } else if (e.kind == EventKind::node) {
      if (const auto found = by_node.find(e.node); found != by_node.end()) {
        t_.events[i].forward = found->second;
        continue;
      }
      int32_t best = -1;
      const auto [from, to] = by_sequence.equal_range(e.sequence_nr);
      for (auto c = from; c != to; ++c) {
        const bool same = t_.events[static_cast<size_t>(c->second)].thread == e.thread;
        const bool best_same = best >= 0 && t_.events[static_cast<size_t>(best)].thread == e.thread;
        if (best < 0 || same > best_same || (same == best_same && c->second > best)) best = c->second;
      }
      t_.events[i].forward = best;
    }
  }
}

Trace TraceBuilder::finish() {
  nest();
  number_calls();
  link_nodes();
  return std::move(t_);
}

}  // namespace tapescope::profile
