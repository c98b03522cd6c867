#include "core/inspect/table.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <unordered_map>

namespace tapescope::inspect {
namespace {

void append_base64(std::string& out, const std::string& bytes) {
  static constexpr char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (size_t i = 0; i < bytes.size(); i += 3) {
    const size_t n = std::min<size_t>(3, bytes.size() - i);
    uint32_t v = 0;
    for (size_t k = 0; k < 3; ++k) v = v << 8 | (k < n ? static_cast<uint8_t>(bytes[i + k]) : 0);
    for (size_t k = 0; k < 4; ++k) out += k <= n ? digits[v >> (18 - 6 * k) & 63] : '=';
  }
}

template <class T>
std::string pack(const std::vector<int64_t>& values) {
  std::string bytes(values.size() * sizeof(T), '\0');
  for (size_t i = 0; i < values.size(); ++i) {
    const T v = static_cast<T>(values[i]);
    std::memcpy(bytes.data() + i * sizeof(T), &v, sizeof(T));
  }
  return bytes;
}

void append_binary(std::string& out, const std::vector<int64_t>& values, bool delta) {
  int64_t low = 0, high = 0;
  for (int64_t v : values) low = std::min(low, v), high = std::max(high, v);
  const auto fits = [&](int64_t a, int64_t b) { return low >= a && high <= b; };
  std::string type, bytes;
  if (fits(-128, 127))
    type = "i8", bytes = pack<int8_t>(values);
  else if (fits(-32768, 32767))
    type = "i16", bytes = pack<int16_t>(values);
  else if (fits(INT32_MIN, INT32_MAX))
    type = "i32", bytes = pack<int32_t>(values);
  else
    type = "f64", bytes = pack<double>(values);
  out += "{\"encoding\":\"binary\",\"type\":\"";
  out += type;
  out += delta ? "\",\"delta\":true,\"base64\":\"" : "\",\"base64\":\"";
  append_base64(out, bytes);
  out += "\"}";
}

int width(const std::vector<int64_t>& values) {
  int64_t low = 0, high = 0;
  for (int64_t v : values) low = std::min(low, v), high = std::max(high, v);
  return low >= -128 && high <= 127              ? 1
         : low >= -32768 && high <= 32767        ? 2
         : low >= INT32_MIN && high <= INT32_MAX ? 4
                                                 : 8;
}

// Runs if they are few, else the narrowest type, plain or as differences.
void append_numbers(std::string& out, const std::vector<int64_t>& values) {
  std::vector<std::array<int64_t, 3>> runs;
  for (size_t i = 0; i < values.size() && runs.size() <= values.size() / 16 + 1;) {
    const int64_t step = i + 1 < values.size() ? values[i + 1] - values[i] : 0;
    size_t n = 1;
    while (i + n < values.size() && values[i + n] - values[i + n - 1] == step) ++n;
    runs.push_back({static_cast<int64_t>(n), values[i], n > 1 ? step : 0});
    i += n;
  }
  size_t covered = 0;
  for (const auto& r : runs) covered += static_cast<size_t>(r[0]);
  if (covered == values.size() && runs.size() <= values.size() / 16 + 1) {
    out += "{\"encoding\":\"runs\",\"runs\":[";
    for (size_t i = 0; i < runs.size(); ++i)
      fmt::format_to(std::back_inserter(out), "{}[{},{},{}]", i ? "," : "", runs[i][0], runs[i][1], runs[i][2]);
    out += "]}";
    return;
  }
  std::vector<int64_t> differences(values.size());
  for (size_t i = 0; i < values.size(); ++i) differences[i] = i ? values[i] - values[i - 1] : values[0];
  const bool delta = width(differences) < width(values);
  append_binary(out, delta ? differences : values, delta);
}

}  // namespace

int32_t Table::code(int member, const std::string& json) {
  Member& m = members_[static_cast<size_t>(member)];
  if (json.empty()) return -1;
  if (!m.codes.empty() && m.codes.back() >= 0 && m.texts[static_cast<size_t>(m.codes.back())] == json)
    return m.codes.back();
  if (const auto it = m.known.find(json); it != m.known.end()) return it->second;
  m.texts.push_back(json);
  const auto c = static_cast<int32_t>(m.texts.size()) - 1;
  m.known.emplace(m.texts.back(), c);
  return c;
}

void Table::write(std::string& out) {
  for (Member& m : members_) {
    m.integers.resize(m.kind == Kind::integer ? length_ : 0, -1);
    m.codes.resize(m.kind == Kind::json ? length_ : 0, -1);
    m.lists.resize(m.kind == Kind::list ? length_ : 0);
  }
  if (length_ > kColumnsFrom)
    write_columns(out);
  else
    write_rows(out);
}

void Table::write_rows(std::string& out) const {
  out += '[';
  for (size_t i = 0; i < length_; ++i) {
    out += i ? ",{" : "{";
    bool first = true;
    const auto name = [&](const Member& m) {
      if (!first) out += ',';
      first = false;
      append_json_string(out, m.name);
      out += ':';
    };
    for (const Member& m : members_) {
      if (m.kind == Kind::integer && m.integers[i] >= 0) {
        name(m);
        fmt::format_to(std::back_inserter(out), "{}", m.integers[i]);
      } else if (m.kind == Kind::json && m.codes[i] >= 0) {
        name(m);
        out += m.texts[static_cast<size_t>(m.codes[i])];
      } else if (m.kind == Kind::list && !m.lists[i].empty()) {
        name(m);
        out += '[';
        for (size_t k = 0; k < m.lists[i].size(); ++k)
          fmt::format_to(std::back_inserter(out), "{}{}", k ? "," : "", m.lists[i][k]);
        out += ']';
      }
    }
    out += '}';
  }
  out += ']';
}

void Table::write_columns(std::string& out) const {
  fmt::format_to(std::back_inserter(out), "{{\"length\":{},\"columns\":{{", length_);
  bool first = true;
  for (const Member& m : members_) {
    const bool present =
        m.kind == Kind::integer ? std::any_of(m.integers.begin(), m.integers.end(), [](int64_t v) { return v >= 0; })
        : m.kind == Kind::json  ? std::any_of(m.codes.begin(), m.codes.end(), [](int32_t c) { return c >= 0; })
                                : std::any_of(m.lists.begin(), m.lists.end(), [](const auto& l) { return !l.empty(); });
    if (!present) continue;
    if (!first) out += ',';
    first = false;
    append_json_string(out, m.name);
    out += ':';
    if (m.kind == Kind::integer) {
      append_numbers(out, m.integers);
    } else if (m.kind == Kind::json) {
      const std::vector<int64_t> index(m.codes.begin(), m.codes.end());
      std::string values;
      for (const std::string& t : m.texts) {
        if (!values.empty()) values += ',';
        values += t;
      }
      out += "{\"encoding\":\"dictionary\",\"values\":[";
      out += values;
      out += "],\"index\":";
      append_numbers(out, index);
      out += '}';
    } else {
      std::vector<int64_t> lengths, values;
      for (const auto& l : m.lists) {
        lengths.push_back(static_cast<int64_t>(l.size()));
        values.insert(values.end(), l.begin(), l.end());
      }
      out += "{\"encoding\":\"lists\",\"lengths\":";
      append_numbers(out, lengths);
      out += ",\"values\":";
      append_numbers(out, values);
      out += '}';
    }
  }
  out += "}}";
}

}  // namespace tapescope::inspect
