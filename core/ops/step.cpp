#include "core/ops/step.h"

#include "core/graph/observer.h"
#include "core/graph/saved_variable.h"
#include "core/ops/iterator.h"
#include "core/ops/ops.h"

namespace tapescope::ops {
namespace {

void check(const Tensor& p, const Tensor& g, std::initializer_list<const Tensor*> state) {
  if (!is_differentiable(p.dtype()) || !p.is_contiguous())
    throw ValueError("optimizer step: a parameter has to be floating or complex, and contiguous");
  if (!(g.shape() == p.shape()) || g.dtype() != p.dtype())
    throw ShapeError("optimizer step: a gradient of {} {} does not fit a parameter of {} {}", name_of(g.dtype()),
                     to_string(g.shape()), name_of(p.dtype()), to_string(p.shape()));
  for (const Tensor* s : state)
    if (s->defined() && (!(s->shape() == p.shape()) || s->dtype() != p.dtype() || !s->is_contiguous()))
      throw ShapeError("optimizer step: state of {} does not fit a parameter of {}", to_string(s->shape()),
                       to_string(p.shape()));
}

}  // namespace

Step::Operand::Operand(const Tensor& t) : given(t), wide(t) {
  if (!t.defined()) return;
  if (is_half(t.dtype())) wide = cast_data(t, DType::float32);
  if (is_complex(t.dtype())) wide = t.alias({2 * t.numel()}, {1}, 2 * t.impl()->offset, to_real(t.dtype()));
}

void Step::Operand::round() const {
  if (given.defined() && is_half(given.dtype())) copy_elements(given, wide);
}

Step::Part Step::part(const Tensor& param, const Tensor& grad, const Tensor& first, const Tensor& second) {
  check(param, grad, {&first, &second});
  return {Operand(param), Operand(contiguous_data(grad)), Operand(first), Operand(second), false, {}, {}};
}

void Step::sgd(const Tensor& param, const Tensor& grad, const Tensor& momentum, const cpu::SgdStep& options) {
  Part made = part(param, grad, momentum, Tensor());
  made.sgd = options;
  parts_.push_back(std::move(made));
}

void Step::adam(const Tensor& param, const Tensor& grad, const Tensor& m, const Tensor& v,
                const cpu::AdamStep& options) {
  Part made = part(param, grad, m, v);
  made.is_adam = true;
  made.adam = options;
  parts_.push_back(std::move(made));
}

void Step::run() {
  static const OpSchema schema{"optimizer step", true};
  if (before_write)
    for (const Part& each : parts_) before_write(each.param.given);
  for (const Part& each : parts_) {
    const Tensor& wide = each.param.wide;
    if (each.is_adam)
      cpu::adam_step(wide.dtype(), wide.raw(), each.grad.raw(), each.first.raw(), each.second.raw(), wide.numel(),
                     each.adam);
    else
      cpu::sgd_step(wide.dtype(), wide.raw(), each.grad.raw(), each.first.raw(), wide.numel(), each.sgd);
    for (const Operand* operand : {&each.param, &each.first, &each.second}) operand->round();
    each.param.given.bump_version();
    if (op_observer) op_observer->write(schema, each.param.given);
  }
  parts_.clear();
}

}  // namespace tapescope::ops
