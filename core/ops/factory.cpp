// Fresh tensors. None has a history.
#include <cmath>
#include <limits>
#include <numbers>
#include <numeric>

#include "core/backend/parallel.h"
#include "core/ops/iterator.h"
#include "core/ops/record.h"
#include "core/ops/registry.h"
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

// Numbers that a dtype cannot hold are errors where a user names both; ops wrap around instead.
template <class T>
void check_fits(const char* op, double value) {
  if constexpr (std::is_integral_v<T> && !std::is_same_v<T, bool>) {
    // A negative number wraps around in an unsigned type, as in PyTorch.
    constexpr auto most = static_cast<double>(std::numeric_limits<T>::max());
    const double least = std::is_unsigned_v<T> ? -most : static_cast<double>(std::numeric_limits<T>::min());
    if (!(value >= least && value <= most))
      throw ValueError("{}: value {:g} cannot be converted to type {} without overflow: it holds {} to {}", op, value,
                       name_of(dtype_of<T>), int64_t{std::numeric_limits<T>::min()},
                       int64_t{std::numeric_limits<T>::max()});
  }
}

// Tensors of complex numbers are made as pairs of their parts.
template <class F>
Tensor of_parts(const Dims& shape, DType dtype, F make) {
  Dims parts = shape;
  parts.push_back(2);
  NoGrad off;
  const Unobserved part_of_the_op;
  return view_as_complex(make(parts, to_real(dtype)));
}

double unit(uint32_t high, uint32_t low) {
  return static_cast<double>((uint64_t{high} << 32 | low) >> 11) * 0x1p-53;
}

}  // namespace

Tensor full(const Dims& shape, double value, DType dtype) {
  Tensor out = Tensor::empty(shape, dtype);
  visit(dtype, [&]<class T>(T) {
    check_fits<T>("full", value);
    std::fill_n(out.data<T>(), out.numel(), cast<T>(value));
  });
  return out;
}

Tensor full(const Dims& shape, const Tensor& value, DType dtype) {
  if (is_complex(value.dtype()) && !is_complex(dtype))
    throw DTypeError("full: a complex value does not fit {}; take its .real, or ask for dtype {}", name_of(dtype),
                     name_of(to_complex(dtype)));
  if (is_differentiable(value.dtype()) && !is_complex(value.dtype())) return full(shape, item(value), dtype);
  Tensor out = Tensor::empty(shape, dtype);
  if (!is_complex(value.dtype())) visit(dtype, [&]<class T>(T) { check_fits<T>("full", item(value)); });
  copy_elements(out, value);
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

Tensor scalar(std::complex<double> value, DType dtype) {
  Tensor out = Tensor::empty({}, dtype);
  visit(dtype, [&]<class T>(T) { *out.data<T>() = cast<T>(value); });
  return out;
}

Tensor number_operand(const Tensor& number, const Tensor& like) {
  const DType t = like.dtype();
  Tensor out;
  if (number.dtype() == DType::boolean)
    out = scalar(item(number), t);
  else if (number.dtype() == DType::int64 && !is_differentiable(t))
    out = is_integral(t) ? cast_data(number, t) : number;
  else if (is_complex(number.dtype()))
    out = cast_data(number, to_complex(is_differentiable(t) ? to_real(t) : default_dtype));
  else
    out = number_like(item(number), like);
  if (!out.is_same(number)) out.impl()->number = true;
  return out;
}

Tensor number_like(double value, const Tensor& like) {
  const DType t = like.dtype();
  // A 16-bit tensor computes with the number as it is, not rounded first.
  if (is_half(t)) return scalar(value, like.dim() ? DType::float32 : t);
  return scalar(value, is_differentiable(t) ? t : default_dtype);
}

Tensor arange(double start, double end, double step, DType dtype) {
  if (is_complex(dtype))
    throw DTypeError("arange: not defined for {}: complex numbers have no order; cast a real one", name_of(dtype));
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

Tensor whole_arange(int64_t start, int64_t end, int64_t step) {
  if (step == 0 || (start < end) != (step > 0))  // nothing, or an error
    return arange(static_cast<double>(start), static_cast<double>(end), static_cast<double>(step), DType::int64);
  // In unsigned numbers: a distance may be larger than any int64.
  const auto distance = step > 0 ? static_cast<uint64_t>(end) - static_cast<uint64_t>(start)
                                 : static_cast<uint64_t>(start) - static_cast<uint64_t>(end);
  const auto stride = step > 0 ? static_cast<uint64_t>(step) : uint64_t{0} - static_cast<uint64_t>(step);
  const uint64_t count = distance / stride + (distance % stride != 0);
  if (count >= uint64_t{9'000'000'000'000'000}) throw ValueError("arange: {} elements are too many", count);
  return generate({static_cast<int64_t>(count)}, DType::int64,
                  [=](int64_t i) { return (Whole(start) + Whole(i) * Whole(step)).v; });
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
  if (is_complex(dtype)) return of_parts(shape, dtype, [](const Dims& s, DType t) { return rand(s, t); });
  if (!is_floating(dtype))
    throw DTypeError("rand: {} is no floating dtype; use randint for whole numbers", name_of(dtype));
  const auto draw = Generator::global().next();
  Tensor out = Tensor::empty(shape, dtype);
  visit_floating(dtype, [&]<class T>(T) {
    T* p = out.data<T>();
    // As many bits as the mantissa holds: more would round up to 1.
    constexpr int bits = std::is_same_v<T, Half> ? 11 : std::is_same_v<T, BFloat16> ? 8 : 24;
    const int64_t per_block = sizeof(T) <= 4 ? 4 : 2, n = out.numel();
    parallel_for((n + per_block - 1) / per_block, kGrain / 4, [&](int64_t begin, int64_t end) {
      for (int64_t b = begin; b < end; ++b) {
        const auto w = draw.block(static_cast<uint64_t>(b));
        for (int64_t k = 0; k < per_block && b * per_block + k < n; ++k) {
          const auto i = static_cast<size_t>(k);
          p[b * per_block + k] = sizeof(T) <= 4 ? static_cast<T>((w[i] >> (32 - bits)) * (1.0 / (1 << bits)))
                                                : static_cast<T>(unit(w[2 * i % 4], w[(2 * i + 1) % 4]));
        }
      }
    });
  });
  return out;
}

Tensor randn(const Dims& shape, DType dtype) {
  if (is_complex(dtype))  // the parts have variance 1/2, so that the whole has 1
    return of_parts(shape, dtype, [](const Dims& s, DType t) { return randn(s, t) * std::numbers::sqrt2 * 0.5; });
  if (!is_floating(dtype))
    throw DTypeError("randn: {} is no floating dtype; use randint for whole numbers", name_of(dtype));
  const auto draw = Generator::global().next();
  Tensor out = Tensor::empty(shape, dtype);
  visit_floating(dtype, [&]<class T>(T) {
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
  if (is_complex(dtype)) throw DTypeError("randint: {} is no dtype of whole or real numbers", name_of(dtype));
  visit(dtype, [&]<class T>(T) {
    check_fits<T>("randint", static_cast<double>(low));
    check_fits<T>("randint", static_cast<double>(high - 1));
  });
  const auto draw = Generator::global().next();
  const uint64_t range = static_cast<uint64_t>(high) - static_cast<uint64_t>(low);
  return generate(shape, dtype, [&](int64_t i) {
    const auto w = draw.block(static_cast<uint64_t>(i));
    const uint64_t word = uint64_t{w[0]} << 32 | w[1];
    return low + static_cast<int64_t>(static_cast<uint64_t>((static_cast<unsigned __int128>(word) * range) >> 64));
  });
}

Tensor randperm(int64_t n, DType dtype) {
  if (n < 0) throw ValueError("randperm: n must be non-negative, not {}", n);
  Tensor out = arange(0, static_cast<double>(n), 1, DType::int64);
  const auto draw = Generator::global().next();
  int64_t* p = out.data<int64_t>();
  for (int64_t i = n - 1; i > 0; --i) {
    const auto w = draw.block(static_cast<uint64_t>(i));
    std::swap(p[i], p[static_cast<int64_t>((uint64_t{w[0]} << 32 | w[1]) % static_cast<uint64_t>(i + 1))]);
  }
  return cast_data(out, dtype);
}

Tensor zeros(const Dims& shape, DType dtype) {
  return full(shape, 0, dtype);
}
Tensor ones(const Dims& shape, DType dtype) {
  return full(shape, 1, dtype);
}
Tensor zeros_like(const Tensor& x, std::optional<DType> dtype) {
  return zeros(x.shape(), dtype.value_or(x.dtype()));
}
Tensor ones_like(const Tensor& x, std::optional<DType> dtype) {
  return ones(x.shape(), dtype.value_or(x.dtype()));
}
Tensor full_like(const Tensor& x, const Tensor& value, std::optional<DType> dtype) {
  return full(x.shape(), value, dtype.value_or(x.dtype()));
}
Tensor rand_like(const Tensor& x, std::optional<DType> dtype) {
  return rand(x.shape(), dtype.value_or(x.dtype()));
}
Tensor randn_like(const Tensor& x, std::optional<DType> dtype) {
  return randn(x.shape(), dtype.value_or(x.dtype()));
}
Tensor randint_like(const Tensor& x, int64_t low, int64_t high, std::optional<DType> dtype) {
  return randint(low, high, x.shape(), dtype.value_or(x.dtype()));
}

namespace {

const Offered kFactories{
    internal<static_cast<Tensor (*)(const Dims&, const Tensor&, DType)>(&full)>("full(size, fill_value, dtype)"),
    internal<&zeros>("zeros(size, dtype)"),
    internal<&ones>("ones(size, dtype)"),
    internal<&whole_arange>("arange(start, end, step)"),
    internal<&arange>("arange(start, end, step, dtype)"),
    internal<&linspace>("linspace(start, end, steps, dtype)"),
    internal<&eye>("eye(n, m, dtype)"),
    internal<&rand>("rand(size, dtype)"),
    internal<&randn>("randn(size, dtype)"),
    internal<&randint>("randint(low, high, size, dtype)"),
    internal<&randperm>("randperm(n, dtype)"),
    internal<&zeros_like>("zeros_like(input, dtype)"),
    internal<&ones_like>("ones_like(input, dtype)"),
    internal<&full_like>("full_like(input, fill_value, dtype)"),
    internal<&rand_like>("rand_like(input, dtype)"),
    internal<&randn_like>("randn_like(input, dtype)"),
    internal<&randint_like>("randint_like(input, low, high, dtype)"),
};

}  // namespace

}  // namespace tapescope::ops
