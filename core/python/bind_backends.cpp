// What tapescope.cuda and tapescope.backends ask: is there a GPU, and if not, why; which instructions the loops use.
#include <pybind11/stl.h>

#include "core/backend/cpu/capability.h"
#include "core/backend/cuda/plugin.h"
#include "core/backend/parallel.h"
#include "core/ops/family.h"
#include "core/python/face.h"

namespace tapescope::face {
namespace {

using Offer = std::tuple<std::string, int, std::vector<std::string>, std::vector<std::string>>;

std::vector<std::string> offered(const PointwiseKernels& k) {
  std::vector<std::string> names;
  for (int t = 0; t < kDTypes; ++t) {
    const std::string name(name_of(static_cast<DType>(t)));
    if (k.forward[t] != nullptr) names.push_back(name);
    for (int operand = 0; operand < 2; ++operand)
      if (k.backward[operand][t] != nullptr) names.push_back(fmt::format("{} gradient {}", name, operand));
  }
  return names;
}

// Each pointwise op's name, number of operands, and its loops: on the CPU, in the library.
std::vector<Offer> inventory(const std::string& file, const std::string& driver) {
  std::string why;
  const cuda::Plugin* plugin = cuda::open_plugin(file, driver.c_str(), why);
  if (plugin == nullptr) throw NotImplementedError("CUDA: {}", why);
  std::vector<Offer> offers;
  for (const ops::PointwiseInfo* i : ops::all_pointwise()) {
    const cuda::OpKernels* op = plugin->op(i->name.c_str(), i->arity);
    offers.emplace_back(i->name, i->arity, offered(*i->cpu_kernels),
                        op != nullptr ? offered(op->device) : std::vector<std::string>());
  }
  return offers;
}

}  // namespace

void bind_backends(py::module_& m) {
  m.def("_cpu_capability", cpu::capability);
  m.def("get_num_threads", threads, "Threads that one op may use, the calling one among them.");
  m.def("set_num_threads", set_threads, py::arg("count"),
        "Lets one op use `count` threads, the calling one among them. Results do not depend on it.\n\n"
        "Raises ValueError below 1.");
  m.def("_cuda_trouble", [] { return cuda::plugin().trouble(); });
  m.def("_cuda_device_count", [] { return cuda::plugin().device_count(); });
  m.def("_cuda_device_name", [](int index) { return cuda::plugin().device_name(index); });
  m.def("_cuda_inventory", inventory, py::arg("file"), py::arg("driver"));
  m.def("_run_pointwise_on_cuda", ops::run_pointwise_on_cuda, py::arg("on"));
}

}  // namespace tapescope::face
