// Hooks that are Python callables: one C++ hook a dict id → callable, as PyTorch has it.
#include "core/autograd/engine.h"
#include "core/graph/autograd_meta.h"
#include "core/python/face.h"

namespace tapescope::face {
namespace {

struct WithGil {
  PyGILState_STATE s = ensure();
  ~WithGil() { PyGILState_Release(s); }

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

std::string name_of_callable(py::handle f) {
  for (const char* attribute : {"__qualname__", "__name__"})
    if (py::hasattr(f, attribute)) return py::str(f.attr(attribute));
  return std::string(py::str(py::type::of(f).attr("__qualname__")));
}

HookInfo describe_callable(py::handle id, py::handle f) {
  HookInfo info;
  info.name = name_of_callable(f);
  info.id = py::isinstance<py::int_>(id) ? id.cast<uint64_t>() : 0;
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

// Owns the dict; gives copies of its callables, so that a hook may remove itself while it runs.
class HookDict {
 public:
  explicit HookDict(py::dict d) : dict_(d.release().ptr()) {}
  ~HookDict() {
    if (!Py_IsInitialized()) return;
    const WithGil gil;
    Py_DECREF(dict_);
  }
  HookDict(const HookDict&) = delete;
  HookDict& operator=(const HookDict&) = delete;

  py::list callables() const { return py::reinterpret_steal<py::list>(PyDict_Values(dict_)); }
  std::vector<HookInfo> describe() const {
    const WithGil gil;
    std::vector<HookInfo> out;
    for (auto [id, f] : py::reinterpret_borrow<py::dict>(dict_)) out.push_back(describe_callable(id, f));
    return out;
  }
  PyObject* dict() const { return dict_; }

 private:
  PyObject* dict_;
};

// The rules for what a hook may return in place of `was`.
Tensor checked(py::handle returned, const Tensor& was, py::handle hook) {
  if (returned.is_none()) return {};
  if (!is_tensor(returned.ptr()))
    throw TypeError("expected Variable, but hook returned '{}'", Py_TYPE(returned.ptr())->tp_name);
  if (!was.defined()) throw AutogradError("can't replace a None gradient with a non-None value");
  const Tensor now = unwrap(returned.ptr());
  if (now.dtype() != was.dtype())
    throw DTypeError("hook '{}' has changed the type of value (was {} got {})", name_of_callable(hook),
                     name_of(was.dtype()), name_of(now.dtype()));
  if (!(now.shape() == was.shape()))
    throw ShapeError("hook '{}' has changed the size of value: it was {}, and is {}", name_of_callable(hook),
                     to_string(was.shape()), to_string(now.shape()));
  return now;
}

py::object object_of(const Tensor& t) {
  return py::reinterpret_steal<py::object>(wrap(t));
}

py::tuple tuple_of(std::span<const Tensor> ts) {
  py::tuple out(ts.size());
  for (size_t i = 0; i < ts.size(); ++i) out[i] = object_of(ts[i]);
  return out;
}

// Calls hooks on a tuple; what one returns is what the next is given.
template <class Call>
void run_on_tuple(const HookDict& hooks, std::span<Tensor> values, Call call) {
  for (py::handle f : hooks.callables()) {
    const py::tuple before = tuple_of(values);
    const py::object after = call(f, before);
    if (after.is_none() || after.is(before)) continue;
    if (!PyTuple_Check(after.ptr()) && values.size() == 1 && is_tensor(after.ptr())) {
      values[0] = checked(after, values[0], f);
      continue;
    }
    if (!PyTuple_Check(after.ptr()))
      throw TypeError("expected tuple, but hook returned '{}'", Py_TYPE(after.ptr())->tp_name);
    const py::tuple result = py::reinterpret_borrow<py::tuple>(after);
    if (result.size() != values.size())
      throw AutogradError("hook '{}' has returned an incorrect number of values (got {}, but expected {})",
                          name_of_callable(f), result.size(), values.size());
    for (size_t i = 0; i < values.size(); ++i)
      if (!py::object(result[i]).is(py::object(before[i]))) values[i] = checked(result[i], values[i], f);
  }
}

class PyFunctionTensorPreHook : public TensorPreHook {
 public:
  explicit PyFunctionTensorPreHook(py::dict d) : hooks_(std::move(d)) {}
  void operator()(Tensor& grad) override {
    const WithGil gil;
    for (py::handle f : hooks_.callables()) {
      const py::object before = object_of(grad);
      const py::object after = call(f, before);
      if (after.is_none() || after.is(before)) continue;
      grad = checked(after, grad, f);
    }
  }
  std::vector<HookInfo> describe() const override { return hooks_.describe(); }
  PyObject* dict() const { return hooks_.dict(); }

 private:
  HookDict hooks_;
};

class PyFunctionPreHook : public NodePreHook {
 public:
  explicit PyFunctionPreHook(py::dict d) : hooks_(std::move(d)) {}
  void operator()(std::span<Tensor> grads) override {
    const WithGil gil;
    run_on_tuple(hooks_, grads, [](py::handle f, const py::tuple& g) { return call(f, g); });
  }
  std::vector<HookInfo> describe() const override { return hooks_.describe(); }

 private:
  HookDict hooks_;
};

class PyFunctionPostHook : public NodePostHook {
 public:
  explicit PyFunctionPostHook(py::dict d) : hooks_(std::move(d)) {}
  void operator()(std::span<Tensor> outputs, std::span<const Tensor> inputs) override {
    const WithGil gil;
    const py::tuple given = tuple_of(inputs);
    run_on_tuple(hooks_, outputs, [&](py::handle f, const py::tuple& o) { return call(f, o, given); });
  }
  std::vector<HookInfo> describe() const override { return hooks_.describe(); }

 private:
  HookDict hooks_;
};

class PyFunctionTensorPostAccGradHooks : public PostAccumulateGradHook {
 public:
  explicit PyFunctionTensorPostAccGradHooks(py::dict d) : hooks_(std::move(d)) {}
  void operator()(const Tensor& leaf) override {
    const WithGil gil;
    for (py::handle f : hooks_.callables())
      if (!call(f, object_of(leaf)).is_none())
        throw AutogradError("Tensor post accumulate grad hooks should return None.");
  }
  std::vector<HookInfo> describe() const override { return hooks_.describe(); }

 private:
  HookDict hooks_;
};

}  // namespace

PyObject* dict_of(const TensorPreHook* hook) {
  const auto* ours = dynamic_cast<const PyFunctionTensorPreHook*>(hook);
  return ours ? ours->dict() : nullptr;
}

void bind_hooks(py::module_& m) {
  m.def("_register_tensor_hook_dict", [](const Tensor& t, py::dict d) {
    auto hook = std::make_shared<PyFunctionTensorPreHook>(std::move(d));
    if (t.is_leaf()) {
      autograd_meta(t).leaf_hook = std::move(hook);
      return;
    }
    gradient_edge(t);  // a stale view asks again
    t.grad_fn()->hooks_for_writing().tensor_pre.push_back({t.impl()->output_nr, std::move(hook)});
  });
  m.def("_register_post_accumulate_dict", [](const Tensor& t, py::dict d) {
    if (!t.requires_grad()) throw AutogradError("cannot register a hook on a tensor that doesn't require gradient");
    if (!t.is_leaf()) throw AutogradError("post accumulate grad hooks cannot be registered on non-leaf tensors");
    autograd_meta(t).post_accumulate_hook = std::make_shared<PyFunctionTensorPostAccGradHooks>(std::move(d));
  });
  m.def("_register_node_prehook_dict", [](py::handle node, py::dict d) {
    unwrap_node(node.ptr())->hooks_for_writing().pre.push_back(std::make_shared<PyFunctionPreHook>(std::move(d)));
  });
  m.def("_register_node_hook_dict", [](py::handle node, py::dict d) {
    unwrap_node(node.ptr())->hooks_for_writing().post.push_back(std::make_shared<PyFunctionPostHook>(std::move(d)));
  });
}

}  // namespace tapescope::face
