// Optimiser steps, one pass over the memory each.
// SGD: Sutskever et al. (2013) as PyTorch has it. Adam: Kingma and Ba (2015); decoupled decay: Loshchilov and Hutter
// (2019).
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/backend/cpu/optimizer.cpp"
#include <hwy/foreach_target.h>

#include "core/backend/cpu/lanes-inl.h"
#include "core/backend/kernels.h"
#include "core/backend/parallel.h"

HWY_BEFORE_NAMESPACE();
namespace tapescope::ops::HWY_NAMESPACE {

// f(first element, a full vector or one padded by the caller's buffers): whole vectors, then the tail through copies.
template <class T, int N, class F>
HWY_INLINE void update(T* const* arrays, int64_t begin, int64_t end, F f) {
  const Tag<T> d;
  const auto step = static_cast<int64_t>(hn::Lanes(d));
  Vec<T> v[N];
  int64_t i = begin;
  for (; i + step <= end; i += step) {
    for (int k = 0; k < N; ++k) v[k] = hn::LoadU(d, arrays[k] + i);
    f(v);
    for (int k = 0; k < N; ++k)
      if (k != 1) hn::StoreU(v[k], d, arrays[k] + i);
  }
  if (i == end) return;
  HWY_ALIGN T last[hn::MaxLanes(d)];
  for (int k = 0; k < N; ++k) {
    for (int64_t j = 0; j < step; ++j) last[j] = i + j < end ? arrays[k][i + j] : T(0);
    v[k] = hn::Load(d, last);
  }
  f(v);
  for (int k = 0; k < N; ++k) {
    if (k == 1) continue;  // the gradient is read only
    hn::Store(v[k], d, last);
    for (int64_t j = 0; i + j < end; ++j) arrays[k][i + j] = last[j];
  }
}

template <class T>
void adam(void* p, const void* g, void* m, void* v, int64_t n, const cpu::AdamStep& s) {
  T* arrays[] = {static_cast<T*>(p), const_cast<T*>(static_cast<const T*>(g)), static_cast<T*>(m), static_cast<T*>(v)};
  const double c1 = 1 - std::pow(s.beta1, static_cast<double>(s.step)),
               c2 = 1 - std::pow(s.beta2, static_cast<double>(s.step));
  const double size = s.lr / c1, root = std::sqrt(c2);
  parallel_for(n, kGrain, [&](int64_t begin, int64_t end) HWY_ATTR {
    update<T, 4>(arrays, begin, end, [&](Vec<T>* x) HWY_ATTR {
      Lane<T> param = x[0], grad = s.maximize ? -Lane<T>(x[1]) : Lane<T>(x[1]);
      if (s.weight_decay != 0) {
        if (s.decoupled)
          param = param * Lane<T>(1 - s.lr * s.weight_decay);
        else
          grad = grad + param * Lane<T>(s.weight_decay);
      }
      const Lane<T> first = Lane<T>(x[2]) + (grad - Lane<T>(x[2])) * Lane<T>(1 - s.beta1);
      const Lane<T> second = Lane<T>(x[3]) * Lane<T>(s.beta2) + grad * grad * Lane<T>(1 - s.beta2);
      const Lane<T> scale = math::sqrt(second) / Lane<T>(root) + Lane<T>(s.eps);
      x[0] = (param - Lane<T>(size) * first / scale).v;
      x[2] = first.v;
      x[3] = second.v;
    });
  });
}

template <class T>
void sgd(void* p, const void* g, void* momentum, int64_t n, const cpu::SgdStep& s) {
  T* arrays[] = {static_cast<T*>(p), const_cast<T*>(static_cast<const T*>(g)), static_cast<T*>(momentum)};
  const auto slope = [&](Vec<T>* x) HWY_ATTR {
    Lane<T> grad = s.maximize ? -Lane<T>(x[1]) : Lane<T>(x[1]);
    return s.weight_decay != 0 ? grad + Lane<T>(x[0]) * Lane<T>(s.weight_decay) : grad;
  };
  parallel_for(n, kGrain, [&](int64_t begin, int64_t end) HWY_ATTR {
    if (!momentum) {
      update<T, 2>(arrays, begin, end,
                   [&](Vec<T>* x) HWY_ATTR { x[0] = (Lane<T>(x[0]) - slope(x) * Lane<T>(s.lr)).v; });
      return;
    }
    update<T, 3>(arrays, begin, end, [&](Vec<T>* x) HWY_ATTR {
      const Lane<T> grad = slope(x);
      const Lane<T> buffer = s.first ? grad : Lane<T>(x[2]) * Lane<T>(s.momentum) + grad * Lane<T>(1 - s.dampening);
      const Lane<T> step = s.nesterov ? grad + buffer * Lane<T>(s.momentum) : buffer;
      x[0] = (Lane<T>(x[0]) - step * Lane<T>(s.lr)).v;
      x[2] = buffer.v;
    });
  });
}

void adam_f32(void* p, const void* g, void* m, void* v, int64_t n, const cpu::AdamStep& s) {
  adam<float>(p, g, m, v, n, s);
}
void adam_f64(void* p, const void* g, void* m, void* v, int64_t n, const cpu::AdamStep& s) {
  adam<double>(p, g, m, v, n, s);
}
void sgd_f32(void* p, const void* g, void* m, int64_t n, const cpu::SgdStep& s) {
  sgd<float>(p, g, m, n, s);
}
void sgd_f64(void* p, const void* g, void* m, int64_t n, const cpu::SgdStep& s) {
  sgd<double>(p, g, m, n, s);
}

}  // namespace tapescope::ops::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tapescope::ops {
HWY_EXPORT(adam_f32);
HWY_EXPORT(adam_f64);
HWY_EXPORT(sgd_f32);
HWY_EXPORT(sgd_f64);
void adam_here(DType t, void* p, const void* g, void* m, void* v, int64_t n, const cpu::AdamStep& s) {
  if (t == DType::float32)
    HWY_DYNAMIC_DISPATCH(adam_f32)(p, g, m, v, n, s);
  else
    HWY_DYNAMIC_DISPATCH(adam_f64)(p, g, m, v, n, s);
}
void sgd_here(DType t, void* p, const void* g, void* m, int64_t n, const cpu::SgdStep& s) {
  if (t == DType::float32)
    HWY_DYNAMIC_DISPATCH(sgd_f32)(p, g, m, n, s);
  else
    HWY_DYNAMIC_DISPATCH(sgd_f64)(p, g, m, n, s);
}
}  // namespace tapescope::ops

namespace tapescope::cpu {
void adam_step(DType t, void* p, const void* g, void* m, void* v, int64_t n, const AdamStep& s) {
  ops::adam_here(t, p, g, m, v, n, s);
}
void sgd_step(DType t, void* p, const void* g, void* m, int64_t n, const SgdStep& s) {
  ops::sgd_here(t, p, g, m, n, s);
}
}  // namespace tapescope::cpu
#endif
