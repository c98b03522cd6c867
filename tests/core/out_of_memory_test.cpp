// Every allocation fails once: the first one, then the second, and so on until none is left to fail. Each time an
// exception comes out, what the op was given is as it was, and the engine works on.
#include <gtest/gtest.h>

#include <cstdlib>
#include <new>

#include "core/autograd/engine.h"
#include "core/backend/kernels.h"
#include "core/ops/math.h"
#include "core/ops/registry.h"
#include "core/ops/step.h"
#include "core/tensor/blocks.h"
#include "core/tensor/sanitizer.h"
#include "tests/core/support.h"

#if !defined(TAPESCOPE_ASAN) && !defined(TAPESCOPE_TSAN)  // they bring allocators of their own

namespace {

// Allocations of this thread until one fails; negative: none does.
thread_local long left = -1;
thread_local bool failed = false;

bool fails() {
  if (left < 0 || left-- > 0) return false;
  failed = true;
  return true;
}

}  // namespace

extern "C" void* __libc_memalign(size_t alignment, size_t size);
extern "C" void* aligned_alloc(size_t alignment, size_t size) {
  return fails() ? nullptr : __libc_memalign(alignment, size);
}
void* operator new(size_t size) {
  if (!fails())
    if (void* p = std::malloc(size ? size : 1)) return p;
  throw std::bad_alloc();
}
void* operator new[](size_t size) {
  return operator new(size);
}
void operator delete(void* p) noexcept {
  std::free(p);
}
void operator delete[](void* p) noexcept {
  std::free(p);
}
void operator delete(void* p, size_t) noexcept {
  std::free(p);
}
void operator delete[](void* p, size_t) noexcept {
  std::free(p);
}

using namespace tapescope;
using namespace tapescope::testing;

namespace {

// Runs f with allocation number 0, 1, 2, … failing, and `check` after each; returns how many there were.
template <class F, class Check>
int each_allocation_fails(F f, Check check) {
  for (int n = 0;; ++n) {
    left = n;
    failed = false;
    bool raised = false;
    try {
      f();
    } catch (const MemoryError&) {
      raised = true;
    } catch (const std::bad_alloc&) {
      raised = true;
    }
    left = -1;
    EXPECT_EQ(raised, failed) << "allocation " << n;
    check(n);
    if (!failed) return n;
    if (n > 2000) {
      ADD_FAILURE() << "no end";
      return n;
    }
  }
}

void engine_works() {
  const Tensor x = leaf({1, 2, 3});
  backward({ops::sum(x * x)}, {}, false, false, {});
  ASSERT_EQ(values(grad_of(x)), (std::vector<double>{2, 4, 6}));
}

Tensor wide(double v) {  // too large to stand inline
  Tensor t = ops::clone(ops::full({40}, v, DType::float32));
  t.impl()->requires_grad_flag = true;
  return t;
}

TEST(OutOfMemory, AnOp) {
  const Tensor a = wide(2), b = wide(3);
  Tensor y;
  const auto ops_of = [&] {
    y = ops::softmax(ops::reshape(a * b + ops::math::exp(a), {4, 10}), 1);
    y = ops::cat({y, ops::slice(y, 0, 0, 2, 1)}, 0);
    y = ops::mm(ops::t(y), y);
  };
  const int count = each_allocation_fails(ops_of, [&](int) {
    ASSERT_EQ(values(a), std::vector<double>(40, 2));
    ASSERT_EQ(a.version(), 0u);
    ASSERT_EQ(b.version(), 0u);
    engine_works();
  });
  EXPECT_GT(count, 5);
}

TEST(OutOfMemory, AnInPlaceOp) {
  const Tensor a = wide(2);
  const int count = each_allocation_fails(
      [&] {
        const Tensor h = a * 3.0;
        const Tensor view = ops::slice(h, 0, 4, 20, 1);
        const uint32_t before = h.version();
        try {
          ops::binary_(ops::pointwise("mul", 2), view, view);
        } catch (...) {
          left = -1;
          if (h.version() == before) {
            EXPECT_EQ(values(h), std::vector<double>(40, 6));
          }
          throw;
        }
      },
      [&](int) {
        ASSERT_EQ(values(a), std::vector<double>(40, 2));
        engine_works();
      });
  EXPECT_GT(count, 3);
}

TEST(OutOfMemory, ABackward) {
  Tensor a, b;
  const int count = each_allocation_fails(
      [&] {
        const long saved = std::exchange(left, -1);  // the graph is built in peace
        a = wide(2), b = wide(3);
        const Tensor y = ops::sum(ops::math::tanh(a * b) * ops::index(a, {ops::arange(0, 40, 1, DType::int64)}));
        left = saved;
        backward({y}, {}, false, false, {});
      },
      [&](int) {
        ASSERT_EQ(values(a), std::vector<double>(40, 2));
        ASSERT_EQ(values(b), std::vector<double>(40, 3));
        engine_works();
      });
  EXPECT_GT(count, 5);
}

TEST(OutOfMemory, AnOptimizerStep) {
  // The third part needs memory: its gradient lies transposed, and its numbers have 16 bits.
  const Tensor p[] = {wide(1), wide(2), ops::clone(ops::full({8, 5}, 3, DType::float16))};
  const Tensor g[] = {wide(1), wide(1), ops::transpose(ops::clone(ops::full({5, 8}, 1, DType::float16)), 0, 1)};
  const Tensor m = wide(0), v = wide(0);
  const int count = each_allocation_fails(
      [&] {
        ops::Step step;
        step.sgd(p[0], g[0], Tensor(), {0.5, 0, 0, 0, false, false, false});
        step.adam(p[1], g[1], m, v, {0.5, 0.9, 0.999, 1e-8, 0, false, false, 1});
        step.sgd(p[2], g[2], Tensor(), {0.5, 0, 0, 0, false, false, false});
        step.run();
      },
      [&](int) {
        if (!failed) return;
        for (int i = 0; i < 3; ++i) {
          ASSERT_EQ(values(ops::to(p[i], DType::float32)), std::vector<double>(40, i + 1));
          ASSERT_EQ(p[i].version(), 0u);
        }
        ASSERT_EQ(values(m), std::vector<double>(40, 0));
        engine_works();
      });
  EXPECT_GT(count, 3);
  EXPECT_EQ(values(p[0])[0], 0.5);
  EXPECT_EQ(values(ops::to(p[2], DType::float32))[39], 2.5);
}

TEST(OutOfMemory, GradientsOfGradients) {
  const Tensor a = wide(2);
  const int count = each_allocation_fails(
      [&] {
        const Tensor y = ops::sum(a * a * a);
        const Tensor g = grad({y}, {a}, {}, true, true, false)[0];
        grad({ops::sum(g * g)}, {a}, {}, false, false, false);
      },
      [&](int) { engine_works(); });
  EXPECT_GT(count, 10);
}

}  // namespace
#endif
