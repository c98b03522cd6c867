// The text of each pointwise op as a CUDA thread runs it, compiled for the CPU: one number at a time, with the standard
// library's functions. It is the scalar that the vector loops are held against, on whichever SIMD target runs.
#define TAPESCOPE_THREADS_ON_CPU
#include "core/backend/cuda/element-inl.h"

#include <gtest/gtest.h>

#include <cstring>
#include <random>
#include <vector>

#include "core/backend/cpu/capability.h"
#include "core/ops/arithmetic-inl.h"
#include "core/ops/bitwise-inl.h"
#include "core/ops/exponential-inl.h"
#include "core/ops/family.h"
#include "core/ops/hyperbolic-inl.h"
#include "core/ops/piecewise-inl.h"
#include "core/ops/rounding-inl.h"
#include "core/ops/trigonometric-inl.h"
#include "core/tensor/dtype.h"

namespace tapescope::ops::HWY_NAMESPACE {
namespace {

constexpr double kArgs[2] = {-0.75, 1.5};  // bounds of clamp; the exponent of a power is tried apart
constexpr int64_t kCount = 4099;           // odd: the loops' tails are run too

template <class T>
T value(double x) {
  if constexpr (is_complex_type<T>)
    return {static_cast<typename T::value_type>(x), static_cast<typename T::value_type>(0.3 * x + 0.1)};
  else
    return static_cast<T>(x);
}

template <class T>
std::vector<T> operand(unsigned seed) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<double> near_zero(-4, 4), exponent(-30, 30);
  std::vector<T> all;
  if constexpr (std::is_floating_point_v<T>) {
    using Limits = std::numeric_limits<T>;
    for (const T x : {T(0), T(-0.0), T(1), T(-1), T(0.5), T(-2), Limits::infinity(), -Limits::infinity(),
                      Limits::quiet_NaN(), Limits::max(), Limits::lowest(), Limits::min(), T(88), T(-88), T(100000)})
      all.push_back(x);
    std::shuffle(all.begin(), all.end(), random);
  }
  while (static_cast<int64_t>(all.size()) < kCount) {
    const double x = near_zero(random);
    all.push_back(value<T>(all.size() % 4 != 0 || is_complex_type<T> ? x : std::ldexp(x, int(exponent(random)))));
  }
  return all;
}

template <class T>
double ulps(T a, T b) {
  if (std::memcmp(&a, &b, sizeof(T)) == 0 || (a != a && b != b)) return 0;
  if (a == b) return 0;  // zeros of different signs
  const T size = std::max(std::fabs(a), std::fabs(b));
  if (!(size < std::numeric_limits<T>::infinity())) return std::numeric_limits<double>::infinity();
  const T unit = std::nextafter(size, std::numeric_limits<T>::infinity()) - size;
  return std::fabs(double(a) - double(b)) / double(unit);
}
template <class T>
double ulps(std::complex<T> a, std::complex<T> b) {
  // One length: what is lost in a small part belongs to the number.
  const T unit = std::numeric_limits<T>::epsilon() * std::max(std::abs(a), std::numeric_limits<T>::min());
  const T off = std::abs(a - b);
  return a == b || (std::isnan(std::abs(a)) && std::isnan(std::abs(b))) ? 0 : double(off / unit);
}
double ulps(int64_t a, int64_t b) {
  return a == b ? 0 : std::numeric_limits<double>::infinity();
}

// Units in the last place that a vector form may be off the scalar one. Of the others each step is rounded as IEEE 754
// says, in the same order: their bits agree.
double tolerance(std::string_view op, bool gradient) {
  if (op == "exp" || op == "log" || op == "tanh" || op == "sigmoid") return 4;
  if (op == "sin" || op == "cos") return 4;
  if (op == "pow" && gradient) return 4;  // log in the second slope
  return 0;
}

template <class Op, class T, class F>
void compare(PointwiseKernel kernel, F f, const double* args, unsigned scalars, bool gradient) {
  ASSERT_NE(kernel, nullptr) << Op::name;
  std::vector<T> columns[F::inputs];
  const void* in[F::inputs];
  Inputs<T, F::inputs> inputs{{}, scalars};
  for (int k = 0; k < F::inputs; ++k) {
    columns[k] = operand<T>(static_cast<unsigned>(k) + 1);
    in[k] = inputs.at[k] = columns[k].data();
  }
  std::vector<T> vector(kCount);
  kernel(vector.data(), in, scalars, kCount, args);
  const double most = tolerance(Op::name, gradient);
  double worst = 0;
  for (int64_t i = 0; i < kCount; ++i) {
    const T scalar = element<T>(f, inputs, i);
    const double off = ulps(vector[i], scalar);
    worst = std::max(worst, off);
    ASSERT_LE(off, most) << Op::name << (gradient ? " gradient" : "") << " of " << name_of(dtype_of<T>) << " at " << i
                         << ": " << vector[i] << " instead of " << scalar << ", inputs "
                         << columns[0][scalars & 1 ? 0 : i] << ", "
                         << columns[F::inputs - 1][scalars >> (F::inputs - 1) & 1 ? 0 : i] << ", " << cpu::capability();
  }
  if (worst > 0) {
    const std::string key = std::string(Op::name) + (gradient ? "_gradient_" : "_") + std::string(name_of(dtype_of<T>));
    testing::Test::RecordProperty(key, std::to_string(worst));
  }
}

template <class Op, class T>
void compare_all(const double* args) {
  const PointwiseInfo& info = pointwise(Op::name, arity<Op>);
  const int t = static_cast<int>(dtype_of<T>);
  const Op op = make_op<Op>(args);
  for (unsigned scalars = 0; scalars < (arity<Op> == 2 ? 3u : 1u); ++scalars)
    compare<Op, T>(info.cpu_kernels->forward[t], Forward<Op>{op}, args, scalars, false);
  if constexpr (is_differentiable_op<Op>() && !std::is_same_v<T, int64_t>) {
    compare<Op, T>(info.cpu_kernels->backward[0][t], Backward<Op, 0>{op}, args, 0, true);
    if constexpr (arity<Op> == 2) compare<Op, T>(info.cpu_kernels->backward[1][t], Backward<Op, 1>{op}, args, 0, true);
  }
}

template <class T, class... Ops>
void compare_family(OpList<Ops...>, const double* args = kArgs) {
  (compare_all<Ops, T>(args), ...);
}

template <class T>
void compare_families() {
  compare_family<T>(ArithmeticOps{});
  compare_family<T>(ExponentialOps{});
  compare_family<T>(HyperbolicOps{});
  compare_family<T>(PiecewiseOps{});
  compare_family<T>(RoundingOps{});
  compare_family<T>(TrigonometricOps{});
  for (const double exponent : {2.0, 1.0, 0.0, 3.0, 0.5, -1.0, 2.5}) compare_family<T>(OpList<PowScalar>{}, &exponent);
}

TEST(Element, Float32) {
  compare_families<float>();
}
TEST(Element, Float64) {
  compare_families<double>();
}

template <class T, class... Ops>
void compare_where(OpList<Ops...>, auto offered) {
  const auto one = [&]<class Op>(OpList<Op>) {
    if constexpr (decltype(offered)::template of<Op>()) compare_all<Op, T>(kArgs);
  };
  (one(OpList<Ops>{}), ...);
}
struct Integers {
  template <class Op>
  static consteval bool of() {
    return Op::integers;
  }
};
struct ComplexOps {
  template <class Op>
  static consteval bool of() {
    return has_complex<Op>();
  }
};

TEST(Element, Int64) {
  compare_where<int64_t>(ArithmeticOps{}, Integers{});
  compare_where<int64_t>(PiecewiseOps{}, Integers{});
  compare_where<int64_t>(BitwiseOps{}, Integers{});
  compare_where<int64_t>(RoundingOps{}, Integers{});
}
TEST(Element, Complex) {
  compare_where<std::complex<float>>(ArithmeticOps{}, ComplexOps{});
  compare_where<std::complex<float>>(ExponentialOps{}, ComplexOps{});
  compare_where<std::complex<double>>(HyperbolicOps{}, ComplexOps{});
  compare_where<std::complex<double>>(TrigonometricOps{}, ComplexOps{});
}

TEST(Element, NumbersOfATextTakeTheElementsType) {
  static_assert(std::is_same_v<decltype(1 - Thread<float>(2)), Thread<float>>);
  static_assert(std::is_same_v<decltype(Thread<float>(2) * 0.5), Thread<float>>);
  EXPECT_EQ((1 - Thread<float>(0.25)).v, 0.75f);
  EXPECT_EQ(math::where(Thread<double>(1) < 2, 0, Thread<double>(7)).v, 0.0);
}

}  // namespace
}  // namespace tapescope::ops::HWY_NAMESPACE
