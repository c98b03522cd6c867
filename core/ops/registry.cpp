#include "core/ops/registry.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <map>

namespace tapescope::ops {
namespace {

std::deque<Offer>& offers() {
  static std::deque<Offer>& all = *new std::deque<Offer>;
  return all;
}

std::string_view trimmed(std::string_view s) {
  while (!s.empty() && s.front() == ' ') s.remove_prefix(1);
  while (!s.empty() && s.back() == ' ') s.remove_suffix(1);
  return s;
}

// The value of a default as Python writes it, boxed for a parameter of that kind.
Value literal(std::string_view text, Kind kind, const char* signature) {
  if (text == "None") return {};
  if (text == "True" || text == "False") return text == "True";
  if (text.size() >= 2 && text.front() == '\'' && text.back() == '\'')
    return std::string(text.substr(1, text.size() - 2));
  if (text == "()") return Dims{};
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size())
    throw InternalError("signature '{}': the default '{}' is not understood", signature, text);
  if (kind == Kind::real) return number;
  return static_cast<int64_t>(number);
}

}  // namespace

Offered::Offered(std::initializer_list<Offer> list) {
  for (const Offer& o : list) offers().push_back(o);
}

const std::vector<const Offer*>& all_offers() {
  static const std::vector<const Offer*> sorted = [] {
    std::vector<const Offer*> out;
    for (const Offer& o : offers()) out.push_back(&o);
    std::stable_sort(out.begin(), out.end(), [](auto* a, auto* b) { return a->name < b->name; });
    return out;
  }();
  return sorted;
}

Offer make_offer(const char* signature, std::vector<Param> params, Value (*call)(std::span<Value>), const char* result,
                 std::string doc, Reach reach) {
  const std::string_view text = signature;
  const size_t open = text.find('('), close = text.rfind(')');
  if (open == std::string_view::npos || close == std::string_view::npos || close < open)
    throw InternalError("signature '{}': expected name(parameters)", signature);
  Offer o{std::string(text.substr(0, open)), std::move(params), call, result, true, false, std::move(doc)};
  std::string_view rest = text.substr(open + 1, close - open - 1);
  size_t at = 0;
  bool keyword_only = false;
  while (!trimmed(rest).empty()) {
    // A comma inside () belongs to a default; the only such default is (), which has none.
    const size_t comma = rest.find(',');
    std::string_view part = trimmed(rest.substr(0, comma));
    rest = comma == std::string_view::npos ? std::string_view() : rest.substr(comma + 1);
    if (part == "*") {
      keyword_only = true;
      continue;
    }
    if (at == o.params.size()) throw InternalError("signature '{}' has more parameters than its function", signature);
    Param& p = o.params[at++];
    p.keyword_only = keyword_only;
    if (part.front() == '*') {
      if (p.kind != Kind::dims) throw InternalError("signature '{}': only sizes may be given one by one", signature);
      p.spread = true;
      part.remove_prefix(1);
    }
    const size_t equals = part.find('=');
    p.name = part.substr(0, equals);
    if (equals == std::string_view::npos) continue;
    p.fallback_text = part.substr(equals + 1);
    p.fallback = literal(p.fallback_text, p.kind, signature);
    if (!p.fallback->index()) p.may_be_none = true;
  }
  if (at != o.params.size()) throw InternalError("signature '{}' has fewer parameters than its function", signature);
  const std::string_view first = o.params.empty() ? std::string_view() : o.params[0].name;
  o.is_method = reach == Reach::anywhere && (first == "input" || first == "self");
  o.is_function = reach != Reach::internal && first != "self";
  o.writes = o.name.ends_with('_') && !o.name.ends_with("__");
  return o;
}

const Offer& offer_of(const PointwiseInfo& op, bool in_place) {
  static const auto& made = *[] {
    auto* all = new std::map<const PointwiseInfo*, std::array<Offer, 2>>;
    for (const PointwiseInfo* i : all_pointwise())
      for (const bool writes : {false, true}) {
        Offer& o = (*all)[i][writes];
        o.name = writes ? i->in_place_name : i->name;
        o.result = "Tensor";
        o.pointwise = i;
        o.writes = writes;
        o.params.push_back({"self", Kind::tensor, false});
        if (i->arity == 2) o.params.push_back({i->slots[1], Kind::tensor, false});
        const char* numbers[] = {i->name == "pow" ? "exponent" : "min", "max"};
        for (int k = 0; k < i->scalar_args; ++k) o.params.push_back({numbers[k], Kind::real, true});
      }
    return all;
  }();
  return made.at(&op)[in_place];
}

const std::vector<const Offer*>& offers_named(std::string_view name) {
  static const auto& by_name = *[] {
    auto* all = new std::map<std::string, std::vector<const Offer*>, std::less<>>;
    for (const PointwiseInfo* i : all_pointwise())
      for (const bool writes : {false, true}) (*all)[offer_of(*i, writes).name].push_back(&offer_of(*i, writes));
    for (const Offer* o : all_offers()) (*all)[o->name].push_back(o);
    return all;
  }();
  static const std::vector<const Offer*> none;
  const auto found = by_name.find(name);
  return found == by_name.end() ? none : found->second;
}

const Offer& offer_for(const void* function) {
  for (const Offer* o : all_offers())
    if (o->function == function) return *o;
  throw InternalError("a C++ function is called that no list of offers names");
}

}  // namespace tapescope::ops
