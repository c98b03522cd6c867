// Rows: sums and softmax, for every target.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/backend/cpu/rows.cpp"
#include <hwy/foreach_target.h>

#include <algorithm>

#include "core/backend/cpu/lanes-inl.h"
#include "core/backend/kernels.h"

HWY_BEFORE_NAMESPACE();
namespace tapescope::ops::HWY_NAMESPACE {

template <class T>
double sum(const void* data, int64_t n) {
  const Tag<T> d;
  const auto* x = static_cast<const T*>(data);
  const auto step = static_cast<int64_t>(hn::Lanes(d));
  Vec<T> a = hn::Zero(d), b = a, c = a, e = a;
  int64_t i = 0;
  for (; i + 4 * step <= n; i += 4 * step) {
    a = hn::Add(a, hn::LoadU(d, x + i));
    b = hn::Add(b, hn::LoadU(d, x + i + step));
    c = hn::Add(c, hn::LoadU(d, x + i + 2 * step));
    e = hn::Add(e, hn::LoadU(d, x + i + 3 * step));
  }
  for (; i + step <= n; i += step) a = hn::Add(a, hn::LoadU(d, x + i));
  HWY_ALIGN T lanes[hn::MaxLanes(d)];
  hn::Store(hn::Add(hn::Add(a, b), hn::Add(c, e)), d, lanes);
  double total = 0;
  for (int64_t k = 0; k < step; ++k) total += lanes[k];
  for (; i < n; ++i) total += x[i];
  return total;
}

template <class T>
void add_into(void* acc, const void* data, int64_t n) {
  const Tag<T> d;
  auto* a = static_cast<T*>(acc);
  const auto* x = static_cast<const T*>(data);
  const auto step = static_cast<int64_t>(hn::Lanes(d));
  int64_t i = 0;
  for (; i + step <= n; i += step) hn::StoreU(hn::Add(hn::LoadU(d, a + i), hn::LoadU(d, x + i)), d, a + i);
  for (; i < n; ++i) a[i] += x[i];
}

// Calls f(vector, index) over the row; the tail is padded with `pad`.
template <class T, class F>
HWY_INLINE void over(const T* x, int64_t n, T pad, F f) {
  const Tag<T> d;
  const auto step = static_cast<int64_t>(hn::Lanes(d));
  int64_t i = 0;
  for (; i + step <= n; i += step) f(Lane<T>(hn::LoadU(d, x + i)), i, step);
  if (i == n) return;
  HWY_ALIGN T last[hn::MaxLanes(d)];
  for (int64_t k = 0; k < step; ++k) last[k] = i + k < n ? x[i + k] : pad;
  f(Lane<T>(hn::Load(d, last)), i, n - i);
}
template <class T>
HWY_INLINE void put(T* out, Lane<T> v, int64_t count) {
  const Tag<T> d;
  if (count == static_cast<int64_t>(hn::Lanes(d))) {
    hn::StoreU(v.v, d, out);
    return;
  }
  HWY_ALIGN T last[hn::MaxLanes(d)];
  hn::Store(v.v, d, last);
  for (int64_t k = 0; k < count; ++k) out[k] = last[k];
}
// The same past the caches, where the place lies as vectors do.
template <class T>
HWY_INLINE void put_past(T* out, Lane<T> v, int64_t count, bool streamed) {
  const Tag<T> d;
  if (streamed && count == static_cast<int64_t>(hn::Lanes(d)))
    hn::Stream(v.v, d, out);
  else
    put(out, v, count);
}
template <class T>
bool lies_as_vectors(const T* p) {
  return reinterpret_cast<uintptr_t>(p) % (hn::Lanes(Tag<T>()) * sizeof(T)) == 0;
}
template <class T>
HWY_INLINE T lanes_sum(Lane<T> v) {
  const Tag<T> d;
  HWY_ALIGN T lanes[hn::MaxLanes(d)];
  hn::Store(v.v, d, lanes);
  T total = 0;
  for (size_t k = 0; k < hn::Lanes(d); ++k) total += lanes[k];
  return total;
}

// The largest number of a row; NaN if one is.
template <class T>
HWY_INLINE T largest(const T* x, int64_t n) {
  const Tag<T> d;
  const auto step = static_cast<int64_t>(hn::Lanes(d));
  Vec<T> a = hn::Set(d, -std::numeric_limits<T>::infinity()), b = a, c = a, e = a;
  auto ordered = hn::Eq(a, a);  // no NaN so far
  int64_t i = 0;
  for (; i + 4 * step <= n; i += 4 * step) {
    const Vec<T> p = hn::LoadU(d, x + i), q = hn::LoadU(d, x + i + step);
    const Vec<T> r = hn::LoadU(d, x + i + 2 * step), s = hn::LoadU(d, x + i + 3 * step);
    a = hn::Max(a, p), b = hn::Max(b, q), c = hn::Max(c, r), e = hn::Max(e, s);
    ordered = hn::And(ordered, hn::And(hn::And(hn::Eq(p, p), hn::Eq(q, q)), hn::And(hn::Eq(r, r), hn::Eq(s, s))));
  }
  HWY_ALIGN T lanes[hn::MaxLanes(d)];
  hn::Store(hn::Max(hn::Max(a, b), hn::Max(c, e)), d, lanes);
  T top = lanes[0];
  for (int64_t k = 1; k < step; ++k) top = std::max(top, lanes[k]);
  bool whole = hn::AllTrue(d, ordered);
  for (; i < n; ++i) {
    top = std::max(top, x[i]);
    whole = whole && x[i] == x[i];
  }
  return whole ? top : std::numeric_limits<T>::quiet_NaN();
}

// e^x of numbers that are neither NaN nor above 0; 0 where the result would be subnormal. Within 2 ulps: 2^n e^r with
// |r| <= ln 2 / 2, the polynomial Cephes's expf (S. Moshier). Adding 1.5 * 2^23 rounds n into the low bits.
HWY_INLINE Lane<float> exp_of_share(Lane<float> x) {
  const Tag<float> d;
  const hn::RebindToSigned<Tag<float>> bits;
  const auto c = [&](float value) HWY_ATTR { return hn::Set(d, value); };
  const Vec<float> big = c(12582912.0f);
  const Vec<float> shifted = hn::MulAdd(x.v, c(1.44269504f), big), n = hn::Sub(shifted, big);
  const Vec<float> r = hn::NegMulAdd(n, c(-2.12194440e-4f), hn::NegMulAdd(n, c(0.693359375f), x.v));
  Vec<float> p = c(1.9875691500e-4f);
  for (const float next : {1.3981999507e-3f, 8.3334519073e-3f, 4.1665795894e-2f, 1.6666665459e-1f, 5.0000001201e-1f})
    p = hn::MulAdd(p, r, c(next));
  p = hn::MulAdd(p, hn::Mul(r, r), hn::Add(r, c(1.0f)));
  const Vec<float> scaled =
      hn::BitCast(d, hn::Add(hn::BitCast(bits, p), hn::ShiftLeft<23>(hn::BitCast(bits, shifted))));
  return hn::IfThenElseZero(hn::Ge(x.v, c(-87.3365447f)), scaled);
}
HWY_INLINE Lane<double> exp_of_share(Lane<double> x) {
  return hn::Exp(Tag<double>(), x.v);
}

template <class T>
void softmax(void* out_, const void* x_, int64_t n, bool log, bool streamed) {
  auto* out = static_cast<T*>(out_);
  // A row that is streamed is computed in the cache first: its exponentials are read again.
  constexpr int64_t most = 4096;
  HWY_ALIGN T row[most];
  streamed = streamed && n <= most && lies_as_vectors(out);
  T* const exponentials = streamed ? row : out;
  const auto* x = static_cast<const T*>(x_);
  constexpr T lowest = -std::numeric_limits<T>::infinity();
  const T m = largest(x, n);
  if (!std::isfinite(m)) {  // NaN somewhere, or no element has a share of the whole: infinity less infinity
    std::fill_n(out, n, std::numeric_limits<T>::quiet_NaN());
    return;
  }
  const Lane<T> shift = Lane<T>(static_cast<double>(m));
  Lane<T> acc = Lane<T>(0.0);
  over(x, n, lowest, [&](Lane<T> v, int64_t i, int64_t count) HWY_ATTR {
    const Lane<T> e = exp_of_share(v - shift);
    acc = acc + e;
    if (!log) put(exponentials + i, e, count);
  });
  const T total = lanes_sum(acc);
  if (log) {
    const Lane<T> norm = Lane<T>(static_cast<double>(m) + std::log(static_cast<double>(total)));
    over(x, n, T(0),
         [&](Lane<T> v, int64_t i, int64_t count) HWY_ATTR { put_past(out + i, v - norm, count, streamed); });
  } else {
    const Lane<T> scale = Lane<T>(1.0 / static_cast<double>(total));
    over(exponentials, n, T(0),
         [&](Lane<T> v, int64_t i, int64_t count) HWY_ATTR { put_past(out + i, v * scale, count, streamed); });
  }
}

template <class T>
void softmax_backward(void* out_, const void* g_, const void* y_, int64_t n, bool log, bool streamed) {
  const Tag<T> d;
  auto* out = static_cast<T*>(out_);
  streamed = streamed && lies_as_vectors(out);
  const auto* g = static_cast<const T*>(g_);
  const auto* y = static_cast<const T*>(y_);
  const auto load = [&](const T* p, int64_t count) HWY_ATTR {
    if (count == static_cast<int64_t>(hn::Lanes(d))) return Lane<T>(hn::LoadU(d, p));
    HWY_ALIGN T last[hn::MaxLanes(d)] = {};
    for (int64_t k = 0; k < count; ++k) last[k] = p[k];
    return Lane<T>(hn::Load(d, last));
  };
  Lane<T> acc = Lane<T>(0.0);
  over(g, n, T(0),
       [&](Lane<T> v, int64_t i, int64_t count) HWY_ATTR { acc = acc + (log ? v : v * load(y + i, count)); });
  const Lane<T> total = Lane<T>(static_cast<double>(lanes_sum(acc)));
  over(g, n, T(0), [&](Lane<T> v, int64_t i, int64_t count) HWY_ATTR {
    const Lane<T> r = load(y + i, count);
    put_past(out + i, log ? v - math::exp(r) * total : r * (v - total), count, streamed);
  });
}

const cpu::RowKernels* row_table() {
  static const cpu::RowKernels table[] = {{sum<float>, add_into<float>, softmax<float>, softmax_backward<float>},
                                          {sum<double>, add_into<double>, softmax<double>, softmax_backward<double>}};
  return table;
}

}  // namespace tapescope::ops::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tapescope::ops {
HWY_EXPORT(row_table);
const cpu::RowKernels* rows_of_this_machine() {
  return HWY_DYNAMIC_DISPATCH(row_table)();
}
}  // namespace tapescope::ops

namespace tapescope::cpu {
const RowKernels& row_kernels(DType t) {
  static const RowKernels* table = ops::rows_of_this_machine();
  return table[t == DType::float64];
}
}  // namespace tapescope::cpu
#endif
