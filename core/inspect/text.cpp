#include "core/inspect/text.h"

#include <fmt/format.h>

#include <cstdint>

namespace tapescope::inspect {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

}  // namespace

// The table of well-formed sequences in the Unicode Standard, 3.9: the second byte's range excludes overlong forms,
// surrogates and what lies past U+10FFFF.
size_t utf8_length(std::string_view text, size_t at) {
  const auto byte = [&](size_t i) { return static_cast<uint8_t>(text[at + i]); };
  const uint8_t first = byte(0);
  if (first < 0x80) return 1;
  const size_t n = first >= 0xC2 && first <= 0xDF   ? 2
                   : (first & 0xF0) == 0xE0         ? 3
                   : first >= 0xF0 && first <= 0xF4 ? 4
                                                    : 0;
  if (!n || text.size() - at < n) return 0;
  const uint8_t low = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
  const uint8_t high = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
  if (byte(1) < low || byte(1) > high) return 0;
  for (size_t i = 2; i < n; ++i)
    if ((byte(i) & 0xC0) != 0x80) return 0;
  return n;
}

std::string utf8(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (size_t i = 0; i < text.size();) {
    const size_t n = utf8_length(text, i);
    out += n ? text.substr(i, n) : kReplacement;
    i += n ? n : 1;
  }
  return out;
}

std::string cut(std::string_view text, size_t most) {
  if (text.size() <= most) return std::string(text);
  constexpr std::string_view dots = "…";
  size_t n = most - dots.size();
  while (n && (static_cast<uint8_t>(text[n]) & 0xC0) == 0x80) --n;
  return std::string(text.substr(0, n)) += dots;
}

size_t characters(std::string_view text) {
  size_t count = 0;
  for (size_t i = 0; i < text.size(); ++count) {
    const size_t n = utf8_length(text, i);
    i += n ? n : 1;
  }
  return count;
}

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  for (size_t i = 0; i < text.size();) {
    const char c = text[i];
    const size_t n = utf8_length(text, i);
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      default:
        if (static_cast<uint8_t>(c) < 0x20)
          out += fmt::format("\\u{:04x}", static_cast<uint8_t>(c));
        else
          out += n ? text.substr(i, n) : kReplacement;
    }
    i += n ? n : 1;
  }
  out += '"';
}

std::string json_string(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

std::string json_number(double v) {
  if (v != v) return "\"NaN\"";
  if (v > 1e308) return "\"Infinity\"";
  return fmt::format("{:.6g}", v);
}

std::string xml(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (size_t i = 0; i < text.size();) {
    const size_t n = utf8_length(text, i);
    const std::string_view c = text.substr(i, n);
    if (c == "&")
      out += "&amp;";
    else if (c == "<")
      out += "&lt;";
    else if (c == ">")
      out += "&gt;";
    else if (c == "\"")
      out += "&quot;";
    else if (n == 1 && static_cast<uint8_t>(c[0]) < 0x20)
      out += ' ';
    else
      out += n == 0 || c == "\xEF\xBF\xBE" || c == "\xEF\xBF\xBF" ? kReplacement : c;  // two that XML does not know
    i += n ? n : 1;
  }
  return out;
}

}  // namespace tapescope::inspect
