// What every output has to be, whatever came in. Each check ends the process with a word on what is wrong.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace tapescope::fuzz {

[[noreturn]] inline void fail(const char* what, std::string_view text) {
  std::fprintf(stderr, "%s:\n%.*s\n", what, static_cast<int>(text.size()), text.data());
  std::abort();
}

// The parser takes UTF-8 only.
inline nlohmann::json parse(const std::string& document) {
  nlohmann::json j = nlohmann::json::parse(document, nullptr, false);
  if (j.is_discarded()) fail("no JSON", document);
  return j;
}

inline void check_utf8(const std::string& text) {
  if (nlohmann::json::parse(nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace)) !=
      text)
    fail("no UTF-8", text);
}

// Elements nest, attributes are quoted, and no character stands where it has to be escaped: as much of XML as a still
// picture uses.
inline void check_xml(const std::string& text) {
  check_utf8(text);
  std::vector<std::string> open;
  const std::string_view t = text;
  const auto escaped = [&](std::string_view piece) {
    for (size_t i = 0; i < piece.size(); ++i) {
      const auto c = static_cast<unsigned char>(piece[i]);
      if (c == '<' || (c < 0x20 && c != '\n' && c != '\t')) fail("a character XML does not take", text);
      if (c != '&') continue;
      bool known = false;
      for (const char* entity : {"&amp;", "&lt;", "&gt;", "&quot;"})
        known = known || piece.substr(i).starts_with(entity);
      if (!known) fail("an ampersand that is none of XML's", text);
    }
  };
  for (size_t i = 0; i < t.size();) {
    if (t[i] != '<') {
      const size_t end = std::min(t.find('<', i), t.size());
      escaped(t.substr(i, end - i));
      i = end;
      continue;
    }
    const size_t name_end = t.find_first_of(" />", i + 1);
    if (name_end == t.npos) fail("a tag without an end", text);
    if (t[i + 1] == '/') {
      const size_t end = t.find('>', i);
      if (end == t.npos || open.empty() || t.substr(i + 2, end - i - 2) != open.back()) fail("tags cross", text);
      open.pop_back();
      i = end + 1;
      continue;
    }
    const std::string name(t.substr(i + 1, name_end - i - 1));
    size_t at = name_end;
    while (at < t.size() && t[at] == ' ') {
      const size_t equals = t.find("=\"", at);
      if (equals == t.npos) fail("an attribute without a value", text);
      const size_t end = t.find('"', equals + 2);
      if (end == t.npos) fail("an open quote", text);
      escaped(t.substr(equals + 2, end - equals - 2));
      at = end + 1;
    }
    if (t.substr(at).starts_with("/>")) {
      i = at + 2;
    } else if (t.substr(at).starts_with(">")) {
      open.push_back(name);
      i = at + 1;
    } else {
      fail("a tag without an end", text);
    }
  }
  if (!open.empty()) fail("an open element", text);
}

}  // namespace tapescope::fuzz
