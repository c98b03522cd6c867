// Hooks that are Python callables: one C++ hook a dict id → callable, as PyTorch has it.
#include <unordered_map>

#include "core/autograd/engine.h"
#include "core/graph/autograd_meta.h"
#include "core/graph/observer.h"
#include "core/profile/profiler.h"
#include "core/python/callable.h"
#include "core/python/node_object.h"
#include "core/python/with_gil.h"

namespace tapescope::face {
namespace {

using HookRuns = std::unordered_map<uint64_t, HookRun>;

// One call of a callable of a dict: counted, an event of a profile, and while a cell is recorded what it did to the
// gradient is kept.
class Call {
 public:
  Call(HookRuns& runs, uint64_t id, const py::object& f, const Tensor& given)
      : run_(runs[id]), range_(profile::RangeKind::hook, [&] { return "hook: " + describe_callable(f).name; }) {
    ++run_.count;
    if (!op_observer) [[likely]]
      return;
    watched_ = true;
    pass_ = current_graph_task_id();
    order_ = next_in(pass_);
    given_ = given;
    version_ = given.defined() ? given.version() : 0;
    norm_ = norm(given);
  }
  void done(const Tensor& now) {
    if (!watched_) return;
    HookEffect e;
    if (given_.defined() != now.defined() || (now.defined() && !now.is_same(given_)))
      e.change = HookEffect::Change::replaced;
    else if (now.defined() && now.version() != version_)
      e.change = HookEffect::Change::in_place;
    e.pass = pass_;
    e.order = order_;
    if (given_.defined()) e.before = intern_meta(given_);
    if (now.defined()) e.after = intern_meta(now);
    e.norm_before = norm_;
    e.norm_after = e.change != HookEffect::Change::none ? norm(now) : norm_;
    run_.last = e;
  }

 private:
  static double norm(const Tensor& t) { return t.defined() && op_observer ? op_observer->norm_of(t) : -1.0; }
  static uint32_t next_in(int64_t pass) {
    static int64_t latest = -1;  // under the interpreter's lock
    static uint32_t next = 0;
    if (std::exchange(latest, pass) != pass) next = 0;
    return next++;
  }
  HookRun& run_;
  profile::Range range_;
  bool watched_ = false;
  int64_t pass_ = -1;
  uint32_t order_ = 0;
  Tensor given_;
  uint32_t version_ = 0;
  double norm_ = 0;
};

// Owns the dict; gives copies of its callables, so that a hook may remove itself while it runs.
class HookDict {
 public:
  explicit HookDict(py::dict d) : dict_(d.release().ptr()) {}
  ~HookDict() { drop(dict_); }
  HookDict(const HookDict&) = delete;
  HookDict& operator=(const HookDict&) = delete;

  struct Entry {
    uint64_t id;
    py::object f;
  };
  std::vector<Entry> callables() const {
    std::vector<Entry> out;
    PyObject *id, *f;
    for (Py_ssize_t at = 0; PyDict_Next(dict_, &at, &id, &f);)
      out.push_back({number(id), py::reinterpret_borrow<py::object>(f)});
    return out;
  }
  std::vector<HookInfo> describe() const {
    const WithGil gil;
    std::vector<HookInfo> out;
    for (const Entry& e : callables()) {
      out.push_back(describe_callable(e.f, e.id));
      if (const auto run = runs.find(e.id); run != runs.end()) out.back().run = run->second;
    }
    return out;
  }
  PyObject* dict() const { return dict_; }

  HookRuns runs;

 private:
  static uint64_t number(PyObject* id) { return PyLong_CheckExact(id) ? PyLong_AsUnsignedLongLong(id) : 0; }
  PyObject* dict_;
};

// As PyTorch's messages have it: without the module.
std::string type_name(const py::object& o) {
  const std::string_view name = Py_TYPE(o.ptr())->tp_name;
  return std::string(name.substr(name.rfind('.') + 1));
}
std::string short_name(py::handle f) {
  return py::hasattr(f, "__name__") ? std::string(py::str(f.attr("__name__"))) : "<unknown>";
}

// The rules for what a hook may return in place of `was`.
Tensor checked(py::handle returned, const Tensor& was, py::handle hook) {
  if (returned.is_none()) return {};
  if (!is_tensor(returned.ptr()))
    throw TypeError("expected Variable, but hook returned '{}'", Py_TYPE(returned.ptr())->tp_name);
  if (!was.defined()) throw AutogradError("can't replace a None gradient with a non-None value");
  const Tensor now = unwrap(returned.ptr());
  if (now.dtype() != was.dtype())
    throw DTypeError("hook '{}' has changed the type of value (was {} got {})", short_name(hook), name_of(was.dtype()),
                     name_of(now.dtype()));
  if (!(now.shape() == was.shape()))
    throw ShapeError("hook '{}' has changed the size of value: it was {}, and is {}", short_name(hook),
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

Tensor first_of(std::span<const Tensor> values) {
  return values.empty() ? Tensor() : values[0];
}

// Calls hooks on a tuple; what one returns is what the next is given.
template <class Invoke>
void run_on_tuple(HookDict& hooks, std::span<Tensor> values, Invoke invoke) {
  for (const auto& [id, f] : hooks.callables()) {
    const py::tuple before = tuple_of(values);
    Call watch(hooks.runs, id, f, first_of(values));
    const py::object after = invoke(f, before);
    if (!after.is_none() && !after.is(before)) {
      if (!PyTuple_Check(after.ptr())) throw TypeError("expected tuple, but hook returned '{}'", type_name(after));
      const py::tuple result = py::reinterpret_borrow<py::tuple>(after);
      if (result.size() != values.size())
        throw AutogradError("hook '{}' has returned an incorrect number of values (got {}, but expected {})",
                            short_name(f), result.size(), values.size());
      for (size_t i = 0; i < values.size(); ++i)
        if (!py::object(result[i]).is(py::object(before[i]))) values[i] = checked(result[i], values[i], f);
    }
    watch.done(first_of(values));
  }
}

// What Python hooks have in common: the garbage collector sees their dicts.
class DictOwner {
 public:
  explicit DictOwner(py::dict d) : hooks_(std::move(d)) {}
  virtual ~DictOwner() = default;
  PyObject* dict() const { return hooks_.dict(); }

 protected:
  HookDict hooks_;
};

class PyFunctionTensorPreHook : public TensorPreHook, public DictOwner {
 public:
  using DictOwner::DictOwner;
  void operator()(Tensor& grad) override {
    const WithGil gil;
    for (const auto& [id, f] : hooks_.callables()) {
      const py::object before = object_of(grad);
      Call watch(hooks_.runs, id, f, grad);
      const py::object after = call(f, before);
      if (!after.is_none() && !after.is(before)) grad = checked(after, grad, f);
      watch.done(grad);
    }
  }
  std::vector<HookInfo> describe() const override { return hooks_.describe(); }
};

class PyFunctionPreHook : public NodePreHook, public DictOwner {
 public:
  using DictOwner::DictOwner;
  void operator()(std::span<Tensor> grads) override {
    const WithGil gil;
    run_on_tuple(hooks_, grads, [](py::handle f, const py::tuple& g) { return call(f, g); });
  }
  std::vector<HookInfo> describe() const override { return hooks_.describe(); }
};

class PyFunctionPostHook : public NodePostHook, public DictOwner {
 public:
  using DictOwner::DictOwner;
  void operator()(std::span<Tensor> outputs, std::span<const Tensor> inputs) override {
    const WithGil gil;
    const py::tuple given = tuple_of(inputs);
    run_on_tuple(hooks_, outputs, [&](py::handle f, const py::tuple& o) { return call(f, o, given); });
  }
  std::vector<HookInfo> describe() const override { return hooks_.describe(); }
};

class PyFunctionTensorPostAccGradHooks : public PostAccumulateGradHook, public DictOwner {
 public:
  using DictOwner::DictOwner;
  void operator()(const Tensor& leaf) override {
    const WithGil gil;
    for (const auto& [id, f] : hooks_.callables()) {
      const Tensor& grad = autograd_meta(leaf).grad;
      Call watch(hooks_.runs, id, f, grad);
      const py::object given = object_of(leaf);
      const py::object after = call(f, given);
      if (!after.is_none() && !after.is(given)) {
        if (!is_tensor(after.ptr())) throw TypeError("expected Variable, but hook returned '{}'", type_name(after));
        throw AutogradError("Tensor post accumulate grad hooks should return None.");
      }
      watch.done(autograd_meta(leaf).grad);
    }
  }
  std::vector<HookInfo> describe() const override { return hooks_.describe(); }
};

PyObject* dict_of_hook(const Hook* hook) {
  const auto* owner = dynamic_cast<const DictOwner*>(hook);
  return owner ? owner->dict() : nullptr;
}

// The dict of a node's hooks of one kind, found or made.
template <class Made, class List>
py::object dict_in(List& list) {
  for (const auto& hook : list)
    if (const auto* ours = dynamic_cast<const Made*>(hook.get()))
      return py::reinterpret_borrow<py::object>(ours->dict());
  py::dict made = py::module_::import("collections").attr("OrderedDict")();
  list.push_back(std::make_shared<Made>(made));
  return made;
}

Node* node_for_hook(py::handle node, const char* attribute) {
  if (!PyObject_TypeCheck(node.ptr(), &NodeBase))
    throw TypeError("{}: takes a node, not a {}", attribute, Py_TYPE(node.ptr())->tp_name);
  return check_legacy_fn_attr_access(node.ptr(), attribute);
}

}  // namespace

PyObject* dict_of(const Hook* hook) {
  return dict_of_hook(hook);
}

int visit_hook_dicts(const Node& node, visitproc visit, void* arg) {
  const NodeHooks* hooks = node.hooks();
  if (!hooks) return 0;
  const auto each = [&](const auto& hook) {
    if (hook.use_count() == 1)
      if (PyObject* d = dict_of_hook(hook.get())) Py_VISIT(d);
    return 0;
  };
  for (const auto& h : hooks->tensor_pre)
    if (const int r = each(h.hook)) return r;
  for (const auto& h : hooks->pre)
    if (const int r = each(h)) return r;
  for (const auto& h : hooks->post)
    if (const int r = each(h)) return r;
  return 0;
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
  m.def("_register_node_tensor_hook_dict", [](py::handle node, const Tensor& t, py::dict d) {
    Node* n = node_for_hook(node, "_register_hook_dict");
    n->hooks_for_writing().tensor_pre.push_back(
        {t.impl()->output_nr, std::make_shared<PyFunctionTensorPreHook>(std::move(d))});
  });
  m.def("_register_post_accumulate_dict", [](const Tensor& t, py::dict d) {
    if (!t.requires_grad()) throw AutogradError("cannot register a hook on a tensor that doesn't require gradient");
    if (!t.is_leaf()) throw AutogradError("post accumulate grad hooks cannot be registered on non-leaf tensors");
    autograd_meta(t).post_accumulate_hook = std::make_shared<PyFunctionTensorPostAccGradHooks>(std::move(d));
  });
  m.def("_node_prehook_dict", [](py::handle node) {
    return dict_in<PyFunctionPreHook>(node_for_hook(node, "register_prehook")->hooks_for_writing().pre);
  });
  m.def("_node_hook_dict", [](py::handle node) {
    return dict_in<PyFunctionPostHook>(node_for_hook(node, "register_hook")->hooks_for_writing().post);
  });
}

}  // namespace tapescope::face
