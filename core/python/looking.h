// While one of these stands, nothing that is done becomes part of a graph or a recording.
#pragma once

#include "core/graph/observer.h"
#include "core/python/face.h"

namespace tapescope::face {

struct Looking {
  Unobserved unobserved;
  NoGrad off;
};

}  // namespace tapescope::face
