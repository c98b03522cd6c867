#include "core/inspect/table.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <iterator>
#include <limits>
#include <optional>
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

// Stands for absent among differences: the least number of the type that is written.
constexpr int64_t kAbsent = INT64_MIN;

struct NumberType {
  const char* name;
  int width;
  int64_t low, high;
};

constexpr NumberType kTypes[] = {{"i8", 1, -127, 127},
                                 {"i16", 2, -32767, 32767},
                                 {"i32", 4, -INT32_MAX, INT32_MAX},
                                 {"f64", 8, INT64_MIN, INT64_MAX}};

const NumberType& narrowest(const std::vector<int64_t>& values) {
  int64_t low = 0, high = 0;
  for (int64_t v : values)
    if (v != kAbsent) low = std::min(low, v), high = std::max(high, v);
  return *std::find_if(std::begin(kTypes), std::end(kTypes) - 1,
                       [&](const NumberType& t) { return low >= t.low && high <= t.high; });
}

template <class T>
std::string with_absent(std::vector<int64_t> values) {
  std::replace(values.begin(), values.end(), kAbsent, static_cast<int64_t>(std::numeric_limits<T>::min()));
  return pack<T>(values);
}

// `base`: where differences start.
void append_binary(std::string& out, const std::vector<int64_t>& values, std::optional<int64_t> base = {}) {
  const NumberType& type = narrowest(values);
  fmt::format_to(std::back_inserter(out), R"({{"encoding":"binary","type":"{}",)", type.name);
  if (base) out += "\"delta\":true,";
  if (base.value_or(0)) fmt::format_to(std::back_inserter(out), R"("base":{},)", *base);
  out += "\"base64\":\"";
  append_base64(out, type.width == 1   ? with_absent<int8_t>(values)
                     : type.width == 2 ? with_absent<int16_t>(values)
                     : type.width == 4 ? with_absent<int32_t>(values)
                                       : pack<double>(values));
  out += "\"}";
}

// The first number that is there.
int64_t base_of(const std::vector<int64_t>& values) {
  const auto first = std::find_if(values.begin(), values.end(), [](int64_t v) { return v != -1; });
  return first == values.end() ? 0 : *first;
}

// Each number as what it adds to the last one that is there, the first to the base; those that are absent apart.
std::vector<int64_t> differences_of(const std::vector<int64_t>& values) {
  std::vector<int64_t> differences;
  differences.reserve(values.size());
  int64_t before = base_of(values);
  for (int64_t v : values) {
    differences.push_back(v == -1 ? kAbsent : v - before);
    if (v != -1) before = v;
  }
  return differences;
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
  const std::vector<int64_t> differences = differences_of(values);
  const int apart = narrowest(differences).width;
  const bool delta = apart < narrowest(values).width && apart < 8;
  if (delta)
    append_binary(out, differences, base_of(values));
  else
    append_binary(out, values);
}

// A member that is an integer: few values that come again and again, like sizes, are told apart by one byte.
void append_integers(std::string& out, const std::vector<int64_t>& values) {
  constexpr size_t kFew = 127;
  std::unordered_map<int64_t, int64_t> known;
  std::vector<int64_t> distinct, index;
  if (std::min(narrowest(values).width, narrowest(differences_of(values)).width) > 1) {
    for (int64_t v : values) {
      if (v == -1) {
        index.push_back(-1);
        continue;
      }
      const auto [it, added] = known.try_emplace(v, static_cast<int64_t>(distinct.size()));
      if (added) distinct.push_back(v);
      if (distinct.size() > kFew) break;
      index.push_back(it->second);
    }
  }
  if (index.size() < values.size()) return append_numbers(out, values);
  fmt::format_to(std::back_inserter(out), R"({{"encoding":"dictionary","values":[{}],"index":)",
                 fmt::join(distinct, ","));
  append_numbers(out, index);
  out += '}';
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
      append_integers(out, m.integers);
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
