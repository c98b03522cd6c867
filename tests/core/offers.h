// Ops that only Python's list of offers names, called from C++ as Python calls them.
#pragma once

#include "core/ops/registry.h"

namespace tapescope::testing {

// The first offer of that name that takes these arguments.
inline Tensor call(const char* name, std::vector<ops::Value> args) {
  for (const ops::Offer* o : ops::all_offers()) {
    if (o->name != name || o->params.size() != args.size()) continue;
    try {
      return std::get<Tensor>(o->call(args));
    } catch (const std::bad_variant_access&) {  // an argument of another kind
    }
  }
  throw InternalError("no offer {} of {} arguments", name, args.size());
}

}  // namespace tapescope::testing
