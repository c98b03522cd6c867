// What the profiler's binding files share.
#pragma once

#include "core/profile/profiler.h"
#include "core/python/face.h"

namespace tapescope::face {

void bind_profile(py::module_& m);
void bind_call_tracer(py::module_& m);
void init_record_function(py::module_& m);

// Calls of Python on all threads of the interpreter. See bind_call_tracer.cpp.
class CallTracer;
CallTracer* call_tracer();  // the one of profiles
// False, with a warning, if a tracer is active. May set a Python error, which is thrown.
bool start_calls(CallTracer& tracer);
void stop_calls(CallTracer& tracer);
// What was recorded, and forgotten. File names lose the first of the prefixes that they begin with.
std::vector<profile::CallLog> take_calls(CallTracer& tracer, const std::vector<std::string>& prefixes);

// Well-formed UTF-8 of a str, with escapes for what is none.
std::string text_of(PyObject* str);

}  // namespace tapescope::face
