// Dims: a short list of sizes or strides. Up to eight stand inline; more go to the heap. Value semantics.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>

#include "core/tensor/error.h"

namespace tapescope {

class Dims {
 public:
  static constexpr int kInline = 8;
  static constexpr int kMax = 64;

  Dims() = default;
  Dims(std::initializer_list<int64_t> values) : Dims(std::span<const int64_t>(values.begin(), values.size())) {}
  explicit Dims(std::span<const int64_t> values) {
    resize(static_cast<int>(values.size()));
    if (size_) std::memcpy(data(), values.data(), values.size() * sizeof(int64_t));
  }
  Dims(int n, int64_t value) {
    resize(n);
    std::fill_n(data(), n, value);
  }
  Dims(const Dims& other) { *this = other; }
  Dims(Dims&& other) noexcept : size_(other.size_) {
    if (other.on_heap()) {
      heap_ = other.heap_;
    } else {
      copy_inline(other);
    }
    other.size_ = 0;
  }
  Dims& operator=(const Dims& other) {
    if (this == &other) return *this;
    resize(other.size_);
    if (on_heap()) {
      std::memcpy(heap_, other.heap_, sizeof(int64_t) * static_cast<size_t>(size_));
    } else {
      copy_inline(other);
    }
    return *this;
  }
  Dims& operator=(Dims&& other) noexcept {
    if (this == &other) return *this;
    if (on_heap()) delete[] heap_;
    size_ = other.size_;
    if (other.on_heap()) {
      heap_ = other.heap_;
    } else {
      copy_inline(other);
    }
    other.size_ = 0;
    return *this;
  }
  ~Dims() {
    if (on_heap()) delete[] heap_;
  }

  int size() const noexcept { return size_; }
  bool empty() const noexcept { return size_ == 0; }
  const int64_t* data() const noexcept { return on_heap() ? heap_ : inline_; }
  int64_t* data() noexcept { return on_heap() ? heap_ : inline_; }
  int64_t operator[](int i) const noexcept { return data()[i]; }
  int64_t& operator[](int i) noexcept { return data()[i]; }
  const int64_t* begin() const noexcept { return data(); }
  const int64_t* end() const noexcept { return data() + size_; }
  int64_t* begin() noexcept { return data(); }
  int64_t* end() noexcept { return data() + size_; }
  int64_t back() const noexcept { return data()[size_ - 1]; }
  operator std::span<const int64_t>() const noexcept { return {data(), static_cast<size_t>(size_)}; }

  // Keeps the first entries; new ones are uninitialised.
  void resize(int n) {
    if (n > kMax) throw ShapeError("a tensor has at most {} dimensions, not {}", int{kMax}, n);
    if (n <= kInline) {
      if (on_heap()) {
        int64_t* old = heap_;
        std::copy_n(old, n, inline_);
        delete[] old;
      }
    } else {
      auto* fresh = new int64_t[kMax];
      std::copy_n(data(), std::min<int>(size_, n), fresh);
      if (on_heap()) delete[] heap_;
      heap_ = fresh;
    }
    size_ = n;
  }
  void push_back(int64_t v) {
    resize(size_ + 1);
    data()[size_ - 1] = v;
  }
  void insert(int at, int64_t v) {
    resize(size_ + 1);
    std::copy_backward(data() + at, data() + size_ - 1, data() + size_);
    data()[at] = v;
  }
  void erase(int at) {
    std::copy(data() + at + 1, data() + size_, data() + at);
    resize(size_ - 1);
  }

  friend bool operator==(const Dims& a, const Dims& b) noexcept {
    if (a.size_ != b.size_) return false;
    const int64_t *x = a.begin(), *y = b.begin();
    for (int32_t i = 0; i < a.size_; ++i)  // a call of memcmp costs more than the few sizes
      if (x[i] != y[i]) return false;
    return true;
  }

 private:
  bool on_heap() const noexcept { return size_ > kInline; }
  void copy_inline(const Dims& other) noexcept {
    for (int i = 0; i < size_; ++i) inline_[i] = other.inline_[i];
  }

  int32_t size_ = 0;
  union {
    int64_t inline_[kInline];
    int64_t* heap_;
  };
};

// No shape spans more, not even one that is empty for a size of 0, so that strides, offsets and bytes fit 63 bits.
inline constexpr int64_t kMostElements = int64_t{1} << 59;

// Number of elements of a shape. Throws ShapeError past kMostElements.
inline int64_t numel(std::span<const int64_t> shape) {
  int64_t span = 1;
  bool empty = false;
  for (int64_t s : shape) {
    empty = empty || s == 0;
    if (s != 0 && (__builtin_mul_overflow(span, s, &span) || span > kMostElements))
      throw ShapeError("the shape spans more than 2^59 elements");
  }
  return empty ? 0 : span;
}

inline Dims contiguous_strides(const Dims& shape) {
  Dims strides;
  strides.resize(shape.size());
  int64_t step = 1;
  for (int i = shape.size() - 1; i >= 0; --i) {
    strides[i] = step;
    step *= std::max<int64_t>(shape[i], 1);
  }
  return strides;
}

// "(3, 4)", "(5,)", "()": as Python writes a tuple.
std::string to_string(std::span<const int64_t> shape);
// "[3, 4]"
std::string to_list_string(std::span<const int64_t> shape);

// Python's rule for negative dimensions; throws IndexError. A scalar is treated as having one dimension.
int wrap_dim(const char* op, int64_t dim, int ndim);

// NumPy's broadcasting rule; throws ShapeError that names both shapes and the sizes that differ.
Dims broadcast_shapes(const char* op, const Dims& a, const Dims& b);

}  // namespace tapescope
