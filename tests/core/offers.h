// Ops that only Python's list of offers names, called from C++ as Python calls them.
#pragma once

#include "core/ops/registry.h"

namespace tapescope::testing {

// The first offer of that name that takes these arguments.
template <class Result>
Result called(const char* name, std::vector<ops::Value> args) {
  for (const ops::Offer* o : ops::all_offers()) {
    if (o->name != name || o->params.size() != args.size()) continue;
    try {
      return std::get<Result>(o->call(args));
    } catch (const std::bad_variant_access&) {  // an argument of another kind
    }
  }
  throw InternalError("no offer {} of {} arguments", name, args.size());
}

inline Tensor call(const char* name, std::vector<ops::Value> args) {
  return called<Tensor>(name, std::move(args));
}
inline std::vector<Tensor> several(const char* name, std::vector<ops::Value> args) {
  return called<std::vector<Tensor>>(name, std::move(args));
}

}  // namespace tapescope::testing
