#include "core/python/callable.h"

namespace tapescope::face {

std::string name_of_callable(py::handle f) {
  for (const char* attribute : {"__qualname__", "__name__"})
    if (py::hasattr(f, attribute)) return py::str(f.attr(attribute));
  return std::string(py::str(py::type::of(f).attr("__qualname__")));
}

HookInfo describe_callable(py::handle f, uint64_t id) {
  HookInfo info;
  info.id = id;
  if (py::hasattr(f, "_multi_grad_hook")) {
    info = describe_callable(f.attr("_multi_grad_hook"), id);
    info.kind = "multi_grad";
    return info;
  }
  info.name = name_of_callable(f);
  py::object target = py::reinterpret_borrow<py::object>(f);
  if (py::hasattr(target, "func") && !py::hasattr(target, "__code__"))
    target = target.attr("func");  // functools.partial
  if (!py::hasattr(target, "__code__") && py::hasattr(target, "__call__") &&
      py::hasattr(target.attr("__call__"), "__code__"))
    target = target.attr("__call__");
  if (py::hasattr(target, "__code__")) {
    const py::object code = target.attr("__code__");
    info.file = py::str(code.attr("co_filename"));
    info.line = code.attr("co_firstlineno").cast<int>();
  }
  return info;
}

}  // namespace tapescope::face
