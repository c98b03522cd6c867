// A traced function as Python calls it: from the type's call slot into the interpreter.
#include "core/python/python_tracer.h"
#include "core/trace/interpreter.h"

namespace tapescope::face {
namespace {

struct TracedFunction {
  PyObject_HEAD const jit::Code* code;  // null: not set
  PyObject* owner;                      // keeps it
};

TracedFunction* as_traced(PyObject* o) {
  return reinterpret_cast<TracedFunction*>(o);
}

PyObject* call(PyObject* self, PyObject* args, PyObject* kwargs) {
  return guarded([&]() -> PyObject* {
    if (kwargs && PyDict_GET_SIZE(kwargs)) {
      const py::object by_name = py::handle(self).attr("_call_by_name");
      return PyObject_Call(by_name.ptr(), py::make_tuple(py::handle(args), py::handle(kwargs)).ptr(), nullptr);
    }
    if (!as_traced(self)->code) throw InternalError("a traced function that has no code was called");
    // It may be given another one meanwhile.
    const py::object kept = py::reinterpret_borrow<py::object>(as_traced(self)->owner);
    return run_code(*as_traced(self)->code, &PyTuple_GET_ITEM(args, 0), static_cast<size_t>(PyTuple_GET_SIZE(args)))
        .release()
        .ptr();
  });
}

PyObject* get_code(PyObject* self, void*) {
  PyObject* owner = as_traced(self)->owner;
  return Py_NewRef(owner ? owner : Py_None);
}

int set_code(PyObject* self, PyObject* value, void*) {
  return guarded_int([&] {
    if (!value) throw TypeError("_code cannot be deleted");
    const jit::Code& code = py::handle(value).cast<const jit::Code&>();
    PyObject* const before = as_traced(self)->owner;
    as_traced(self)->code = &code;
    as_traced(self)->owner = Py_NewRef(value);
    Py_XDECREF(before);
  });
}

void dealloc(PyObject* self) {
  Py_CLEAR(as_traced(self)->owner);
  Py_TYPE(self)->tp_free(self);
}

PyGetSetDef attributes[] = {{"_code", get_code, set_code, "The graph made ready to run.", nullptr},
                            {nullptr, nullptr, nullptr, nullptr, nullptr}};

PyTypeObject TracedFunctionType = [] {
  PyTypeObject t{};
  t.ob_base = {PyObject_HEAD_INIT(nullptr) 0};
  t.tp_name = "tapescope._C._TracedFunction";
  t.tp_doc = "A graph that is called like a function.";
  t.tp_basicsize = sizeof(TracedFunction);
  t.tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE;
  t.tp_new = PyType_GenericNew;
  t.tp_dealloc = dealloc;
  t.tp_call = call;
  t.tp_getset = attributes;
  return t;
}();

// Values of which as many are made as there are: few live on the stack.
class Inputs {
 public:
  explicit Inputs(size_t count) : count_(count) {
    if (count > kFew)
      many_.resize(count);
    else
      std::uninitialized_value_construct_n(data(), count);
  }
  ~Inputs() {
    if (count_ <= kFew) std::destroy_n(data(), count_);
  }
  Inputs(const Inputs&) = delete;
  Inputs& operator=(const Inputs&) = delete;
  jit::IValue* data() { return count_ > kFew ? many_.data() : reinterpret_cast<jit::IValue*>(few_); }

 private:
  static constexpr size_t kFew = 8;
  size_t count_;
  alignas(jit::IValue) std::byte few_[kFew * sizeof(jit::IValue)];
  std::vector<jit::IValue> many_;
};

}  // namespace

py::object run_code(const jit::Code& code, PyObject* const* args, size_t count) {
  Inputs inputs(count);
  for (size_t i = 0; i < count; ++i)
    if (is_tensor(args[i]))
      inputs.data()[i].emplace<Tensor>(unwrap(args[i]));
    else
      inputs.data()[i] = to_ivalue(args[i], fmt::format("input {}", i));
  if (code.results() != 1)
    throw ValueError("the graph has {} results, and a call gives one: make a tuple of them", code.results());
  jit::IValue out;
  code.run({inputs.data(), count}, {&out, 1});
  return to_python(out);
}

void bind_traced_function(py::module_& m) {
  if (PyType_Ready(&TracedFunctionType) < 0) throw py::error_already_set();
  m.add_object("_TracedFunction", reinterpret_cast<PyObject*>(&TracedFunctionType));
}

}  // namespace tapescope::face
