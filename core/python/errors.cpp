// C++ errors as the Python classes that users expect: each kind is a class of its own under the one PyTorch raises.
#include "core/python/face.h"

namespace tapescope::face {
namespace {

PyObject* classes[10] = {};

}  // namespace

void init_errors(py::module_& m) {
  const auto make = [&](ErrorKind kind, const char* name, PyObject* base, const char* doc) {
    PyObject* c = PyErr_NewExceptionWithDoc(name, doc, base, nullptr);
    if (!c) throw py::error_already_set();
    classes[static_cast<int>(kind)] = c;
    m.add_object(std::string(name).substr(std::string(name).rfind('.') + 1).c_str(), py::handle(c));
  };
  make(ErrorKind::shape, "tapescope.ShapeError", PyExc_RuntimeError, "Shapes do not fit.");
  make(ErrorKind::dtype, "tapescope.DTypeError", PyExc_RuntimeError, "Element types do not fit.");
  make(ErrorKind::autograd, "tapescope.AutogradError", PyExc_RuntimeError,
       "A rule of automatic differentiation is broken.");
  make(ErrorKind::internal, "tapescope.InternalError", PyExc_RuntimeError, "A fault of Tapescope's.");
  // PyTorch's is a RuntimeError that says ZeroDivisionError: both may be caught.
  const py::tuple both = py::make_tuple(py::handle(PyExc_RuntimeError), py::handle(PyExc_ZeroDivisionError));
  make(ErrorKind::division, "tapescope.DivisionError", both.ptr(), "An integer is divided by zero.");
  classes[static_cast<int>(ErrorKind::index)] = PyExc_IndexError;
  classes[static_cast<int>(ErrorKind::value)] = PyExc_ValueError;
  classes[static_cast<int>(ErrorKind::type)] = PyExc_TypeError;
  classes[static_cast<int>(ErrorKind::not_implemented)] = PyExc_NotImplementedError;
  classes[static_cast<int>(ErrorKind::memory)] = PyExc_MemoryError;
  py::register_exception_translator([](std::exception_ptr p) {
    try {
      if (p) std::rethrow_exception(p);
    } catch (const Error& e) {
      PyErr_SetString(classes[static_cast<int>(e.kind())], e.what());
    }
  });
}

void translate_exception() noexcept {
  try {
    throw;
  } catch (py::error_already_set& e) {
    e.restore();
  } catch (const Error& e) {
    PyErr_SetString(classes[static_cast<int>(e.kind())], e.what());
  } catch (const py::builtin_exception& e) {
    e.set_error();
  } catch (const std::bad_alloc&) {
    PyErr_NoMemory();
  } catch (const std::exception& e) {
    PyErr_SetString(PyExc_RuntimeError, e.what());
  } catch (...) {
    PyErr_SetString(PyExc_SystemError, "tapescope: an exception of unknown type");
  }
}

}  // namespace tapescope::face
