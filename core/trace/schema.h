// What nodes of a graph may be: which op a node calls, with which arguments.
#pragma once

#include "core/ops/call.h"
#include "core/trace/ir.h"

namespace tapescope::jit {

// The op that an aten node calls, found by its name and by the types of its inputs; null: there is none.
const ops::Offer* offer_of(const Node& node);

// Whether a value of that type may be given for the parameter.
bool accepts(const ops::Param& param, const Type& type);

// An argument as the op takes it. Throws TypeError if it does not fit.
ops::Value to_argument(const ops::Param& param, const IValue& v, std::string_view op);
// The value of an argument, or of a result.
IValue from_argument(const ops::Value& v);

}  // namespace tapescope::jit
