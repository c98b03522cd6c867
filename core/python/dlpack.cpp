#include "core/python/dlpack.h"

#include "core/python/borrow.h"

namespace tapescope::face {
namespace {

using namespace dlpack;

DataType type_of(DType t) {
  const uint8_t code = t == DType::boolean    ? kBool
                       : t == DType::uint8    ? kUnsigned
                       : t == DType::bfloat16 ? kBfloat
                       : is_integral(t)       ? kInt
                       : is_complex(t)        ? kComplex
                                              : kFloat;
  return {code, static_cast<uint8_t>(8 * itemsize(t)), 1};
}

DType dtype_of_data(DataType t) {
  if (t.lanes == 1)
    for (int i = 0; i < kDTypes; ++i) {
      const auto d = static_cast<DType>(i);
      const DataType ours = type_of(d);
      if (ours.code == t.code && ours.bits == t.bits) return d;
    }
  throw py::buffer_error(
      fmt::format("from_dlpack: elements of type code {}, {} bits, {} lanes are not supported; there are bool, uint8, "
                  "int8 to int64, float16 to float64, bfloat16, complex64 and complex128",
                  int{t.code}, int{t.bits}, int{t.lanes}));
}

// What an exported struct points to, and the tensor that keeps the memory.
template <class M>
struct Export {
  M managed{};
  Tensor tensor;
  Dims shape, strides;
};

template <class M>
py::object exported(Tensor t, bool copied) {
  auto* e = new Export<M>{{}, t, t.shape(), t.strides()};
  e->managed.view = {t.raw(), {kCpu, 0}, t.dim(), type_of(t.dtype()), e->shape.data(), e->strides.data(), 0};
  e->managed.context = e;
  // The consumer calls it on any thread; a tensor's last count may go without the GIL.
  e->managed.deleter = [](M* m) { delete static_cast<Export<M>*>(m->context); };
  if constexpr (std::is_same_v<M, Versioned>) {
    e->managed.major = kMajor;
    e->managed.minor = kMinor;
    e->managed.flags = copied ? kCopied : 0;
  }
  PyObject* capsule = PyCapsule_New(&e->managed, M::name, [](PyObject* o) {
    if (!PyCapsule_IsValid(o, M::name)) return;  // a consumer took it, and renamed it
    auto* m = static_cast<M*>(PyCapsule_GetPointer(o, M::name));
    m->deleter(m);
  });
  if (!capsule) {
    delete e;
    throw py::error_already_set();
  }
  return py::reinterpret_steal<py::object>(capsule);
}

py::object to_dlpack(const Tensor& t, py::object stream, std::optional<std::pair<int, int>> max_version,
                     std::optional<std::pair<int, int>> device, std::optional<bool> copy) {
  if (t.requires_grad()) throw py::buffer_error("Can't export tensors that require gradient, use tensor.detach()");
  if (!stream.is_none()) throw ValueError("__dlpack__: a tensor on the CPU has no stream; leave stream out");
  if (device && *device != std::pair<int, int>{kCpu, 0})
    throw py::buffer_error(
        fmt::format("__dlpack__: the tensor is on the CPU (1, 0); it is not copied to device ({}, {})", device->first,
                    device->second));
  const bool copied = copy.value_or(false);
  const Tensor given = copied ? ops::clone(t) : t;
  if (max_version && max_version->first >= static_cast<int>(kMajor)) return exported<Versioned>(given, copied);
  return exported<Managed>(given, copied);
}

template <class M>
Tensor imported(PyObject* capsule) {
  auto* m = static_cast<M*>(PyCapsule_GetPointer(capsule, M::name));
  if (!m) throw py::error_already_set();
  if constexpr (std::is_same_v<M, Versioned>) {
    if (m->major > kMajor)
      throw py::buffer_error(fmt::format("from_dlpack: the producer speaks version {}.{}; this is {}.{}", m->major,
                                         m->minor, kMajor, kMinor));
    if (m->flags & kReadOnly)
      throw py::buffer_error("from_dlpack: the memory is read-only, and tensors can be written; copy it first");
  }
  const TensorView& v = m->view;
  if (v.device.type != kCpu)
    throw py::buffer_error(
        fmt::format("from_dlpack: the memory is on device type {}; only the CPU's (1) can be shared", v.device.type));
  if (v.ndim < 0 || v.ndim > Dims::kMax)
    throw py::buffer_error(
        fmt::format("from_dlpack: {} dimensions; at most {} are supported", v.ndim, int{Dims::kMax}));
  Borrowed memory{static_cast<char*>(v.data) + v.byte_offset, dtype_of_data(v.dtype), {}, {}};
  for (int d = 0; d < v.ndim; ++d) memory.shape.push_back(v.shape[d]);
  if (v.strides)
    for (int d = 0; d < v.ndim; ++d) memory.strides.push_back(v.strides[d]);
  else
    memory.strides = contiguous_strides(memory.shape);
  for (int d = 0; d < v.ndim; ++d)
    if (memory.shape[d] < 0 || (memory.strides[d] < 0 && memory.shape[d] > 1))
      throw py::buffer_error("from_dlpack: sizes and strides that are negative are not supported; copy it first");
  if (reinterpret_cast<uintptr_t>(memory.data) % static_cast<size_t>(itemsize(memory.dtype)))
    throw py::buffer_error("from_dlpack: the memory is not aligned to its element type; copy it first");
  // From here on it is ours to delete.
  PyCapsule_SetName(capsule, M::used);
  return borrow(memory, m, [](void* p) noexcept {
    auto* managed = static_cast<M*>(p);
    if (managed->deleter) managed->deleter(managed);
  });
}

Tensor from_dlpack(py::object producer) {
  py::object capsule = producer;
  if (py::hasattr(producer, "__dlpack__")) {
    try {
      capsule = producer.attr("__dlpack__")(py::arg("max_version") = py::make_tuple(kMajor, kMinor));
    } catch (py::error_already_set& error) {
      if (!error.matches(PyExc_TypeError)) throw;  // a producer from before version 1 knows no such argument
      capsule = producer.attr("__dlpack__")();
    }
  }
  if (PyCapsule_IsValid(capsule.ptr(), Versioned::name)) return imported<Versioned>(capsule.ptr());
  if (PyCapsule_IsValid(capsule.ptr(), Managed::name)) return imported<Managed>(capsule.ptr());
  if (PyCapsule_CheckExact(capsule.ptr()))
    throw py::buffer_error("from_dlpack: the capsule was consumed already; each can be taken once");
  throw TypeError("from_dlpack: a {} has no __dlpack__ and is no DLPack capsule", Py_TYPE(producer.ptr())->tp_name);
}

}  // namespace

void bind_dlpack(py::module_& m) {
  m.def("from_dlpack", &from_dlpack, py::arg("x"),
        "A tensor over the memory of `x`, an object with __dlpack__ or a DLPack capsule; nothing is copied. Raises "
        "BufferError for memory that is read-only, elsewhere than on the CPU, or of another dtype.");
  def_method("__dlpack__", &to_dlpack, py::kw_only(), py::arg("stream") = py::none(),
             py::arg("max_version") = py::none(), py::arg("dl_device") = py::none(), py::arg("copy") = py::none(),
             "A DLPack capsule over the tensor's memory. Raises BufferError if it requires grad.");
  def_method(
      "__dlpack_device__", [](const Tensor&) { return py::make_tuple(kCpu, 0); },
      "Device type and number: (1, 0), the CPU.");
}

}  // namespace tapescope::face
