// tapescope._C: the engine's Python face.
#include "core/python/face.h"
#include "core/python/profile.h"

PYBIND11_MODULE(_C, m) {
  using namespace tapescope::face;
  m.doc() = "The engine of Tapescope.";
  init_errors(m);
  init_dtypes(m);
  init_tensor_type(m);
  init_node_type(m);
  init_function_type(m);
  init_sites(m);
  bind_pointwise(m);
  bind_dtypes(m);
  bind_factories(m);
  bind_offers(m);
  bind_members(m);
  bind_dlpack(m);
  bind_hooks(m);
  bind_saved_tensors(m);
  bind_autograd(m);
  bind_anomaly(m);
  bind_graphs(m);
  bind_inspect(m);
  bind_looking(m);
  bind_backends(m);
  initPythonTracerBindings(m);
  init_record_function(m);
  bind_profile(m);
  bind_call_tracer(m);
}
