// While one of these stands, nothing that is done becomes part of a graph, a trace or a recording.
#pragma once

#include "core/graph/observer.h"
#include "core/python/face.h"
#include "core/trace/tracer.h"

namespace tapescope::face {

struct Looking {
  Unobserved unobserved;
  jit::PauseTracing untraced;
  NoGrad off;
};

}  // namespace tapescope::face
