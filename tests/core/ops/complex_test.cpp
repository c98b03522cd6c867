#include <gtest/gtest.h>

#include "core/autograd/engine.h"
#include "tests/core/support.h"

namespace tapescope::ops {
namespace {

using namespace tapescope::testing;
using Z = std::complex<double>;

Tensor numbers(std::initializer_list<Z> values, bool requires_grad = false) {
  Tensor t = Tensor::empty({static_cast<int64_t>(values.size())}, DType::complex128);
  std::copy(values.begin(), values.end(), t.data<Z>());
  t.impl()->requires_grad_flag = requires_grad;
  return t;
}
std::vector<Z> elements(const Tensor& t) {
  const Tensor c = contiguous_data(t);
  return {c.data<Z>(), c.data<Z>() + c.numel()};
}

TEST(Complex, PartsAreViewsOfTheSameMemory) {
  const Tensor z = numbers({{1, 2}, {3, 4}});
  const Tensor re = real(z), im = imag(z);
  EXPECT_EQ(re.dtype(), DType::float64);
  EXPECT_EQ(re.strides()[0], 2);
  EXPECT_EQ(im.impl()->offset, 1);
  EXPECT_EQ(values(re), (std::vector<double>{1, 3}));
  EXPECT_EQ(values(im), (std::vector<double>{2, 4}));
  fill_(im, 7);
  EXPECT_EQ(elements(z), (std::vector<Z>{{1, 7}, {3, 7}}));
  EXPECT_EQ(z.version(), 1u);
  EXPECT_TRUE(real(vector({1})).dtype() == DType::float32);
}

TEST(Complex, PairsOfNumbersAreComplexAndBack) {
  const Tensor x = view(arange(0, 4, 1, DType::float64), {2, 2});
  const Tensor z = view_as_complex(x);
  EXPECT_EQ(elements(z), (std::vector<Z>{{0, 1}, {2, 3}}));
  EXPECT_EQ(values(view_as_real(z)), (std::vector<double>{0, 1, 2, 3}));
  EXPECT_EQ(z.impl()->storage, x.impl()->storage);
  EXPECT_TRUE(holds(message([&] { view_as_complex(view(x, {4})); }), "last dimension of size 2"));
  EXPECT_TRUE(holds(message([&] { view_as_complex(transpose(x, 0, 1)); }), "side by side"));
  EXPECT_TRUE(holds(message([&] { view_as_complex(to(x, DType::int64)); }), "int64"));
  EXPECT_TRUE(holds(message([&] { view_as_real(x); }), "only supported for complex"));
  EXPECT_TRUE(holds(message([&] { imag(x); }), "non-complex"));
}

TEST(Complex, LengthDirectionAndUnit) {
  const Tensor z = numbers({{3, 4}, {0, 0}, {0, -2}});
  EXPECT_EQ(values(apply("abs", z)), (std::vector<double>{5, 0, 2}));
  EXPECT_EQ(apply("abs", z).dtype(), DType::float64);
  EXPECT_EQ(elements(sgn(z)), (std::vector<Z>{{0.6, 0.8}, {0, 0}, {0, -1}}));
  EXPECT_DOUBLE_EQ(values(angle(z))[2], -std::acos(0.0));
  EXPECT_EQ(elements(conj(z))[0], Z(3, -4));
  const Tensor x = vector({1, 2});
  EXPECT_TRUE(conj(x).is_same(x));
  EXPECT_EQ(values(sgn(vector({-2, 0, 5}))), (std::vector<double>{-1, 0, 1}));
  EXPECT_EQ(values(sgn(vector({0, 5}, DType::uint8))), (std::vector<double>{0, 1}));
}

TEST(Complex, GradientIsThatOfTheRealAndTheImaginaryPart) {
  // L = |z|: dL/dx + i dL/dy = z / |z|.
  const Tensor z = numbers({{3, 4}}, true);
  backward({sum(apply("abs", z))}, {}, false, false, {});
  EXPECT_EQ(elements(grad_of(z)), (std::vector<Z>{{0.6, 0.8}}));
  // L = Re(z²): 2 conj(z).
  const Tensor w = numbers({{3, 4}}, true);
  backward({sum(real(w * w))}, {}, false, false, {});
  EXPECT_EQ(elements(grad_of(w)), (std::vector<Z>{{6, -8}}));
}

TEST(Complex, ARealInputGetsTheRealPart) {
  const Tensor x = leaf({2}, DType::float64), z = numbers({{3, 4}}, true);
  backward({sum(imag(x * z))}, {}, false, false, {});
  EXPECT_EQ(grad_of(x).dtype(), DType::float64);
  EXPECT_EQ(values(grad_of(x)), (std::vector<double>{4}));
  EXPECT_EQ(elements(grad_of(z)), (std::vector<Z>{{0, 2}}));
}

TEST(Complex, AWriteThroughAPartReachesTheWhole) {
  const Tensor z = numbers({{1, 2}}, true), x = leaf({5}, DType::float64);
  const Tensor w = clone(z);
  copy_(imag(w), x);
  EXPECT_EQ(elements(w), (std::vector<Z>{{1, 5}}));
  backward({sum(real(w * w))}, {}, false, false, {});  // Re(w²) = x² - y²
  EXPECT_EQ(elements(grad_of(z)), (std::vector<Z>{{2, 0}}));
  EXPECT_EQ(values(grad_of(x)), (std::vector<double>{-10}));
}

TEST(Complex, IsMadeOfTwoParts) {
  const Tensor re = leaf({1, 2}, DType::float64), im = leaf({3}, DType::float64);
  const Tensor z = complex(re, im);
  EXPECT_EQ(elements(z), (std::vector<Z>{{1, 3}, {2, 3}}));
  backward({sum(imag(z * z))}, {}, false, false, {});  // 2 x y
  EXPECT_EQ(values(grad_of(re)), (std::vector<double>{6, 6}));
  EXPECT_EQ(values(grad_of(im)), (std::vector<double>{6}));
  EXPECT_TRUE(holds(message([&] { complex(re, vector({1})); }), "float64 and float32"));
  const Tensor up = polar(vector({2}, DType::float64), vector({std::acos(0.0)}, DType::float64));
  EXPECT_NEAR(std::abs(elements(up)[0] - Z(0, 2)), 0, 1e-12);
}

TEST(Complex, BackwardFromAComplexOutputWantsAGradient) {
  const Tensor z = numbers({{3, 4}}, true);
  EXPECT_TRUE(holds(message([&] { backward({sum(z)}, {}, false, false, {}); }), "only for real scalar outputs"));
  EXPECT_TRUE(holds(message([&] { backward({sum(real(z))}, {scalar(Z(1, 1), DType::complex128)}, false, false, {}); }),
                    "required to have the same dtype"));
}

TEST(Complex, BitsAreSeenAsAnotherType) {
  const Tensor x = vector({1});
  EXPECT_EQ(*view_bits(x, DType::int32).data<int32_t>(), 0x3f800000);
  EXPECT_TRUE(holds(message([&] { view_bits(x, DType::int64); }), "4"));
}

}  // namespace
}  // namespace tapescope::ops
