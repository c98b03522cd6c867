// A table of the document: members by name, written as rows or, past 1,000 rows, as columns. Each member is filled
// once; both forms come from it (schema: Columns, Column).
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/inspect/text.h"

namespace tapescope::inspect {

class Table {
 public:
  static constexpr size_t kColumnsFrom = 1000;

  // Members in the order of the schema. A row is begun, then filled; what is not set is absent.
  int integer(std::string_view name) { return add(name, Kind::integer); }  // not negative
  int json(std::string_view name) { return add(name, Kind::json); }        // a JSON text; empty: absent
  int list(std::string_view name) { return add(name, Kind::list); }        // ids

  void row() { ++length_; }
  void set(int member, int64_t v) { at(members_[static_cast<size_t>(member)].integers, int64_t{-1}) = v; }
  void set(int member, const std::string& json) { set_code(member, code(member, json)); }
  // A text that comes again and again is looked up once: its code, then set_code a row.
  int32_t code(int member, const std::string& json);
  void set_code(int member, int32_t code) { at(members_[static_cast<size_t>(member)].codes, int32_t{-1}) = code; }
  void set(int member, std::vector<int64_t> ids) {
    at(members_[static_cast<size_t>(member)].lists, std::vector<int64_t>()) = std::move(ids);
  }

  size_t length() const { return length_; }
  void write(std::string& out);

 private:
  enum class Kind { integer, json, list };
  struct Member {
    std::string name;
    Kind kind = Kind::integer;
    std::vector<int64_t> integers;
    std::vector<int32_t> codes;     // into texts; -1: absent
    std::deque<std::string> texts;  // the distinct ones
    std::unordered_map<std::string_view, int32_t> known;
    std::vector<std::vector<int64_t>> lists;
  };

  int add(std::string_view name, Kind kind) {
    members_.emplace_back();
    members_.back().name = name;
    members_.back().kind = kind;
    return static_cast<int>(members_.size()) - 1;
  }
  template <class T>
  T& at(std::vector<T>& column, T absent) {
    column.resize(length_, absent);
    return column.back();
  }
  void write_rows(std::string& out) const;
  void write_columns(std::string& out) const;

  std::deque<Member> members_;
  size_t length_ = 0;
};

}  // namespace tapescope::inspect
