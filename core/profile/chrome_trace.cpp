#include "core/profile/chrome_trace.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>

namespace tapescope::profile {
namespace {

const char* category(EventKind k) {
  switch (k) {
    case EventKind::op:
    case EventKind::node:
    case EventKind::function:
      return "cpu_op";
    case EventKind::hook:
      return "hook";
    case EventKind::range:
    case EventKind::step:
      return "user_annotation";
    default:
      return "python_function";
  }
}

class Writer {
 public:
  Writer(const Trace& trace, const ProcessInfo& process) : t_(trace), process_(process) {
    for (const std::string& name : t_.names) quoted_.push_back(quoted(name));
    out_.reserve(4096 + t_.events.size() * 160);
  }

  std::string write() {
    put("{{\"schemaVersion\":1,\"displayTimeUnit\":\"ms\",\"baseTimeNanoseconds\":{},\"with_stack\":{},"
        "\"profile_memory\":{},\"record_shapes\":{},\"traceEvents\":[",
        process_.unix_nanoseconds, int{process_.with_stack}, int{process_.profile_memory}, int{process_.record_shapes});
    write_names();
    for (size_t i = 0; i < t_.events.size(); ++i) write_event(i);
    for (const Event& e : t_.events)
      if (e.forward >= 0) write_arrow(t_.events[static_cast<size_t>(e.forward)], e);
    for (const Allocation& a : t_.allocations) write_allocation(a);
    out_ += "\n]}\n";
    return std::move(out_);
  }

 private:
  template <class... Args>
  void put(fmt::format_string<Args...> text, Args&&... args) {
    fmt::format_to(std::back_inserter(out_), text, std::forward<Args>(args)...);
  }
  // Events stand one a line, so that a file can be read and compared.
  void next() { out_ += std::exchange(first_, false) ? "\n" : ",\n"; }

  static std::string quoted(const std::string& text) {
    std::string out = "\"";
    for (const char c : text) {
      const auto byte = static_cast<unsigned char>(c);
      if (c == '"' || c == '\\')
        out += '\\', out += c;
      else if (byte < 0x20)
        out += fmt::format("\\u{:04x}", byte);
      else
        out += c;
    }
    return out + '"';
  }

  void time(const char* name, int64_t ns) {
    put(",\"{}\":{}", name, ns / 1000);
    if (ns % 1000) put(".{:03}", ns % 1000);
  }
  void place(uint32_t thread, int64_t at) {
    put(",\"pid\":{},\"tid\":{}", process_.pid, t_.threads[thread].tid);
    time("ts", at - t_.start);
  }

  void write_names() {
    next();
    put("{{\"ph\":\"M\",\"name\":\"process_name\",\"pid\":{},\"tid\":0,\"ts\":0,\"args\":{{\"name\":{}}}}}",
        process_.pid, quoted(process_.name));
    for (size_t i = 0; i < t_.threads.size(); ++i) {
      const TraceThread& thread = t_.threads[i];
      const std::string name = thread.name.empty() ? fmt::format("thread {}", thread.tid)
                                                   : fmt::format("thread {} ({})", thread.tid, thread.name);
      next();
      put("{{\"ph\":\"M\",\"name\":\"thread_name\",\"pid\":{},\"tid\":{},\"ts\":0,\"args\":{{\"name\":{}}}}}",
          process_.pid, thread.tid, quoted(name));
      next();
      put("{{\"ph\":\"M\",\"name\":\"thread_sort_index\",\"pid\":{},\"tid\":{},\"ts\":0,\"args\":{{\"sort_index\":{}}}"
          "}}",
          process_.pid, thread.tid, i);
    }
  }

  void write_event(size_t i) {
    const Event& e = t_.events[i];
    if (e.is_async) {
      for (const char* phase : {"b", "e"}) {
        next();
        put("{{\"ph\":\"{}\",\"cat\":\"{}\",\"name\":{},\"id\":{}", phase, category(e.kind), quoted_[e.name], i);
        place(e.thread, *phase == 'b' ? e.start : e.end);
        out_ += '}';
      }
      return;
    }
    next();
    put("{{\"ph\":\"X\",\"cat\":\"{}\",\"name\":{}", category(e.kind), quoted_[e.name]);
    place(e.thread, e.start);
    time("dur", e.duration());
    args_.clear();
    add_arguments(e);
    if (!args_.empty()) put(",\"args\":{{{}}}", args_);
    out_ += '}';
  }

  template <class... Args>
  void arg(const char* name, fmt::format_string<Args...> text, Args&&... args) {
    const auto end = std::back_inserter(args_);
    fmt::format_to(end, "{}\"{}\":", args_.empty() ? "" : ",", name);
    fmt::format_to(end, text, std::forward<Args>(args)...);
  }

  void add_arguments(const Event& e) {
    if (e.python_id) {
      arg("Python id", "{}", e.python_id);
      if (e.python_parent)
        arg("Python parent id", "{}", e.python_parent);
      else
        arg("Python parent id", "null");
      if (e.module_nr >= 0) arg("Python module id", "{}", e.module_nr);
      if (e.optimizer) arg("Optimizer", "{}", quoted_[e.optimizer]);
    }
    if (e.sequence_nr != kNoSequence) arg("Sequence number", "{}", e.sequence_nr);
    if (e.forward >= 0) arg("Fwd thread id", "{}", t_.threads[t_.events[static_cast<size_t>(e.forward)].thread].tid);
    if (e.node) arg("Node id", "{}", e.node);
    if (e.arguments >= 0) {
      const auto& all = t_.arguments[static_cast<size_t>(e.arguments)];
      std::string dims, types;
      for (const Argument& a : all) {
        std::string shapes;
        for (const auto& s : a.shapes) shapes += fmt::format("{}[{}]", shapes.empty() ? "" : ",", fmt::join(s, ","));
        if (!types.empty()) dims += ',', types += ',';
        dims += a.is_list || a.shapes.empty() ? fmt::format("[{}]", shapes) : shapes;
        types += quoted(a.type);
      }
      arg("Input Dims", "[{}]", dims);
      arg("Input type", "[{}]", types);
    }
    if (e.bytes || e.self_bytes) {
      arg("Bytes", "{}", e.bytes);
      arg("Self Bytes", "{}", e.self_bytes);
    }
  }

  // A flow starts and ends within the slices that it connects.
  void write_arrow(const Event& from, const Event& to) {
    ++arrows_;
    next();
    put("{{\"ph\":\"s\",\"cat\":\"fwdbwd\",\"name\":\"fwdbwd\",\"id\":{}", arrows_);
    place(from.thread, from.start);
    out_ += '}';
    next();
    put("{{\"ph\":\"f\",\"bp\":\"e\",\"cat\":\"fwdbwd\",\"name\":\"fwdbwd\",\"id\":{}", arrows_);
    place(to.thread, to.start);
    out_ += '}';
  }

  void write_allocation(const Allocation& a) {
    next();
    put("{{\"ph\":\"i\",\"cat\":\"cpu_instant_event\",\"s\":\"t\",\"name\":\"[memory]\"");
    place(a.thread, a.time);
    put(",\"args\":{{\"Bytes\":{},\"Total Allocated\":{},\"Addr\":{},\"Device Type\":0,\"Device Id\":-1}}}}", a.bytes,
        a.total, a.address);
  }

  const Trace& t_;
  const ProcessInfo& process_;
  std::vector<std::string> quoted_;
  std::string out_, args_;
  bool first_ = true;
  uint64_t arrows_ = 0;
};

}  // namespace

std::string chrome_trace(const Trace& trace, const ProcessInfo& process) {
  return Writer(trace, process).write();
}

}  // namespace tapescope::profile
