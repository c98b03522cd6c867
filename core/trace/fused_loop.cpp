#include "core/trace/fused_loop.h"

#include <algorithm>
#include <limits>
#include <map>
#include <mutex>

#include "core/backend/parallel.h"
#include "core/graph/state.h"
#include "core/trace/schema.h"

namespace tapescope::jit {
namespace {

constexpr int64_t kStrip = 2048;  // elements: a few strips fit the first cache

void copy_number(char* to, DType dtype, const Tensor& number) {
  visit(number.dtype(), [&]<class T>(T) {
    if constexpr (!is_complex_type<T>) {
      if (dtype == DType::float32)
        *reinterpret_cast<float*>(to) = cast<float>(*number.data<T>());
      else
        *reinterpret_cast<double*>(to) = cast<double>(*number.data<T>());
    }
  });
}

}  // namespace

std::optional<FusedLoop> FusedLoop::compile(const Graph& group) {
  FusedLoop loop;
  loop.inputs_ = group.inputs().size();
  std::unordered_map<const Value*, int> slots;
  for (size_t i = 0; i < group.inputs().size(); ++i) slots[group.inputs()[i]] = static_cast<int>(i);
  for (const Node* n : group.block()) {
    if (n->kind() != "prim::Constant" || n->output()->type()->kind != Type::Kind::tensor) continue;
    const IValue constant = Graph::constant_value(*n);
    const auto* t = std::get_if<Tensor>(&constant);
    if (!t || !t->defined()) return {};
    slots[n->output()] = static_cast<int>(loop.inputs_++);
    loop.constants_.push_back(*t);
  }
  std::unordered_map<const Value*, size_t> steps;
  for (const Node* n : group.block()) {
    if (n->kind() == "prim::Constant") continue;
    const ops::Offer* op = offer_of(*n);
    if (!op || !op->pointwise || op->writes) return {};
    constexpr double inf = std::numeric_limits<double>::infinity();
    Step s{op->pointwise, {-1, -1}, {-inf, inf}};
    int numbers = 0;
    for (size_t i = 0; i < n->inputs().size(); ++i) {
      const Value* v = n->input(i);
      if (op->params[i].kind == ops::Kind::real) {
        if (v->node()->kind() != "prim::Constant") return {};
        const IValue number = Graph::constant_value(*v->node());
        if (const auto* d = std::get_if<double>(&number)) s.numbers[numbers] = *d;
        ++numbers;
      } else {
        const auto slot = slots.find(v);
        if (slot == slots.end()) return {};
        s.inputs[i] = slot->second;
      }
    }
    slots[n->output()] = static_cast<int>(loop.inputs_ + loop.steps_.size());
    steps[n->output()] = loop.steps_.size();
    loop.steps_.push_back(s);
  }
  for (const Value* v : group.outputs()) {
    const auto step = steps.find(v);
    if (step == steps.end()) return {};
    loop.outputs_.push_back(step->second);
  }
  if (loop.steps_.empty() || loop.steps_.size() > kMostSteps || loop.inputs_ > kMostInputs) return {};
  return loop;
}

bool FusedLoop::plan(std::span<const Tensor* const> given, Plan& p) const {
  std::copy(given.begin(), given.end(), p.in);
  for (size_t i = 0; i < constants_.size(); ++i) p.in[given.size() + i] = &constants_[i];
  const std::span<const Tensor* const> in(p.in, inputs_);
  const Tensor* whole = nullptr;
  for (const Tensor* t : in) {
    if (grad_enabled() && t->requires_grad()) return false;
    if (!whole || t->numel() > whole->numel()) whole = t;
  }
  if (!whole || whole->numel() == 0) return false;
  const DType dtype = whole->dtype();
  if (dtype != DType::float32 && dtype != DType::float64) return false;
  p.whole = whole;
  p.dtype = dtype;
  p.singles = 0;
  for (size_t i = 0; i < in.size(); ++i) {
    const Tensor& t = *in[i];
    if (t.dim() == 0 && whole->dim() > 0) {
      if (is_complex(t.dtype()) || with_weak(dtype, t.dtype()) != dtype) return false;
      p.singles |= uint64_t{1} << i;
      copy_number(p.numbers[i], dtype, t);
      continue;
    }
    if (t.dtype() != dtype) return false;
    if (!t.is_contiguous() || !(t.shape() == whole->shape())) return false;
  }
  bool depends[kMostInputs + kMostSteps] = {};  // on an input that is no single number
  for (size_t i = 0; i < in.size(); ++i) depends[i] = !(p.singles >> i & 1);
  for (size_t s = 0; s < steps_.size(); ++s) {
    p.kernels[s] = steps_[s].op->kernels->forward[static_cast<int>(dtype)];
    if (!p.kernels[s]) return false;
    for (int k = 0; k < steps_[s].op->arity; ++k)
      depends[inputs_ + s] = depends[inputs_ + s] || depends[steps_[s].inputs[k]];
    if (!depends[inputs_ + s]) return false;
  }
  return true;
}

std::optional<std::vector<Tensor>> FusedLoop::run(std::span<const Tensor* const> inputs) const {
  Plan p;
  if (!plan(inputs, p)) return {};
  return run(p);
}

const ops::Offer& FusedLoop::offer() const {
  static std::mutex lock;
  static auto& known = *new std::map<std::pair<std::string, size_t>, ops::Offer>;
  std::string name;
  for (const Step& s : steps_) name += fmt::format("{}{}", name.empty() ? "" : ", ", s.op->name);
  const size_t inputs = inputs_ - constants_.size();
  const std::lock_guard guard(lock);
  ops::Offer& o = known[{name, inputs}];
  if (o.name.empty()) {
    o.name = fmt::format("FusionGroup({})", name);
    for (size_t i = 0; i < inputs; ++i) o.params.push_back({fmt::format("input{}", i), ops::Kind::tensor, false});
  }
  return o;
}

std::vector<Tensor> FusedLoop::run(const Plan& plan) const {
  std::vector<Tensor> results;
  char* to[kMostSteps] = {};
  for (const size_t step : outputs_) {
    results.push_back(Tensor::empty(plan.whole->shape(), plan.dtype));
    to[step] = results.back().raw();
  }
  const int64_t n = plan.whole->numel();
  const auto size = static_cast<int64_t>(itemsize(plan.dtype));
  parallel_for(n, kGrain, [&](int64_t begin, int64_t end) {
    alignas(64) char strips[kMostSteps][kStrip * sizeof(double)];
    for (int64_t at = begin; at < end; at += kStrip) {
      const int64_t m = std::min(kStrip, end - at);
      for (size_t s = 0; s < steps_.size(); ++s) {
        const Step& step = steps_[s];
        const void* p[2] = {};
        unsigned scalars = 0;
        for (int k = 0; k < step.op->arity; ++k) {
          const auto slot = static_cast<size_t>(step.inputs[k]);
          if (slot >= inputs_) {
            const size_t from = slot - inputs_;
            p[k] = to[from] ? to[from] + at * size : strips[from];
          } else if (plan.singles >> slot & 1) {
            p[k] = plan.numbers[slot];
            if (m > 1) scalars |= 1u << k;
          } else {
            p[k] = plan.in[slot]->raw() + at * size;
          }
        }
        plan.kernels[s](to[s] ? to[s] + at * size : strips[s], p, scalars, m, step.numbers);
      }
    }
  });
  return results;
}

}  // namespace tapescope::jit
