// Any integers as sizes, strides, offsets and indices. A view is refused, or every element of it lies inside its
// storage; views and reshapes keep the order of elements.
#include <fuzzer/FuzzedDataProvider.h>

#include "core/ops/iterator.h"
#include "core/ops/math.h"
#include "core/ops/ops.h"
#include "tests/fuzz/well_formed.h"

using namespace tapescope;

namespace {

constexpr int64_t kReadable = 4096;  // elements that are worth reading one by one

struct Input : FuzzedDataProvider {
  using FuzzedDataProvider::FuzzedDataProvider;
  // Mostly small; now and then where arithmetic ends.
  int64_t number() {
    static constexpr int64_t edges[] = {INT64_MIN,        INT64_MAX,        INT64_MIN + 1,
                                        INT64_MAX - 1,    int64_t{1} << 59, int64_t{1} << 62,
                                        int64_t{1} << 32, int64_t{1} << 31, -(int64_t{1} << 62)};
    const auto kind = ConsumeIntegralInRange(0, 9);
    if (kind == 0) return PickValueInArray(edges);
    if (kind == 1) return ConsumeIntegral<int64_t>();
    return ConsumeIntegralInRange(-4, 9);
  }
  Dims numbers() {
    Dims d;
    for (int n = ConsumeIntegralInRange(0, 10); n > 0; --n) d.push_back(number());
    return d;
  }
};

std::vector<float> elements(const Tensor& t) {
  const Tensor c = ops::contiguous_data(t);
  return {c.data<float>(), c.data<float>() + c.numel()};
}

void check(const Tensor& t) {
  __int128 n = 1, last = t.impl()->offset;
  for (int d = 0; d < t.dim(); ++d) {
    if (t.size(d) < 0 || t.strides()[d] < 0) fuzz::fail("negative", to_string(t.shape()));
    n *= t.size(d);
    last += static_cast<__int128>(t.size(d) ? t.size(d) - 1 : 0) * t.strides()[d];
  }
  if (n != t.numel()) fuzz::fail("numel", to_string(t.shape()));
  if (n > 0 && (t.impl()->offset < 0 || (last + 1) * itemsize(t.dtype()) > t.impl()->storage->bytes()))
    fuzz::fail("outside the storage", to_string(t.shape()) + to_string(t.strides()));
  if (t.is_contiguous() != is_contiguous(t.shape(), t.strides())) fuzz::fail("contiguous", to_string(t.shape()));
  if (t.nbytes() < 0) fuzz::fail("bytes", to_string(t.shape()));
  if (t.numel() > kReadable) return;
  elements(t);
  ops::item(ops::sum(t));
}

Tensor small_index(Input& in) {
  const int64_t n = in.ConsumeIntegralInRange(0, 5);
  if (in.ConsumeBool()) {
    Tensor mask = ops::full({n}, 0, DType::boolean);
    for (int64_t i = 0; i < n; ++i) mask.data<bool>()[i] = in.ConsumeBool();
    return mask;
  }
  Tensor t = Tensor::empty({n}, DType::int64);
  for (int64_t i = 0; i < n; ++i) t.data<int64_t>()[i] = in.number();
  return in.ConsumeBool() && n ? ops::expand(t, {2, n}) : t;
}

Tensor step(Input& in, const Tensor& t) {
  const auto same_order = [&](const Tensor& y) {
    if (t.numel() <= kReadable && elements(t) != elements(y)) fuzz::fail("another order", to_string(y.shape()));
    return y;
  };
  switch (in.ConsumeIntegralInRange(0, 14)) {
    case 0:
      return same_order(ops::view(t, in.numbers()));
    case 1:
      return t.numel() <= kReadable ? same_order(ops::reshape(t, in.numbers())) : t;
    case 2:
      return ops::as_strided(t, in.numbers(), in.numbers(), in.number());
    case 3:
      return ops::expand(t, in.numbers());
    case 4:
      return ops::slice(t, in.number(), in.number(), in.number(), in.number());
    case 5:
      return ops::select(t, in.number(), in.number());
    case 6:
      return ops::permute(t, in.numbers());
    case 7:
      return ops::transpose(t, in.number(), in.number());
    case 8:
      return same_order(ops::squeeze(t, in.ConsumeBool() ? std::optional(in.number()) : std::nullopt));
    case 9:
      return same_order(ops::unsqueeze(t, in.number()));
    case 10:
      return t.numel() <= kReadable ? same_order(ops::flatten(t, in.number(), in.number())) : t;
    case 11: {
      std::vector<Tensor> indices;
      for (int n = in.ConsumeIntegralInRange(1, 3); n > 0; --n)
        indices.push_back(in.ConsumeBool() ? small_index(in) : Tensor());
      if (t.numel() > kReadable) return t;
      ops::index_put_(t, indices, ops::scalar(1.0, t.dtype()), in.ConsumeBool());
      return ops::index(t, indices);
    }
    case 13:
      return ops::narrow(t, in.number(), in.number(), in.number());
    case 12: {
      // Broadcasting is commutative, and what comes out takes both.
      const Dims other = in.numbers();
      for (int64_t s : other)
        if (s < 0) return t;
      const Dims both = broadcast_shapes("fuzz", t.shape(), other);
      if (!(broadcast_shapes("fuzz", other, t.shape()) == both)) fuzz::fail("not commutative", to_string(both));
      return ops::expand(t, both);
    }
    default:
      if (t.numel() <= kReadable) ops::fill_(t, 3);
      return t;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  Input in(data, size);
  NoGrad off;
  const int64_t n = in.ConsumeIntegralInRange(0, 40);  // past 16 elements the memory is the heap's
  Tensor t = ops::arange(0, static_cast<double>(n), 1, DType::float32);
  for (int steps = 0; steps < 24 && in.remaining_bytes(); ++steps) {
    try {
      t = step(in, t);
    } catch (const Error&) {
    }
    check(t);
  }
  return 0;
}
