// Sym: a formula. Running an op's slope on it prints the derivative: "1 - result * result".
#pragma once

#include <fmt/format.h>

#include <string>
#include <utility>

namespace tapescope::ops {

class Sym {
 public:
  enum Rank { sum, product, sign, power, atom };  // how tightly the outermost operator binds

  Sym(double value);
  explicit Sym(std::string text, Rank rank = atom) : text_(std::move(text)), rank_(rank) {}

  const std::string& text() const { return text_; }
  bool is(double value) const { return is_number_ && value_ == value; }
  // The text, in brackets if it binds less tightly than asked.
  std::string at_least(Rank rank) const { return rank_ < rank ? fmt::format("({})", text_) : text_; }

 private:
  std::string text_;
  Rank rank_;
  bool is_number_ = false;
  double value_ = 0;
};

Sym operator+(const Sym& a, const Sym& b);
Sym operator-(const Sym& a, const Sym& b);
Sym operator*(const Sym& a, const Sym& b);
Sym operator/(const Sym& a, const Sym& b);
Sym operator-(const Sym& a);
Sym operator>(const Sym& a, const Sym& b);
Sym operator<(const Sym& a, const Sym& b);
Sym operator>=(const Sym& a, const Sym& b);
Sym operator<=(const Sym& a, const Sym& b);
Sym operator==(const Sym& a, const Sym& b);
Sym operator&(const Sym& a, const Sym& b);

template <class... Args>
Sym call(const char* name, const Sym& first, const Args&... rest) {
  std::string text = fmt::format("{}({}", name, first.text());
  ((text += ", ", text += rest.text()), ...);
  text += ')';
  return Sym(text);
}

}  // namespace tapescope::ops
