// Where Python is: the first frame outside the package, read from the thread's current frame.
//
// CPython's public way (PyEval_GetFrame) makes a frame object, which costs more than a small op. The frame's layout is
// that of Python 3.11, for which this module is built.
#define Py_BUILD_CORE 1
#include <Python.h>
#include <internal/pycore_frame.h>
#undef Py_BUILD_CORE

#include <array>
#include <map>
#include <unordered_map>

#include "core/python/face.h"
#include "core/python/frames.h"
#include "core/trace/source_range.h"

namespace tapescope::face {
namespace {

static_assert(PY_VERSION_HEX >= 0x030B0000 && PY_VERSION_HEX < 0x030C0000,
              "the frame is read as Python 3.11 lays it out");

struct Entry {
  PyCodeObject* code;  // owned: a site may be asked for long after
  int offset;          // of the instruction, in bytes
};

std::string library;  // directory of the package, with a trailing slash

class PythonSites : public SiteSource {
 public:
  SiteId current() noexcept override {
    PyThreadState* thread = _PyThreadState_UncheckedGet();
    if (!thread) return 0;
    _PyInterpreterFrame* f = thread->cframe->current_frame;
    for (; f; f = f->previous) {
      if (_PyFrame_IsIncomplete(f) || is_library(f->f_code)) continue;
      return site_of(f);
    }
    return 0;
  }

  void stack(std::vector<SiteId>& out) {
    PyThreadState* thread = _PyThreadState_UncheckedGet();
    if (!thread) return;
    for (_PyInterpreterFrame* f = thread->cframe->current_frame; f; f = f->previous)
      if (!_PyFrame_IsIncomplete(f)) out.push_back(site_of(f));
  }

  SiteInfo resolve(SiteId id) override {
    if (id >= entries_.size()) return {};
    const auto [code, offset] = entries_[id];
    SiteInfo info;
    int line = 0, column = 0, end_line = 0, end_column = 0;
    if (PyCode_Addr2Location(code, offset, &line, &column, &end_line, &end_column)) {
      info.line = line > 0 ? line : 0;
      info.column = column;
      info.end_column = end_line == line ? end_column : -1;
    }
    info.file = py::str(py::handle(code->co_filename));
    const std::string function = py::str(py::handle(code->co_qualname));
    if (function != "<module>" && function.rfind("<cell line", 0) != 0) info.function = function;
    return info;
  }

 private:
  static constexpr size_t kRecent = 1024;
  struct Recent {
    PyCodeObject* code = nullptr;
    int offset = 0;
    SiteId id = 0;
  };
  using Place = std::array<int, 4>;  // line, column, and those of the end
  struct OfCode {
    std::unordered_map<int, SiteId> by_offset;
    std::map<Place, SiteId> by_place;
  };
  struct Known {
    PyCodeObject* code = nullptr;
    bool library = false;
  };

  SiteId site_of(_PyInterpreterFrame* f) noexcept {
    const int offset = _PyInterpreterFrame_LASTI(f) * static_cast<int>(sizeof(_Py_CODEUNIT));
    const uintptr_t hash = (reinterpret_cast<uintptr_t>(f->f_code) >> 4) * 31 + static_cast<uintptr_t>(offset);
    Recent& r = recent_[hash % kRecent];
    if (r.code != f->f_code || r.offset != offset) r = {f->f_code, offset, intern(f->f_code, offset)};
    return r.id;
  }

  bool is_library(PyCodeObject* code) noexcept {
    Known& k = known_[(reinterpret_cast<uintptr_t>(code) >> 4) % kRecent];
    if (k.code != code) {
      const char* file = PyUnicode_AsUTF8(code->co_filename);
      if (!file) PyErr_Clear();
      const bool inside = file && !library.empty() && std::string_view(file).starts_with(library);
      Py_INCREF(code);  // an address in the cache must not come to mean other code
      Py_XDECREF(std::exchange(k.code, code));
      k.library = inside;
    }
    return k.library;
  }

  // The interpreter reports one call at another of its instruction's code units once it has specialized it: what has
  // the same place in the source is one site.
  SiteId intern(PyCodeObject* code, int offset) noexcept {
    OfCode& known = by_code_[code];
    const auto [at, fresh] = known.by_offset.try_emplace(offset, 0);
    if (!fresh) return at->second;
    if (known.by_offset.size() == 1) Py_INCREF(code);
    const auto next = static_cast<SiteId>(entries_.size());
    Place p = {};
    if (PyCode_Addr2Location(code, offset, &p[0], &p[1], &p[2], &p[3]) && p[1] >= 0) {
      const auto [same, first] = known.by_place.try_emplace(p, next);
      if (!first) return at->second = same->second;
    }
    entries_.push_back({code, offset});
    return at->second = next;
  }

  Recent recent_[kRecent];
  Known known_[kRecent];
  std::unordered_map<PyCodeObject*, OfCode> by_code_;
  std::vector<Entry> entries_{{nullptr, 0}};  // site 0: not known
};

PythonSites* sites = nullptr;

bool holds(PyObject* o, const Tensor& t) {
  return o && is_tensor(o) && reinterpret_cast<PyTensor*>(o)->impl == t.impl();
}

}  // namespace

void current_stack(std::vector<SiteId>& out) {
  if (sites) sites->stack(out);
}

std::string name_in_frame(const Tensor& t) {
  const PyThreadState* thread = _PyThreadState_UncheckedGet();
  _PyInterpreterFrame* f = thread ? thread->cframe->current_frame : nullptr;
  while (f && _PyFrame_IsIncomplete(f)) f = f->previous;
  if (!f) return "";
  const auto text = [](PyObject* name) {
    std::string s = py::str(name);
    return s == "self" ? "" : s;
  };
  // A function's variables lie in its frame; those of a module or a class body in a dict.
  const PyCodeObject* code = f->f_code;
  for (int i = 0; i < code->co_nlocalsplus; ++i) {
    PyObject* o = f->localsplus[i];
    if (o && PyCell_Check(o)) o = PyCell_GET(o);
    if (holds(o, t)) return text(PyTuple_GET_ITEM(code->co_localsplusnames, i));
  }
  if (f->f_locals && PyDict_Check(f->f_locals)) {
    PyObject *key, *value;
    for (Py_ssize_t at = 0; PyDict_Next(f->f_locals, &at, &key, &value);)
      if (PyUnicode_Check(key) && holds(value, t)) return text(key);
  }
  return "";
}

void init_sites(py::module_& m) {
  site_source = sites = new PythonSites;
  jit::current_stack = current_stack;
  m.def(
      "_set_library", [](const std::string& directory) { library = directory; },
      "Code under this directory (with a trailing slash) is the library's own: sites are looked for outside it.");
  m.def("_current_site", [] {
    const SiteInfo s = resolve_site(current_site());
    return py::make_tuple(s.file, s.line, s.function);
  });
}

}  // namespace tapescope::face
