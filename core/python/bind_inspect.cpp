// Looking: recordings of cells, documents, live objects by id, and the kernel's table of C functions.
#include <set>

#include "core/inspect/document.h"
#include "core/inspect/trace_view.h"
#include "core/python/callable.h"
#include "core/python/kernel_api.h"
#include "core/python/looking.h"
#include "core/record/recorder.h"
#include "core/tensor/blocks.h"

namespace tapescope::face {
namespace {

using inspect::Bundle;

// From (kind, callable, id, runs).
inspect::HookView module_hook(py::handle entry, uint32_t module, size_t order) {
  static const std::set<std::string> kinds = {"module_forward_pre", "module_forward", "module_backward_pre",
                                              "module_backward"};
  const py::tuple t = py::reinterpret_borrow<py::tuple>(entry);
  inspect::HookView v{};
  v.kind = kinds.find(t[0].cast<std::string>())->c_str();
  v.info = describe_callable(t[1], t[2].cast<uint64_t>());
  v.info.run.count = t[3].cast<uint64_t>();
  v.module = module;
  v.order = static_cast<uint32_t>(order);
  return v;
}

// What the program calls its tensors and modules: tapescope._names looks through its variables.
inspect::Names names() {
  inspect::Names out;
  const py::tuple found = py::module_::import("tapescope._names").attr("collect")();
  for (auto [id, name] : py::reinterpret_borrow<py::dict>(found[0]))
    out.tensors.emplace(id.cast<uint64_t>(), std::string(py::str(name)));
  for (auto [id, entry] : py::reinterpret_borrow<py::dict>(found[1])) {
    const auto [path, type] = entry.cast<std::pair<std::string, std::string>>();
    out.modules.emplace(id.cast<uint32_t>(), inspect::ModuleView{path, type});
  }
  for (auto [id, hooks] : py::reinterpret_borrow<py::dict>(found[2])) {
    inspect::ModuleView& m = out.modules[id.cast<uint32_t>()];
    for (py::handle h : hooks) m.hooks.push_back(module_hook(h, id.cast<uint32_t>(), m.hooks.size()));
  }
  return out;
}

int begin_cell(std::string source, std::string filename, int64_t count, int mode) {
  if (is_recording()) stop_recording();
  const uint64_t cell = register_cell(std::move(filename), std::move(source), count);
  if (mode != TAPESCOPE_MODE_OFF)
    start_recording(mode == TAPESCOPE_MODE_FULL ? Recorder::Mode::full : Recorder::Mode::automatic, cell);
  return 0;
}

std::optional<Bundle> end_cell(std::optional<inspect::FailureView> failure) {
  if (!is_recording()) return {};
  const std::unique_ptr<Recorder> recording = stop_recording();
  if (!recording->touched_graph()) return {};
  const Looking looking;
  return make_bundle(view_of_recording(*recording, names(), std::move(failure)));
}

std::tuple<std::string, std::string, std::string> texts(Bundle b) {
  return {std::move(b.document), std::move(b.svg), std::move(b.text)};
}

void collect_roots(py::handle value, std::vector<Ref<Node>>& roots) {
  if (is_tensor(value.ptr())) {
    const Looking looking;
    Edge e = existing_gradient_edge(unwrap(value.ptr()));
    if (e) roots.push_back(std::move(e.node));
  } else if (Ref<Node> n = unwrap_node(value.ptr())) {
    roots.push_back(std::move(n));
  } else if (py::isinstance<py::list>(value) || py::isinstance<py::tuple>(value)) {
    for (py::handle v : value) collect_roots(v, roots);
  } else {
    throw TypeError("explore: takes a tensor, a node, or a list of them, not {}", Py_TYPE(value.ptr())->tp_name);
  }
}

// --- the kernel's table

thread_local std::string last_error;

template <class F>
int reported(F f) noexcept {
  try {
    last_error.clear();
    return f();
  } catch (const std::exception& e) {  // error_already_set too: its destructor drops the Python error
    last_error = e.what();
  } catch (...) {
    last_error = "an exception of unknown type";
  }
  return -1;
}

std::string string_of(TapescopeText t) {
  return t.data ? std::string(t.data, t.size) : std::string();
}
TapescopeText text_of(const std::string& s) {
  return {s.data(), s.size()};
}

int api_begin_cell(const TapescopeCell* c) {
  return reported(
      [&] { return begin_cell(string_of(c->source), string_of(c->filename), c->execution_count, c->mode); });
}

int api_end_cell(const TapescopeFailure* f, TapescopeBundle* out) {
  return reported([&] {
    std::optional<inspect::FailureView> failure;
    if (f) failure = {string_of(f->type), string_of(f->message), string_of(f->filename), static_cast<int>(f->line)};
    std::optional<Bundle> b = end_cell(std::move(failure));
    if (!b) return 0;
    auto* owner = new Bundle(std::move(*b));
    *out = {text_of(owner->document), text_of(owner->svg), text_of(owner->text), owner};
    return 1;
  });
}

void api_free_bundle(TapescopeBundle* b) {
  delete static_cast<Bundle*>(b->owner);
  *b = {};
}

TapescopeText api_last_error() {
  return text_of(last_error);
}

TapescopeKernelApi api = {TAPESCOPE_KERNEL_API_VERSION, api_begin_cell, api_end_cell, api_free_bundle, api_last_error};

}  // namespace

void bind_inspect(py::module_& m) {
  m.attr("_kernel_api") = py::capsule(&api, TAPESCOPE_KERNEL_API_NAME);
  m.def("_begin_cell", &begin_cell, py::arg("source"), py::arg("filename"), py::arg("execution_count"),
        py::arg("mode") = 1);
  m.def(
      "_end_cell",
      [](std::optional<std::tuple<std::string, std::string, std::string, int>> failure)
          -> std::optional<std::tuple<std::string, std::string, std::string>> {
        std::optional<inspect::FailureView> f;
        if (failure) f = {std::get<0>(*failure), std::get<1>(*failure), std::get<2>(*failure), std::get<3>(*failure)};
        std::optional<Bundle> b = end_cell(std::move(f));
        return b ? std::optional(texts(std::move(*b))) : std::nullopt;
      },
      py::arg("failure") = py::none());
  m.def("_register_cell", [](std::string filename, std::string source, int64_t count) {
    return register_cell(std::move(filename), std::move(source), count);
  });
  m.def("_session", [] { return inspect::session_id(); });
  m.def("_pause_recording", [](bool pause) {
    static OpObserver* paused = nullptr;
    const bool was = paused != nullptr;
    if (pause && op_observer) paused = std::exchange(op_observer, nullptr);
    if (!pause && paused) op_observer = std::exchange(paused, nullptr);
    return was;
  });
  m.def(
      "_explore",
      [](py::object value, py::object title, std::string census, size_t most) {
        std::vector<Ref<Node>> roots;
        collect_roots(value, roots);
        const Looking looking;
        inspect::GraphView g = view_of_roots(roots, names(), most);
        if (!title.is_none()) g.title = py::str(title);
        g.census = std::move(census);
        return texts(make_bundle(g));
      },
      py::arg("value"), py::arg("title") = py::none(), py::arg("census") = "",
      py::arg("most") = size_t{inspect::kMostNodes});
  m.def(
      "_explore_trace",
      [](const jit::Graph& graph, const std::string& title) {
        const Looking looking;
        inspect::GraphView g = inspect::view_of_trace(graph, names());
        g.title = title;
        return texts(make_bundle(g));
      },
      py::arg("graph"), py::arg("title"));
  m.def("_release_memory", &release_blocks,
        "Gives the memory that freed tensors left for later ones back to the system; returns the bytes.");
}

}  // namespace tapescope::face
