// What the tests of several rooms begin with.
#pragma once

#include <algorithm>
#include <functional>
#include <initializer_list>
#include <string>
#include <vector>

#include "core/graph/autograd_meta.h"
#include "core/ops/iterator.h"
#include "core/ops/ops.h"

namespace tapescope::testing {

inline Tensor vector(std::initializer_list<double> values, DType dtype = DType::float32) {
  Tensor t = Tensor::empty({static_cast<int64_t>(values.size())}, dtype);
  visit(dtype, [&]<class T>(T) { std::transform(values.begin(), values.end(), t.data<T>(), cast<T, double>); });
  return t;
}
// The same, and it requires grad.
inline Tensor leaf(std::initializer_list<double> values, DType dtype = DType::float32) {
  Tensor t = vector(values, dtype);
  t.impl()->requires_grad_flag = true;
  return t;
}

// The elements in row-major order; of complex ones the real parts.
inline std::vector<double> values(const Tensor& t) {
  const Tensor c = ops::contiguous_data(t);
  std::vector<double> out(static_cast<size_t>(c.numel()));
  visit(c.dtype(),
        [&]<class T>(T) { std::transform(c.data<T>(), c.data<T>() + c.numel(), out.begin(), cast<double, T>); });
  return out;
}

// Undefined if there is none.
inline Tensor grad_of(const Tensor& t) {
  return t.impl()->meta ? t.impl()->meta->grad : Tensor();
}

// What f throws; empty: nothing.
inline std::string message(const std::function<void()>& f) {
  try {
    f();
  } catch (const Error& e) {
    return e.what();
  }
  return "";
}

inline bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

// A hook of a few lines.
struct OnGrad : TensorPreHook {
  std::function<void(Tensor&)> f;
  explicit OnGrad(std::function<void(Tensor&)> g) : f(std::move(g)) {}
  void operator()(Tensor& grad) override { f(grad); }
  std::vector<HookInfo> describe() const override { return {{"on_grad", "", 0, 0}}; }
};

}  // namespace tapescope::testing
