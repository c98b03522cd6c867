#include "core/tensor/shape.h"

#include <fmt/ranges.h>

namespace tapescope {
namespace {

std::string joined(std::span<const int64_t> shape) {
  return fmt::format("{}", fmt::join(shape.begin(), shape.end(), ", "));
}

}  // namespace

std::string to_string(std::span<const int64_t> shape) {
  return fmt::format(fmt::runtime(shape.size() == 1 ? "({},)" : "({})"), joined(shape));
}

std::string to_list_string(std::span<const int64_t> shape) {
  return fmt::format("[{}]", joined(shape));
}

int wrap_dim(const char* op, int64_t dim, int ndim) {
  const int64_t n = std::max(ndim, 1);
  if (dim < -n || dim >= n)
    throw IndexError("{}: Dimension out of range (expected to be in range of [{}, {}], but got {})", op, -n, n - 1,
                     dim);
  return static_cast<int>(dim < 0 ? dim + n : dim);
}

Dims broadcast_shapes(const char* op, const Dims& a, const Dims& b) {
  if (a == b) return a;
  const int n = std::max(a.size(), b.size());
  Dims out(n, 1);
  for (int i = 1; i <= n; ++i) {
    const int64_t x = i <= a.size() ? a[a.size() - i] : 1;
    const int64_t y = i <= b.size() ? b[b.size() - i] : 1;
    if (x != y && x != 1 && y != 1)
      throw ShapeError(
          "{}: cannot broadcast {} with {}: the sizes {} and {} in dimension {} from the right differ and neither is 1",
          op, to_string(a), to_string(b), x, y, i - 1);
    out[n - i] = x == 1 ? y : x;
  }
  return out;
}

}  // namespace tapescope
