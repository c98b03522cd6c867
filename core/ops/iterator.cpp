#include "core/ops/iterator.h"

#include <cstring>

#include "core/backend/parallel.h"

namespace tapescope::ops {
namespace {

constexpr int64_t kStrip = 512;
constexpr int64_t kLargestItem = 16;
constexpr int kMaxOperands = 4;  // the output and three inputs

template <class To, class From>
void cast_elements(void* dst, const void* src, int64_t n) {
  auto* to = static_cast<To*>(dst);
  const auto* from = static_cast<const From*>(src);
  for (int64_t i = 0; i < n; ++i) to[i] = cast<To>(from[i]);
}
using Caster = void (*)(void* dst, const void* src, int64_t n);
Caster caster(DType to, DType from) {
  return visit(to, [&]<class To>(To) {
    return visit(from, []<class From>(From) -> Caster { return cast_elements<To, From>; });
  });
}

void move_elements(DType t, void* dst, int64_t dst_step, const void* src, int64_t src_step, int64_t n) {
  visit_bits(t, [&]<class T>(T) {
    auto* to = static_cast<T*>(dst);
    const auto* from = static_cast<const T*>(src);
    for (int64_t i = 0; i < n; ++i) to[i * dst_step] = from[i * src_step];
  });
}

// Casts are compiled for contiguous elements alone: others are gathered before, or scattered after.
void cast_strip(DType to, void* dst, int64_t dst_step, DType from, const void* src, int64_t src_step, int64_t n) {
  if (to == from) return move_elements(to, dst, dst_step, src, src_step, n);
  const Caster f = caster(to, from);
  if (dst_step == 1 && src_step == 1) return f(dst, src, n);
  alignas(64) char gathered[kStrip * kLargestItem], made[kStrip * kLargestItem];
  if (src_step == 0) {
    f(made, src, 1);
    return move_elements(to, dst, dst_step, made, 0, n);
  }
  for (int64_t begin = 0; begin < n; begin += kStrip) {
    const int64_t m = std::min(kStrip, n - begin);
    const char* source = static_cast<const char*>(src) + begin * src_step * itemsize(from);
    char* target = static_cast<char*>(dst) + begin * dst_step * itemsize(to);
    if (src_step != 1) {
      move_elements(from, gathered, 1, source, src_step, m);
      source = gathered;
    }
    f(dst_step == 1 ? target : made, source, m);
    if (dst_step != 1) move_elements(to, target, dst_step, made, 1, m);
  }
}

struct Operand {
  char* data;
  DType dtype;
  Dims strides;
};

// The common index space after broadcasting, with neighbouring dimensions merged where all operands allow it.
struct Space {
  Dims shape;
  Operand operands[kMaxOperands];
  int count = 0;

  void add(const Tensor& t, const Dims& full) {
    Operand& o = operands[count++];
    o.data = t.raw();
    o.dtype = t.dtype();
    o.strides = Dims(full.size(), 0);
    const int lead = full.size() - t.dim();
    for (int d = 0; d < t.dim(); ++d) o.strides[lead + d] = t.size(d) == 1 ? 0 : t.strides()[d];
  }

  void coalesce() {
    int n = 0;
    for (int d = 0; d < shape.size(); ++d) {
      if (shape[d] == 1) continue;
      bool merged = n > 0;
      for (int k = 0; k < count && merged; ++k)
        merged = operands[k].strides[n - 1] == operands[k].strides[d] * shape[d];
      if (merged) {
        shape[n - 1] *= shape[d];
        for (int k = 0; k < count; ++k) operands[k].strides[n - 1] = operands[k].strides[d];
      } else {
        for (int k = 0; k < count; ++k) operands[k].strides[n] = operands[k].strides[d];
        shape[n++] = shape[d];
      }
    }
    if (n == 0) {
      shape = Dims{1};
      for (int k = 0; k < count; ++k) operands[k].strides = Dims{0};
    } else {
      shape.resize(n);
      for (int k = 0; k < count; ++k) operands[k].strides.resize(n);
    }
  }

  // f(pointers, strides of the innermost dimension, n) for each innermost row, on several threads if there is much.
  // `done` is called by each thread after its rows.
  template <class F, class Done>
  void for_each_row(F f, Done done) const {
    const int last = shape.size() - 1;
    const int64_t n = shape[last];
    int64_t steps[kMaxOperands];
    for (int k = 0; k < count; ++k) steps[k] = operands[k].strides[last];
    const auto rows = [&](int64_t begin, int64_t end) {
      for (int64_t row = begin; row < end; ++row) {
        char* p[kMaxOperands];
        for (int k = 0; k < count; ++k) p[k] = operands[k].data;
        int64_t rest = row;
        for (int d = last - 1; d >= 0; --d) {
          const int64_t i = rest % shape[d];
          rest /= shape[d];
          for (int k = 0; k < count; ++k) p[k] += i * operands[k].strides[d] * itemsize(operands[k].dtype);
        }
        f(p, steps, n);
      }
      done();
    };
    int64_t total_rows = 1;
    for (int d = 0; d < last; ++d) total_rows *= shape[d];
    if (total_rows == 1 && n >= 2 * kGrain) {
      parallel_for(n, kGrain, [&](int64_t begin, int64_t end) {
        char* p[kMaxOperands];
        for (int k = 0; k < count; ++k) p[k] = operands[k].data + begin * steps[k] * itemsize(operands[k].dtype);
        f(p, steps, end - begin);
        done();
      });
    } else {
      parallel_for(total_rows, std::max<int64_t>(1, kGrain / n), rows);
    }
  }
  template <class F>
  void for_each_row(F f) const {
    for_each_row(f, [] {});
  }
};

bool simple(const Tensor& t, const Tensor& out, DType compute) {
  return t.dtype() == compute && (t.numel() == 1 || (t.is_contiguous() && t.shape() == out.shape()));
}

}  // namespace

void run(PointwiseKernel kernel, DType compute, const Tensor& out, std::span<const Tensor* const> in,
         const double* args) {
  const int64_t n = out.numel();
  if (n == 0) return;
  const int inputs = static_cast<int>(in.size());
  bool fast = out.dtype() == compute && out.is_contiguous() && n < 2 * kGrain;
  for (const Tensor* t : in) fast = fast && simple(*t, out, compute);
  if (fast) {
    const void* p[3];
    unsigned scalars = 0;
    for (int k = 0; k < inputs; ++k) {
      p[k] = in[static_cast<size_t>(k)]->raw();
      if (n > 1 && in[static_cast<size_t>(k)]->numel() == 1) scalars |= 1u << k;
    }
    kernel(out.raw(), p, scalars, n, args);
    return;
  }
  Space s;
  s.shape = out.shape();
  s.add(out, out.shape());
  for (const Tensor* t : in) s.add(*t, out.shape());
  s.coalesce();
  s.for_each_row([&](char* const* p, const int64_t* steps, int64_t row) {
    alignas(64) char strips[kMaxOperands][kStrip * kLargestItem];
    // Rows that need no strip go to the kernel whole.
    bool direct = s.operands[0].dtype == compute && steps[0] == 1;
    unsigned scalars = 0;
    for (int k = 1; k <= inputs; ++k) {
      direct = direct && s.operands[k].dtype == compute && (steps[k] == 1 || (steps[k] == 0 && row > 1));
      if (steps[k] == 0) scalars |= 1u << (k - 1);
    }
    if (direct) {
      const void* q[3];
      for (int k = 0; k < inputs; ++k) q[k] = p[k + 1];
      kernel(p[0], q, scalars, row, args);
      return;
    }
    for (int64_t begin = 0; begin < row; begin += kStrip) {
      const int64_t m = std::min(kStrip, row - begin);
      const void* q[3];
      for (int k = 1; k <= inputs; ++k) {
        const Operand& o = s.operands[k];
        const char* from = p[k] + begin * steps[k] * itemsize(o.dtype);
        if (o.dtype == compute && steps[k] == 1) {
          q[k - 1] = from;
        } else {
          cast_strip(compute, strips[k], 1, o.dtype, from, steps[k], m);
          q[k - 1] = strips[k];
        }
      }
      char* to = p[0] + begin * steps[0] * itemsize(s.operands[0].dtype);
      const bool in_place = s.operands[0].dtype == compute && steps[0] == 1;
      kernel(in_place ? to : strips[0], q, 0, m, args);
      if (!in_place) cast_strip(s.operands[0].dtype, to, steps[0], compute, strips[0], 1, m);
    }
  });
}

void copy_elements(const Tensor& dst, const Tensor& src) {
  if (dst.numel() == 0) return;
  if (dst.dtype() == src.dtype() && dst.is_contiguous() && src.is_contiguous() && dst.shape() == src.shape()) {
    std::memmove(dst.raw(), src.raw(), static_cast<size_t>(dst.nbytes()));
    return;
  }
  Space s;
  s.shape = dst.shape();
  s.add(dst, dst.shape());
  s.add(src, dst.shape());
  s.coalesce();
  const bool streamed = dst.nbytes() >= cpu::kStreamed;
  const auto row = [&](char* const* p, const int64_t* steps, int64_t n) {
    if (dst.dtype() == src.dtype() && steps[0] == 1 && steps[1] == 1)
      std::memcpy(p[0], p[1], static_cast<size_t>(n * itemsize(dst.dtype())));
    else if (dst.dtype() == src.dtype() && steps[0] == 1 && steps[1] == 0)
      cpu::fill(p[0], p[1], n, itemsize(dst.dtype()), streamed);
    else
      cast_strip(dst.dtype(), p[0], steps[0], src.dtype(), p[1], steps[1], n);
  };
  s.for_each_row(row, [&] {
    if (streamed) cpu::end_of_stream();
  });
}

Tensor contiguous_data(const Tensor& x) {
  return x.is_contiguous() ? x : cast_data(x, x.dtype());
}

Tensor cast_data(const Tensor& x, DType dtype) {
  if (x.dtype() == dtype && x.is_contiguous()) return x;
  Tensor out = Tensor::empty(x.shape(), dtype);
  copy_elements(out, x);
  return out;
}

}  // namespace tapescope::ops
