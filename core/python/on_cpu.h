// The `device` argument of what makes a tensor.
#pragma once

#include "core/ops/device.h"
#include "core/python/face.h"

namespace tapescope::face {

struct OnCpu {};

}  // namespace tapescope::face

namespace pybind11::detail {

template <>
struct type_caster<tapescope::face::OnCpu> {
  PYBIND11_TYPE_CASTER(tapescope::face::OnCpu, const_name("str | None"));
  bool load(handle source, bool) {
    if (source.is_none()) return true;
    if (!PyUnicode_Check(source.ptr())) return false;
    tapescope::ops::check_device(source.cast<std::string_view>());
    return true;
  }
};

}  // namespace pybind11::detail
