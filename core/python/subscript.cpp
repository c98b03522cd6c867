// x[…] and x[…] = v.
#include "core/autograd/engine.h"
#include "core/ops/call.h"
#include "core/python/numbers.h"
#include "core/python/python_tracer.h"
#include "core/python/tensor_members.h"

namespace tapescope::face {
namespace {

struct Indexed {
  Tensor view;                  // after numbers, slices, None and ...
  std::vector<Tensor> indices;  // for gathering; empty if none
};

int64_t as_int(PyObject* o) {
  const int64_t v = PyLong_AsLongLong(py::reinterpret_steal<py::object>(PyNumber_Index(o)).ptr());
  if (v == -1 && PyErr_Occurred()) throw py::error_already_set();
  return v;
}

bool is_gather(PyObject* o) {
  if (is_tensor(o)) return true;
  if (PyBool_Check(o)) return true;
  return PyList_Check(o) || PyObject_CheckBuffer(o);
}

// With its bounds as they are written, so that the trace fits other sizes.
Tensor traced_slice(const Tensor& x, int dim, PySliceObject* s) {
  auto& stash = jit::tracing_state()->stash;
  stash.clear();
  const auto bound = [&](PyObject* o, size_t param, int64_t otherwise) {
    if (o == Py_None) return otherwise;
    if (!is_tensor(o)) return as_int(o);
    stash.push_back({param, 0, unwrap(o)});
    return ops::item_int(unwrap(o));
  };
  const int64_t start = bound(s->start, 2, 0), stop = bound(s->stop, 3, INT64_MAX), step = bound(s->step, 4, 1);
  if (step <= 0) throw ValueError("step must be greater than zero, not {}; use .flip for a reversed copy", step);
  return ops::called<&ops::slice>(x, dim, start, stop, step);
}

// A list of which elements are tensors, as a tensor that a trace follows. Undefined: it is none, or no trace is open.
Tensor traced_list(PyObject* o) {
  if (!jit::is_tracing() || !PyList_Check(o)) return {};
  bool any = false;
  std::vector<Tensor> parts;
  for (py::handle item : py::reinterpret_borrow<py::list>(o)) {
    if (!is_tensor(item.ptr()) && !PyLong_Check(item.ptr())) return {};
    any = any || is_tensor(item.ptr());
    parts.push_back(is_tensor(item.ptr()) ? unwrap(item.ptr()) : scalar_from(item.ptr()));
  }
  return any ? ops::called<&ops::stack>(parts, 0) : Tensor();
}

Indexed apply_index(const Tensor& x, PyObject* key) {
  std::vector<PyObject*> parts;
  if (PyTuple_Check(key))
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(key); ++i) parts.push_back(PyTuple_GET_ITEM(key, i));
  else
    parts.push_back(key);
  int named = 0;
  for (PyObject* p : parts) {
    if (p == Py_None || p == Py_Ellipsis || PyBool_Check(p)) continue;
    named += is_tensor(p) && ops::is_mask(unwrap(p)) ? unwrap(p).dim() : 1;
  }
  if (named > x.dim()) throw IndexError("too many indices for tensor of dimension {}", x.dim());
  Indexed r{x, {}};
  int dim = 0;
  bool dots = false;
  std::vector<std::pair<int, Tensor>> gathers;
  for (PyObject* p : parts) {
    if (p == Py_None) {
      r.view = ops::called<&ops::unsqueeze>(r.view, dim++);
    } else if (p == Py_Ellipsis) {
      if (dots) throw IndexError("an index can only have a single ellipsis ('...')");
      dots = true;
      dim += x.dim() - named;
    } else if (PySlice_Check(p)) {
      const auto* s = reinterpret_cast<const PySliceObject*>(p);
      const bool whole = s->start == Py_None && s->stop == Py_None && s->step == Py_None;
      if (jit::is_tracing() && !whole) {
        r.view = traced_slice(r.view, dim++, reinterpret_cast<PySliceObject*>(p));
        continue;
      }
      Py_ssize_t start, stop, step;
      if (PySlice_Unpack(p, &start, &stop, &step) < 0) throw py::error_already_set();
      if (step <= 0) throw ValueError("step must be greater than zero, not {}; use .flip for a reversed copy", step);
      const Py_ssize_t n = static_cast<Py_ssize_t>(r.view.size(dim));
      PySlice_AdjustIndices(n, &start, &stop, step);
      if (start != 0 || stop != n || step != 1) r.view = ops::called<&ops::slice>(r.view, dim, start, stop, step);
      ++dim;
    } else if (is_gather(p)) {
      Tensor index = is_tensor(p) ? unwrap(p) : traced_list(p);
      if (!index.defined()) index = tensor_from(p, {});
      if (!is_tensor(p) && index.numel() == 0) index = ops::to(index, DType::int64);  // of an empty list
      if (is_integral(index.dtype()) && index.dim() == 0) {
        if (jit::is_tracing() && is_tensor(p)) jit::tracing_state()->stash.assign({{2, 0, index}});
        r.view = ops::called<&ops::select>(r.view, dim, ops::item_int(index));
        continue;
      }
      const int width = ops::is_mask(index) ? index.dim() : 1;
      if (index.dtype() == DType::uint8 &&
          PyErr_WarnEx(
              PyExc_UserWarning,
              "indexing with dtype uint8 is now deprecated, please use a dtype bool instead: it is a mask here", 1) < 0)
        throw py::error_already_set();
      if (width == 0) {  // a single True or False: a new dimension of size 1 or 0
        r.view = ops::called<&ops::unsqueeze>(r.view, dim);
        index = ops::called<&ops::reshape>(index, Dims{1});
      }
      gathers.emplace_back(dim, index);
      dim += std::max(1, width);
    } else if (PyIndex_Check(p)) {
      r.view = ops::called<&ops::select>(r.view, dim, as_int(p));
    } else {
      throw TypeError("indices are integers, slices, ..., None, and int64 or bool tensors, not {}",
                      Py_TYPE(p)->tp_name);
    }
  }
  for (auto& [at, index] : gathers) {
    // A mask takes several dimensions: entries are counted in dimensions of the tensor.
    int have = 0;
    for (const Tensor& i : r.indices) have += i.defined() && ops::is_mask(i) ? i.dim() : 1;
    for (; have < at; ++have) r.indices.emplace_back();
    r.indices.push_back(index);
  }
  return r;
}

}  // namespace

PyObject* tensor_subscript(PyObject* self, PyObject* key) {
  return guarded([&]() -> PyObject* {
    const Tensor x = unwrap(self);
    const Indexed r = apply_index(x, key);
    if (!r.indices.empty()) return wrap(ops::called<&ops::index>(r.view, r.indices));
    if (r.view.is_same(x) && jit::is_tracing()) {  // not with the example's shape
      ops::Value both[] = {x, x};
      return wrap(std::get<Tensor>(ops::call(*ops::offers_named("view_as")[0], both)));
    }
    if (r.view.is_same(x)) return wrap(ops::called<&ops::view>(x, x.shape()));
    return wrap(r.view);
  });
}

int tensor_assign(PyObject* self, PyObject* key, PyObject* value) {
  return guarded_int([&] {
    if (!value) throw TypeError("elements of a tensor cannot be deleted");
    const Tensor x = unwrap(self);
    // A tensor keeps its type, for the op to say whether it fits; all else becomes what x holds.
    const bool number = PyFloat_Check(value) || PyLong_Check(value) || PyComplex_Check(value);
    Tensor v = is_tensor(value) ? unwrap(value)
               : number         ? literal(ops::full({}, scalar_from(value), x.dtype()))
                                : tensor_from(value, x.dtype());
    const Indexed r = apply_index(x, key);
    // Leading dimensions of size 1 are none.
    const int most = r.indices.empty() ? r.view.dim() : 0;
    int ones = 0;
    while (v.dim() - ones > most && v.size(ones) == 1) ++ones;
    if (jit::is_tracing())
      for (; ones; --ones) v = ops::called<&ops::select>(v, 0, 0);
    if (ones != 0)
      v = ops::called<&ops::reshape>(v, Dims(std::span<const int64_t>(v.shape().begin() + ones, v.shape().end())));
    if (r.indices.empty())
      ops::called<&ops::copy_>(r.view, v);
    else
      ops::called<&ops::index_put_>(r.view, r.indices, v, false);
    return 0;
  });
}

PyObject* tensor_iter(PyObject* self) {
  return guarded([&]() -> PyObject* {
    const Tensor x = unwrap(self);
    if (x.dim() == 0) throw TypeError("iteration over a 0-d tensor");
    if (jit::is_tracing())
      jit::tracing_state()->warn(
          "Iterating over a tensor might cause the trace to be incorrect. Passing a tensor of different shape won't "
          "change the number of iterations executed (and might lead to errors or silently give incorrect results).");
    return PyObject_GetIter(py::handle(self).attr("unbind")(0).ptr());
  });
}

}  // namespace tapescope::face
