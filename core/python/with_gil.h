// The interpreter's lock for code that may run on any thread, and calls into Python from there.
#pragma once

#include "core/python/face.h"

namespace tapescope::face {

struct WithGil {
  PyGILState_STATE state = ensure();
  WithGil() = default;
  ~WithGil() { PyGILState_Release(state); }
  WithGil(const WithGil&) = delete;
  WithGil& operator=(const WithGil&) = delete;

 private:
  static PyGILState_STATE ensure() {
    try {
      return PyGILState_Ensure();
    } catch (abi::__forced_unwind&) {
      stay();
    }
  }
};

// The innermost frame of ours: nothing of what stands above is unwound where the interpreter ends the thread.
template <class... Args>
py::object call(py::handle f, const Args&... args) {
  try {
    return f(args...);
  } catch (abi::__forced_unwind&) {
    stay();
  }
}
// The Python error that is set, as an exception: it keeps type, value and traceback, on whatever thread it is caught.
[[noreturn]] inline void throw_python_error() {
  throw py::error_already_set();
}
// The same for the interpreter's own calls: f() gives a new reference, or null with the Python error set.
template <class F>
py::object checked_call(F f) {
  try {
    PyObject* result = f();
    if (!result) throw_python_error();
    return py::reinterpret_steal<py::object>(result);
  } catch (abi::__forced_unwind&) {
    stay();
  }
}

// Drops a reference from any thread. Where the interpreter has ended it is left alone.
inline void drop(PyObject* o) noexcept {
  if (!o || !Py_IsInitialized()) return;
  const WithGil gil;
  Py_DECREF(o);
}

}  // namespace tapescope::face
