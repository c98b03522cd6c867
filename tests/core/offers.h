// Ops that only Python's list of offers names, called from C++ as Python calls them.
#pragma once

#include "core/ops/registry.h"

namespace tapescope::testing {

// The offer of that name that takes as many arguments.
inline Tensor call(const char* name, std::vector<ops::Value> args) {
  for (const ops::Offer* o : ops::all_offers())
    if (o->name == name && o->params.size() == args.size()) return std::get<Tensor>(o->call(args));
  throw InternalError("no offer {} of {} arguments", name, args.size());
}

}  // namespace tapescope::testing
