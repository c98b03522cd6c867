// The ops as C++ calls them. Recorded when grad mode is on and an input requires grad. Each throws ShapeError,
// DTypeError or IndexError when arguments do not fit, in words that name the op.
#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "core/ops/family.h"
#include "core/tensor/tensor.h"

namespace tapescope::ops {

// --- pointwise (pointwise.cpp)
Tensor unary(const PointwiseInfo& op, const Tensor& x, const double* args = nullptr);
Tensor binary(const PointwiseInfo& op, const Tensor& a, const Tensor& b);
// self = f(self, …). Returns self.
Tensor unary_(const PointwiseInfo& op, const Tensor& self, const double* args = nullptr);
Tensor binary_(const PointwiseInfo& op, const Tensor& self, const Tensor& other);
// By name, for C++: apply("tanh", x), apply("mul", a, b).
Tensor apply(std::string_view name, const Tensor& x, std::initializer_list<double> args = {});
Tensor apply(std::string_view name, const Tensor& a, const Tensor& b);
// PyTorch's promotion of two operands: a tensor without dimensions gives way to one with them inside a category.
DType result_type(const Tensor& a, const Tensor& b);

// --- comparisons and where (compare.cpp)
enum class Comparison { eq, ne, lt, le, gt, ge };
Tensor compare(Comparison c, const Tensor& a, const Tensor& b);
Tensor logical_and(const Tensor& a, const Tensor& b);
Tensor logical_or(const Tensor& a, const Tensor& b);
Tensor logical_not(const Tensor& a);
Tensor where(const Tensor& condition, const Tensor& a, const Tensor& b);

// --- factories (factory.cpp)
Tensor full(const Dims& shape, double value, DType dtype);
Tensor full(const Dims& shape, const Tensor& value, DType dtype);  // value: a single element
Tensor zeros(const Dims& shape, DType dtype);
Tensor ones(const Dims& shape, DType dtype);
Tensor scalar(double value, DType dtype);
Tensor scalar(int64_t value);
Tensor scalar(std::complex<double> value, DType dtype);
// A number that meets `like` without changing its type inside a category, as Python's numbers do.
Tensor number_like(double value, const Tensor& like);
// A number of the program's, written as int64, float64, complex128 or bool, as it meets `like`.
Tensor number_operand(const Tensor& number, const Tensor& like);
Tensor whole_arange(int64_t start, int64_t end, int64_t step);  // int64; exact where a double is not
Tensor arange(double start, double end, double step, DType dtype);
Tensor linspace(double start, double end, int64_t steps, DType dtype);
Tensor eye(int64_t n, int64_t m, DType dtype);
Tensor rand(const Dims& shape, DType dtype);   // uniform in [0, 1)
Tensor randn(const Dims& shape, DType dtype);  // standard normal (Box–Muller)
Tensor randint(int64_t low, int64_t high, const Dims& shape, DType dtype);
Tensor randperm(int64_t n, DType dtype = DType::int64);
// Of another tensor's shape; its dtype too, where none is given.
Tensor zeros_like(const Tensor& x, std::optional<DType> dtype);
Tensor ones_like(const Tensor& x, std::optional<DType> dtype);
Tensor full_like(const Tensor& x, const Tensor& value, std::optional<DType> dtype);
Tensor rand_like(const Tensor& x, std::optional<DType> dtype);
Tensor randn_like(const Tensor& x, std::optional<DType> dtype);
Tensor randint_like(const Tensor& x, int64_t low, int64_t high, std::optional<DType> dtype);

// --- copies and casts (copy.cpp)
Tensor clone(const Tensor& x);           // keeps the strides of a dense tensor
Tensor clone_in_order(const Tensor& x);  // row-major
Tensor contiguous(const Tensor& x);
Tensor to(const Tensor& x, DType dtype);
Tensor copy_(const Tensor& self, const Tensor& src);
Tensor fill_(const Tensor& self, double value);
Tensor fill_(const Tensor& self, const Tensor& value);  // value: a single element
void check_single(const Tensor& x);                     // throws unless it has one element
double item(const Tensor& x);
int64_t item_int(const Tensor& x);

// --- views (view.cpp)
Tensor detach(const Tensor& x);
Tensor view(const Tensor& x, const Dims& shape);     // one size may be -1
Tensor reshape(const Tensor& x, const Dims& shape);  // copies only if it must
Tensor flatten(const Tensor& x, int64_t start, int64_t end);
Tensor transpose(const Tensor& x, int64_t a, int64_t b);
Tensor t(const Tensor& x);
Tensor permute(const Tensor& x, const Dims& order);
Tensor expand(const Tensor& x, const Dims& shape);
Tensor squeeze(const Tensor& x, std::optional<int64_t> dim);
Tensor unsqueeze(const Tensor& x, int64_t dim);
Tensor select(const Tensor& x, int64_t dim, int64_t index);
Tensor slice(const Tensor& x, int64_t dim, int64_t start, int64_t end, int64_t step);
Tensor narrow(const Tensor& x, int64_t dim, int64_t start, int64_t length);
Tensor as_strided(const Tensor& x, const Dims& shape, const Dims& strides, int64_t offset);
Tensor diagonal(const Tensor& x, int64_t offset, int64_t dim1, int64_t dim2);
Tensor unfold(const Tensor& x, int64_t dim, int64_t size, int64_t step);
Tensor movedim(const Tensor& x, const Dims& source, const Dims& destination);
// Sums what broadcasting had spread: the way back from `x` to `shape`.
Tensor sum_to(const Tensor& x, const Dims& shape);

// --- complex numbers (complex.cpp)
Tensor conj(const Tensor& x);             // the real x itself
Tensor real(const Tensor& x);             // a view; the real x itself
Tensor imag(const Tensor& x);             // a view
Tensor view_as_real(const Tensor& x);     // a view with a last dimension of size 2
Tensor view_as_complex(const Tensor& x);  // and back
// The same bits as elements of another type of that size. No history.
Tensor view_bits(const Tensor& x, DType dtype);
// The memory of x as another view of it sees it: as numbers of `dtype`, or as pairs of them.
Tensor view_parts(const Tensor& x, DType dtype);
Tensor complex(const Tensor& re, const Tensor& im);       // re + i im
Tensor polar(const Tensor& length, const Tensor& angle);  // length · e^(i angle)
Tensor angle(const Tensor& x);
Tensor sgn(const Tensor& x);          // x / |x|, and 0 at 0
Tensor complex_abs(const Tensor& x);  // what abs is of complex numbers
// The conjugate transpose of a matrix; of a real one its transpose.
Tensor adjoint(const Tensor& x);

// --- joining and indexing (join.cpp, index.cpp)
Tensor cat(const std::vector<Tensor>& parts, int64_t dim);
Tensor stack(const std::vector<Tensor>& parts, int64_t dim);
// Whether an index chooses by truth instead of by number.
inline bool is_mask(const Tensor& index) {
  return index.dtype() == DType::boolean || index.dtype() == DType::uint8;
}
// x[indices]: one entry a leading dimension; undefined takes it whole; int32, int64, bool or uint8 tensors
// (a mask, as bool) gather.
Tensor index(const Tensor& x, const std::vector<Tensor>& indices);
// self[indices] = values, or += with accumulate.
Tensor index_put_(const Tensor& self, const std::vector<Tensor>& indices, const Tensor& values, bool accumulate);

// --- reductions (reduce.cpp, extreme.cpp). No dims: all.
using OptionalDims = std::optional<Dims>;
Tensor sum(const Tensor& x, const OptionalDims& dims = {}, bool keepdim = false);
Tensor mean(const Tensor& x, const OptionalDims& dims = {}, bool keepdim = false);
Tensor var(const Tensor& x, const OptionalDims& dims, double correction, bool keepdim);
Tensor max(const Tensor& x);
Tensor min(const Tensor& x);
std::pair<Tensor, Tensor> max(const Tensor& x, int64_t dim, bool keepdim);
std::pair<Tensor, Tensor> min(const Tensor& x, int64_t dim, bool keepdim);
Tensor argmax(const Tensor& x, std::optional<int64_t> dim, bool keepdim);
Tensor argmin(const Tensor& x, std::optional<int64_t> dim, bool keepdim);
Tensor all(const Tensor& x);
Tensor any(const Tensor& x);

// --- products (matmul.cpp)
Tensor mm(const Tensor& a, const Tensor& b);
Tensor mv(const Tensor& a, const Tensor& b);
Tensor dot(const Tensor& a, const Tensor& b);
Tensor bmm(const Tensor& a, const Tensor& b);
Tensor addmm(const Tensor& bias, const Tensor& a, const Tensor& b);
Tensor matmul(const Tensor& a, const Tensor& b);
Tensor linear(const Tensor& x, const Tensor& weight, const Tensor& bias);  // bias may be undefined

// --- softmax and losses (softmax.cpp, loss.cpp)
enum class Reduction { none, mean, sum };
Tensor softmax(const Tensor& x, int64_t dim);
Tensor log_softmax(const Tensor& x, int64_t dim);
Tensor nll_loss(const Tensor& log_probabilities, const Tensor& target, Reduction r);
Tensor cross_entropy(const Tensor& logits, const Tensor& target, Reduction r);
Tensor mse_loss(const Tensor& x, const Tensor& target, Reduction r);

}  // namespace tapescope::ops
