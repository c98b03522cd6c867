// The tracer of Python calls: a C profile function on every thread of the interpreter.
//
// Invariants
//   * All of it runs with the interpreter's lock held.
//   * One tracer is active in a process. It takes the place of whatever sys.setprofile had installed.
//   * A call costs a look at the clock, a look into a small cache and 16 bytes, and as much when it ends; names are
//     made when the tracer has stopped. Code objects are held until then, modules and optimizers are not.
//   * Frames that are on a thread's stack at the start, at most kMostStartFrames of them, begin at the start.
#define Py_BUILD_CORE 1
#include <Python.h>
#include <internal/pycore_frame.h>
#undef Py_BUILD_CORE

#include <map>
#include <unordered_map>
#include <unordered_set>

#include "core/profile/clock.h"
#include "core/python/profile.h"

namespace tapescope::face {
namespace {

using profile::CallKind;
using profile::CallLog;
using profile::CallRecord;

constexpr size_t kMostStartFrames = 128;

// Code that stands for something else than a call of itself.
struct KnownCode {
  PyObject* module_call = nullptr;         // nn.Module.__call__
  PyObject* optimizer_step = nullptr;      // what is around each optimizer's step
  std::unordered_set<const void*> hidden;  // code objects, and method definitions of C functions
};
KnownCode& known_code() {
  static KnownCode& k = *new KnownCode;
  return k;
}

struct Site {
  CallKind kind;
  py::object code;   // python, optimizer
  int line = 0;      // on entry
  std::string name;  // c: its repr; module, optimizer: the class
  uint64_t object = 0;
};

// What one thread records.
class ThreadCalls {
 public:
  explicit ThreadCalls(int64_t tid) : tid_(tid) { next_chunk(); }

  void call(_PyInterpreterFrame* frame) {
    const uint32_t site = python_site(frame->f_code, frame);
    append(site);
  }
  void c_call(PyObject* function) { append(c_site(function)); }
  void returned(uint32_t how) { append(how); }
  void stopped() { append(profile::kStopped); }

  // Frames of a stack, the innermost first to be found and the last to begin.
  void start_frames(_PyInterpreterFrame* innermost) {
    std::vector<uint32_t> sites;
    for (_PyInterpreterFrame* f = innermost; f && sites.size() < kMostStartFrames; f = f->previous)
      if (!_PyFrame_IsIncomplete(f)) sites.push_back(site_of_code(f->f_code, -1, f));
    for (size_t i = sites.size(); i-- > 0;) append(sites[i]);
  }

  CallLog take(const std::vector<std::string>& prefixes);

 private:
  static constexpr size_t kRecent = 1024, kChunk = 1 << 14, kMostChunks = 1 << 11;
  struct Recent {
    const void* key = nullptr;
    int at = 0;
    uint32_t site = 0;
  };

  void append(uint32_t site) {
    if (at_ == end_) [[unlikely]]
      if (!next_chunk()) return;
    at_->site = site;
    (at_++)->time = profile::ticks();
  }
  bool next_chunk() {
    if (chunks_.size() == kMostChunks) {
      ++dropped_;
      return false;
    }
    chunks_.push_back(std::make_unique_for_overwrite<CallRecord[]>(kChunk));
    at_ = chunks_.back().get();
    end_ = at_ + kChunk;
    return true;
  }

  uint32_t python_site(PyCodeObject* code, _PyInterpreterFrame* frame) {
    // A generator that goes on is a call too, of the line where it goes on.
    const int instruction = _PyInterpreterFrame_LASTI(frame);
    const int at = instruction <= code->_co_firsttraceable ? -1 : instruction;
    Recent& r = recent_[((reinterpret_cast<uintptr_t>(code) >> 4) + static_cast<uintptr_t>(at + 1)) % kRecent];
    if (r.key == code && r.at == at) [[likely]]
      return r.site;
    const uint32_t site = site_of_code(code, at, frame);
    if (sites_[site].kind == CallKind::python || sites_[site].kind == CallKind::hidden) r = {code, at, site};
    return site;
  }

  uint32_t c_site(PyObject* function) {
    const void* key = PyCFunction_Check(function)
                          ? static_cast<const void*>(reinterpret_cast<PyCFunctionObject*>(function)->m_ml)
                          : Py_TYPE(function);
    Recent& r = recent_[(reinterpret_cast<uintptr_t>(key) >> 4) % kRecent];
    if (r.key == key) [[likely]]
      return r.site;
    auto found = by_method_.find(key);
    if (found == by_method_.end()) {
      const bool hidden = known_code().hidden.contains(key);
      sites_.push_back({hidden ? CallKind::hidden_c : CallKind::c, {}, 0, shown(function), 0});
      found = by_method_.emplace(key, static_cast<uint32_t>(sites_.size() - 1)).first;
    }
    r = {key, 0, found->second};
    return found->second;
  }

  uint32_t site_of_code(PyCodeObject* code, int at, _PyInterpreterFrame* frame);
  uint32_t site_of_object(CallKind kind, PyCodeObject* code, _PyInterpreterFrame* frame);

  // Its repr; where that would name pybind11's own record of a function, the module that it is in.
  static std::string shown(PyObject* o) {
    const auto text = py::reinterpret_steal<py::object>(PyObject_Repr(o));
    if (!text) PyErr_Clear();
    std::string out = text ? text_of(text.ptr()) : Py_TYPE(o)->tp_name;
    const size_t at = out.find(" of pybind11_builtins.");
    if (at == std::string::npos) return out;
    const auto module = py::reinterpret_steal<py::object>(PyObject_GetAttrString(o, "__module__"));
    if (!module) PyErr_Clear();
    out.resize(at);
    return out + (module && PyUnicode_Check(module.ptr()) ? " of " + text_of(module.ptr()) : std::string()) + ">";
  }

  int64_t tid_;
  CallRecord *at_ = nullptr, *end_ = nullptr;
  Recent recent_[kRecent];
  std::vector<std::unique_ptr<CallRecord[]>> chunks_;
  std::vector<Site> sites_;
  std::map<std::pair<PyCodeObject*, int>, uint32_t> by_code_;
  std::unordered_map<const void*, uint32_t> by_method_;
  std::map<std::pair<CallKind, uint64_t>, uint32_t> by_object_;
  uint64_t dropped_ = 0;
};

uint32_t ThreadCalls::site_of_code(PyCodeObject* code, int at, _PyInterpreterFrame* frame) {
  const KnownCode& known = known_code();
  auto* const object = reinterpret_cast<PyObject*>(code);
  if (object == known.module_call) return site_of_object(CallKind::module, code, frame);
  if (object == known.optimizer_step) return site_of_object(CallKind::optimizer, code, frame);
  const auto [found, fresh] = by_code_.try_emplace({code, at}, static_cast<uint32_t>(sites_.size()));
  if (fresh) {
    const int line =
        at < 0 ? code->co_firstlineno : PyCode_Addr2Line(code, at * static_cast<int>(sizeof(_Py_CODEUNIT)));
    const CallKind kind = known.hidden.contains(object) ? CallKind::hidden : CallKind::python;
    sites_.push_back({kind, py::reinterpret_borrow<py::object>(object), line, {}, 0});
  }
  return found->second;
}

// A call of a method of `self`, which is the first local. Modules have numbers that are never another's; an optimizer
// is known by its address.
uint32_t ThreadCalls::site_of_object(CallKind kind, PyCodeObject* code, _PyInterpreterFrame* frame) {
  PyObject* self = frame->localsplus[0];
  if (self && PyCell_Check(self)) self = PyCell_GET(self);
  auto id = static_cast<uint64_t>(reinterpret_cast<uintptr_t>(self));
  if (self && kind == CallKind::module) {
    static PyObject* const name = PyUnicode_InternFromString("_module_id");
    const auto number = py::reinterpret_steal<py::object>(PyObject_GenericGetAttr(self, name));
    if (number && PyLong_Check(number.ptr())) id = PyLong_AsUnsignedLongLong(number.ptr());
    PyErr_Clear();
  }
  const auto [found, fresh] = by_object_.try_emplace({kind, id}, static_cast<uint32_t>(sites_.size()));
  if (fresh) {
    std::string cls = self ? Py_TYPE(self)->tp_name : "?";
    cls.erase(0, cls.rfind('.') + 1);
    sites_.push_back({kind, py::reinterpret_borrow<py::object>(reinterpret_cast<PyObject*>(code)), code->co_firstlineno,
                      std::move(cls), id});
  }
  return found->second;
}

std::string trimmed(std::string file, const std::vector<std::string>& prefixes) {
  for (const std::string& p : prefixes)
    if (file.starts_with(p)) return file.substr(p.size());
  return file;
}

CallLog ThreadCalls::take(const std::vector<std::string>& prefixes) {
  CallLog log;
  log.tid = tid_;
  log.dropped = std::exchange(dropped_, 0);
  for (const Site& s : sites_) {
    std::string name = s.name;
    if (s.kind == CallKind::python || s.kind == CallKind::optimizer) {
      auto* code = reinterpret_cast<PyCodeObject*>(s.code.ptr());
      name = fmt::format("{}({}): {}", trimmed(text_of(code->co_filename), prefixes), s.line, text_of(code->co_name));
    }
    log.sites.push_back({s.kind, std::move(name), s.object, s.kind == CallKind::optimizer ? s.name : std::string()});
  }
  for (const auto& chunk : chunks_) {
    const CallRecord* const begin = chunk.get();
    const CallRecord* const end = &chunk == &chunks_.back() ? at_ : begin + kChunk;
    log.records.insert(log.records.end(), begin, end);
  }
  chunks_.clear();
  next_chunk();
  return log;
}

// What PyEval_SetProfile is given for a thread.
struct PyThreadCalls {
  PyObject_HEAD ThreadCalls* calls;
};
void dealloc(PyObject* self) {
  delete reinterpret_cast<PyThreadCalls*>(self)->calls;
  Py_TYPE(self)->tp_free(self);
}
PyTypeObject PyThreadCallsType = {};

int on_event(PyObject* self, PyFrameObject* frame, int what, PyObject* arg) {
  ThreadCalls& calls = *reinterpret_cast<PyThreadCalls*>(self)->calls;
  try {
    switch (what) {
      case PyTrace_CALL:
        calls.call(frame->f_frame);
        break;
      case PyTrace_RETURN:
        calls.returned(profile::kPythonReturn);
        break;
      case PyTrace_C_CALL:
        calls.c_call(arg);
        break;
      case PyTrace_C_RETURN:
      case PyTrace_C_EXCEPTION:
        calls.returned(profile::kCReturn);
        break;
      default:
        break;
    }
  } catch (abi::__forced_unwind&) {
    stay();
  } catch (...) {  // no memory for a record: the program goes on
  }
  return 0;
}

}  // namespace

class CallTracer {
 public:
  CallTracer() = default;
  ~CallTracer() {
    if (active == this) {
      stop();
      if (PyErr_WarnEx(PyExc_UserWarning, "`PythonTracer.stop()` was not called.", 1) < 0)
        PyErr_WriteUnraisable(nullptr);
    }
  }
  CallTracer(const CallTracer&) = delete;
  CallTracer& operator=(const CallTracer&) = delete;

  bool start() {
    if (active) {
      if (PyErr_WarnEx(PyExc_UserWarning,
                       "There is already an active Python tracer. Refusing to register profile functions.", 1) < 0)
        throw py::error_already_set();
      return false;
    }
    active = this;
    if (threads_.empty()) started_ = profile::Moment::current();
    PyThreadState* const own = PyThreadState_Get();
    try {
      for (PyThreadState* t = PyInterpreterState_ThreadHead(own->interp); t; t = PyThreadState_Next(t)) install(t);
    } catch (...) {
      stop();
      throw;
    }
    return true;
  }

  void stop() {
    if (active != this) return;
    active = nullptr;
    PyThreadState* const own = PyThreadState_Get();
    for (PyThreadState* t = PyInterpreterState_ThreadHead(own->interp); t; t = PyThreadState_Next(t))
      if (t->c_profilefunc == on_event) put_back(t);
    before_.clear();
    for (const py::object& o : threads_) calls_of(o).stopped();
  }

  // On a thread that began while a tracer was active.
  static void install_here() {
    PyThreadState* t = PyThreadState_Get();
    if (active)
      active->install(t);
    else
      set_profile(t, nullptr, nullptr);
  }

  std::vector<CallLog> take(const std::vector<std::string>& prefixes) {
    std::vector<CallLog> out;
    for (const py::object& o : std::exchange(threads_, {})) out.push_back(calls_of(o).take(prefixes));
    return out;
  }

  // When the first of what it holds began.
  const profile::Moment& started() const { return started_; }

  static inline CallTracer* active = nullptr;

 private:
  static ThreadCalls& calls_of(const py::object& o) { return *reinterpret_cast<PyThreadCalls*>(o.ptr())->calls; }

  // The public way knows the current thread only.
  static void set_profile(PyThreadState* t, Py_tracefunc f, PyObject* o) {
    PyThreadState* const own = PyThreadState_Swap(t);
    PyEval_SetProfile(f, o);
    PyThreadState_Swap(own);
  }

  struct Profile {
    Py_tracefunc function;
    py::object argument;
  };

  // What sys.setprofile had on the thread.
  void put_back(PyThreadState* t) {
    const auto found = before_.find(t->id);
    if (found == before_.end())
      set_profile(t, nullptr, nullptr);
    else
      set_profile(t, found->second.function, found->second.argument.ptr());
  }

  void install(PyThreadState* t) {
    if (t->c_profilefunc && t->c_profilefunc != on_event)
      before_[t->id] = {t->c_profilefunc, py::reinterpret_borrow<py::object>(t->c_profileobj)};
    auto o = py::reinterpret_steal<py::object>(PyThreadCallsType.tp_alloc(&PyThreadCallsType, 0));
    if (!o) throw py::error_already_set();
    // After a fork the interpreter may still have the parent's number for the thread.
    const auto tid = t == PyThreadState_Get() ? profile::thread_id() : static_cast<int64_t>(t->native_thread_id);
    reinterpret_cast<PyThreadCalls*>(o.ptr())->calls = new ThreadCalls(tid);
    calls_of(o).start_frames(t->cframe->current_frame);
    threads_.push_back(o);
    set_profile(t, on_event, o.ptr());
  }

  std::vector<py::object> threads_;
  std::unordered_map<uint64_t, Profile> before_;  // by the thread state's id
  profile::Moment started_;
};

CallTracer* call_tracer() {
  static CallTracer& t = *new CallTracer;
  return &t;
}
bool start_calls(CallTracer& tracer) {
  return tracer.start();
}
void stop_calls(CallTracer& tracer) {
  tracer.stop();
}
std::vector<CallLog> take_calls(CallTracer& tracer, const std::vector<std::string>& prefixes) {
  return tracer.take(prefixes);
}

void bind_call_tracer(py::module_& m) {
  PyTypeObject& t = PyThreadCallsType;
  t.ob_base.ob_base.ob_refcnt = 1;
  t.tp_name = "tapescope._C._ThreadCalls";
  t.tp_basicsize = sizeof(PyThreadCalls);
  t.tp_flags = Py_TPFLAGS_DEFAULT;
  t.tp_dealloc = dealloc;
  if (PyType_Ready(&t) < 0) throw py::error_already_set();

  py::class_<CallTracer>(m, "_CallTracer")
      .def(py::init<>())
      .def("start", &CallTracer::start)
      .def("stop", &CallTracer::stop)
      .def_property_readonly("is_active", [](const CallTracer& c) { return CallTracer::active == &c; })
      .def("take", [](CallTracer& c, const std::vector<std::string>& prefixes) {
        profile::TraceBuilder builder(c.started(), profile::Moment::current(), 0);
        for (const CallLog& log : c.take(prefixes)) builder.add_calls(log);
        return builder.finish();
      });
  m.def("_trace_this_thread", [](const py::args&) { CallTracer::install_here(); });
  m.def("_known_code", [](py::object module_call, py::object optimizer_step, const py::list& hidden) {
    KnownCode& k = known_code();
    k.module_call = module_call.release().ptr();
    k.optimizer_step = optimizer_step.release().ptr();
    for (py::handle o : hidden) {
      o.inc_ref();  // for good: an address must not come to mean something else
      if (PyCFunction_Check(o.ptr()))
        k.hidden.insert(reinterpret_cast<PyCFunctionObject*>(o.ptr())->m_ml);
      else if (Py_IS_TYPE(o.ptr(), &PyMethodDescr_Type))
        k.hidden.insert(reinterpret_cast<PyMethodDescrObject*>(o.ptr())->d_method);
      else
        k.hidden.insert(o.ptr());
    }
  });
}

}  // namespace tapescope::face
