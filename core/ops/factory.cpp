// Fresh tensors. None has a history.
#include <cmath>
#include <numbers>
#include <numeric>

#include "core/backend/parallel.h"
#include "core/ops/record.h"
#include "core/tensor/random.h"

namespace tapescope::ops {
namespace {

template <class F>
Tensor generate(const Dims& shape, DType dtype, F f) {
  Tensor out = Tensor::empty(shape, dtype);
  visit(dtype, [&]<class T>(T) {
    T* p = out.data<T>();
    for (int64_t i = 0; i < out.numel(); ++i) p[i] = cast<T>(f(i));
  });
  return out;
}

double unit(uint32_t high, uint32_t low) {
  return static_cast<double>((uint64_t{high} << 32 | low) >> 11) * 0x1p-53;
}

}  // namespace

Tensor full(const Dims& shape, double value, DType dtype) {
  Tensor out = Tensor::empty(shape, dtype);
  visit(dtype, [&]<class T>(T) { std::fill_n(out.data<T>(), out.numel(), cast<T>(value)); });
  return out;
}

Tensor scalar(double value, DType dtype) {
  Tensor out = Tensor::empty({}, dtype);
  visit(dtype, [&]<class T>(T) { *out.data<T>() = cast<T>(value); });
  return out;
}

Tensor scalar(int64_t value) {
  Tensor out = Tensor::empty({}, DType::int64);
  *out.data<int64_t>() = value;
  return out;
}

Tensor arange(double start, double end, double step, DType dtype) {
  if (step == 0) throw ValueError("arange: step must be nonzero");
  if ((end - start) / step < 0)
    throw ValueError(
        "arange: from {:g} to {:g} no step of {:g} leads: upper bound and larger bound inconsistent with step sign",
        start, end, step);
  const double count = std::ceil((end - start) / step);
  if (!(count < 9e15)) throw ValueError("arange: {:g} elements are too many", count);
  return generate({static_cast<int64_t>(count)}, dtype,
                  [=](int64_t i) { return start + static_cast<double>(i) * step; });
}

Tensor linspace(double start, double end, int64_t steps, DType dtype) {
  if (steps < 0) throw ValueError("linspace: number of steps must be non-negative, not {}", steps);
  const double step = steps > 1 ? (end - start) / static_cast<double>(steps - 1) : 0;
  // From both ends, so that the last element is `end` to the bit.
  return generate({steps}, dtype, [=](int64_t i) {
    return i < (steps + 1) / 2 ? start + step * static_cast<double>(i)
                               : end - step * static_cast<double>(steps - 1 - i);
  });
}

Tensor eye(int64_t n, int64_t m, DType dtype) {
  Tensor out = full({n, m}, 0, dtype);
  visit(dtype, [&]<class T>(T) {
    for (int64_t i = 0; i < std::min(n, m); ++i) out.data<T>()[i * m + i] = T(1);
  });
  return out;
}

Tensor rand(const Dims& shape, DType dtype) {
  if (!is_floating(dtype)) throw DTypeError("rand: {} is no floating dtype", name_of(dtype));
  const auto draw = Generator::global().next();
  Tensor out = Tensor::empty(shape, dtype);
  visit(dtype, [&]<class T>(T) {
    T* p = out.data<T>();
    const int64_t per_block = sizeof(T) == 4 ? 4 : 2, n = out.numel();
    parallel_for((n + per_block - 1) / per_block, kGrain / 4, [&](int64_t begin, int64_t end) {
      for (int64_t b = begin; b < end; ++b) {
        const auto w = draw.block(static_cast<uint64_t>(b));
        for (int64_t k = 0; k < per_block && b * per_block + k < n; ++k)
          p[b * per_block + k] =
              sizeof(T) == 4 ? static_cast<T>((w[static_cast<size_t>(k)] >> 8) * 0x1p-24)
                             : static_cast<T>(unit(w[static_cast<size_t>(2 * k)], w[static_cast<size_t>(2 * k + 1)]));
      }
    });
  });
  return out;
}

Tensor randn(const Dims& shape, DType dtype) {
  if (!is_floating(dtype)) throw DTypeError("randn: {} is no floating dtype", name_of(dtype));
  const auto draw = Generator::global().next();
  Tensor out = Tensor::empty(shape, dtype);
  visit(dtype, [&]<class T>(T) {
    T* p = out.data<T>();
    const int64_t n = out.numel();
    parallel_for((n + 1) / 2, kGrain / 8, [&](int64_t begin, int64_t end) {
      for (int64_t b = begin; b < end; ++b) {
        const auto w = draw.block(static_cast<uint64_t>(b));
        const double u = 1.0 - unit(w[0], w[1]);  // in (0, 1]
        const double r = std::sqrt(-2 * std::log(u)), angle = 2 * std::numbers::pi * unit(w[2], w[3]);
        p[2 * b] = static_cast<T>(r * std::cos(angle));
        if (2 * b + 1 < n) p[2 * b + 1] = static_cast<T>(r * std::sin(angle));
      }
    });
  });
  return out;
}

Tensor randint(int64_t low, int64_t high, const Dims& shape, DType dtype) {
  if (low >= high) throw ValueError("randint: expects low < high, but got low {} and high {}", low, high);
  const auto draw = Generator::global().next();
  const uint64_t range = static_cast<uint64_t>(high) - static_cast<uint64_t>(low);
  return generate(shape, dtype, [&](int64_t i) {
    const auto w = draw.block(static_cast<uint64_t>(i));
    const uint64_t word = uint64_t{w[0]} << 32 | w[1];
    return low + static_cast<int64_t>(static_cast<uint64_t>((static_cast<unsigned __int128>(word) * range) >> 64));
  });
}

Tensor randperm(int64_t n) {
  if (n < 0) throw ValueError("randperm: n must be non-negative, not {}", n);
  Tensor out = arange(0, static_cast<double>(n), 1, DType::int64);
  const auto draw = Generator::global().next();
  int64_t* p = out.data<int64_t>();
  for (int64_t i = n - 1; i > 0; --i) {
    const auto w = draw.block(static_cast<uint64_t>(i));
    std::swap(p[i], p[static_cast<int64_t>((uint64_t{w[0]} << 32 | w[1]) % static_cast<uint64_t>(i + 1))]);
  }
  return out;
}

}  // namespace tapescope::ops
