#include "core/inspect/still_boxes.h"

#include <algorithm>
#include <functional>
#include <map>
#include <unordered_map>

#include "core/inspect/text.h"

namespace tapescope::inspect {
namespace {

constexpr size_t kLabel = 64;
constexpr size_t kLongestPeriod = 24, kLeastTurns = 4;

const NodeView& at(const GraphView& g, size_t i) {
  return g.nodes[i];
}

StillBox box_of(const GraphView& g, const NodeView& node) {
  StillBox b;
  b.label = node.type->name;
  b.leaf = node.variable;
  b.gone = node.state == NodeState::gone;
  const auto leaf = g.tensors.find(node.variable);
  if (leaf != g.tensors.end()) {
    b.label = leaf->second.name.empty() ? "leaf" : cut(leaf->second.name, kLabel);
    b.second = to_list_string(leaf->second.meta->shape);
  } else if (!node.inputs.empty() && node.inputs[0]) {
    b.second = to_list_string(node.inputs[0]->shape);
  }
  return b;
}

std::vector<StillBox> a_box_a_node(const GraphView& g) {
  std::vector<StillBox> boxes;
  std::unordered_map<uint64_t, size_t> place;
  for (size_t i = 0; i < g.nodes.size(); ++i) place[at(g, i).id] = i;
  for (const NodeView& node : g.nodes) {
    boxes.push_back(box_of(g, node));
    for (const EdgeView& e : node.edges)
      if (const auto to = place.find(e.to); to != place.end()) boxes.back().below.push_back(to->second);
  }
  return boxes;
}

// "model.blocks.3" → "model.blocks", at depth 2.
std::string_view prefix(std::string_view path, size_t depth) {
  size_t end = 0;
  for (size_t d = 0; d < depth; ++d) {
    end = path.find('.', end + (d > 0));
    if (end == std::string_view::npos) return path;
  }
  return path.substr(0, end);
}

// Alike for modules of one list.
std::string without_numbers(std::string_view path) {
  std::string out;
  for (const char c : path)
    if (c < '0' || c > '9')
      out += c;
    else if (out.empty() || out.back() != '#')
      out += '#';
  return out;
}

// Nodes by id, which mostly are a dense range.
class Index {
 public:
  explicit Index(const std::vector<NodeView>& nodes) {
    uint64_t most = 0;
    least_ = UINT64_MAX;
    for (const NodeView& n : nodes) least_ = std::min(least_, n.id), most = std::max(most, n.id);
    if (!nodes.empty() && most - least_ < 4 * nodes.size()) dense_.resize(most - least_ + 1, kNone);
    for (uint32_t i = 0; i < nodes.size(); ++i)
      if (dense_.empty())
        sparse_[nodes[i].id] = i;
      else
        dense_[nodes[i].id - least_] = i;
  }
  // kNone: there is none.
  uint32_t operator()(uint64_t id) const {
    if (!dense_.empty()) return id - least_ < dense_.size() ? dense_[id - least_] : kNone;
    const auto found = sparse_.find(id);
    return found == sparse_.end() ? kNone : found->second;
  }
  static constexpr uint32_t kNone = UINT32_MAX;

 private:
  uint64_t least_;
  std::vector<uint32_t> dense_;
  std::unordered_map<uint64_t, uint32_t> sparse_;
};

class Grouping {
 public:
  explicit Grouping(const GraphView& g) : g_(g), index_(g.nodes) {
    for (size_t i = 0; i < g.nodes.size(); ++i) (at(g, i).variable ? leaves_ : inner_).push_back(i);
    const auto later = [&](size_t a, size_t b) { return at(g, a).id > at(g, b).id; };
    if (!std::is_sorted(inner_.begin(), inner_.end(), later)) std::sort(inner_.begin(), inner_.end(), later);
    for (const size_t i : inner_)
      if (const auto m = g.modules.find(at(g, i).module); m != g.modules.end())
        deepest_ =
            std::max(deepest_, static_cast<size_t>(std::count(m->second.path.begin(), m->second.path.end(), '.')) + 1);
  }

  std::vector<StillBox> boxes() {
    for (const bool with_leaves : {true, false})
      for (size_t depth = deepest_ + 1; depth > 0; --depth) {
        // One deeper than the deepest: nodes by themselves.
        stretch(depth > deepest_ ? 0 : depth);
        fold();
        if (place_leaves(with_leaves)) return drawn();
      }
    cut_evenly();
    place_leaves(false);
    return drawn();
  }

 private:
  // Nodes of inner_, from `begin` to before `end`.
  struct Group {
    size_t begin, end;
    uint64_t sign;                 // equal for groups that look alike
    std::string_view name;         // of a module; empty: of a node by itself
    size_t times = 0, period = 0;  // of a repetition: turns, groups a turn
  };

  // Neighbours of one module at `depth` are a group; depth 0: no modules.
  void stretch(size_t depth) {
    groups_.clear();
    std::unordered_map<uint32_t, std::pair<std::string_view, uint64_t>> known;
    uint64_t before = 0;
    for (size_t k = 0; k < inner_.size(); ++k) {
      const NodeView& n = at(g_, inner_[k]);
      uint64_t same = 0;
      std::string_view name;
      if (depth)
        if (const auto m = g_.modules.find(n.module); m != g_.modules.end()) {
          auto [found, fresh] = known.try_emplace(n.module);
          if (fresh) {
            const std::string_view path = prefix(m->second.path, depth);
            found->second = {path, std::hash<std::string_view>{}(path) | 1};
          }
          name = found->second.first;
          same = found->second.second ^ (uint64_t{n.turn} << 32);
        }
      if (same && same == before && !groups_.empty()) {
        groups_.back().end = k + 1;
      } else {
        groups_.push_back({k, k + 1, 0, name});
      }
      before = same;
    }
    std::unordered_map<std::string_view, uint64_t> signs;
    for (Group& each : groups_) {
      if (each.name.empty()) {
        each.sign = reinterpret_cast<uintptr_t>(at(g_, inner_[each.begin]).type);
        continue;
      }
      auto [found, fresh] = signs.try_emplace(each.name, 0);
      if (fresh) found->second = std::hash<std::string>{}(without_numbers(each.name));
      each.sign = found->second ^ (each.end - each.begin);
    }
  }

  size_t turns(size_t begin, size_t period) const {
    size_t end = begin + period;
    while (end < groups_.size() && groups_[end].sign == groups_[end - period].sign) ++end;
    return (end - begin) / period;
  }

  // Of what repeats, the first and the last turn stay, and those between become one group.
  void fold() {
    std::vector<Group> out;
    for (size_t i = 0; i < groups_.size();) {
      size_t best = 0, times = 0;
      for (size_t p = 1; p <= kLongestPeriod && i + p * kLeastTurns <= groups_.size(); ++p)
        if (const size_t t = turns(i, p); t >= kLeastTurns && t * p > best * times) best = p, times = t;
      if (!best) {
        out.push_back(groups_[i++]);
        continue;
      }
      const size_t last = i + best * (times - 1);
      for (size_t k = i; k < i + best; ++k) out.push_back(groups_[k]);
      Group between = groups_[i + best];
      between.end = groups_[last - 1].end;
      between.times = times - 2;
      between.period = best;
      out.push_back(between);
      for (size_t k = last; k < last + best; ++k) out.push_back(groups_[k]);
      i = last + best;
    }
    groups_ = std::move(out);
  }

  void cut_evenly() {
    const size_t per = (groups_.size() + kMostStillBoxes - 1) / kMostStillBoxes;
    std::vector<Group> out;
    for (size_t i = 0; i < groups_.size(); i += per) {
      Group all = groups_[i];
      const size_t end = std::min(i + per, groups_.size());
      all.end = groups_[end - 1].end;
      if (end - i > 1) all.name = {}, all.times = 0;
      out.push_back(all);
    }
    groups_ = std::move(out);
  }

  // Which leaves have a box, and which belong to a group that reads them. False if that is too many boxes.
  bool place_leaves(bool shown) {
    own_.clear();
    home_.assign(g_.nodes.size(), kNone);
    if (groups_.size() > kMostStillBoxes) return false;
    std::vector<bool> shared(g_.nodes.size(), false);
    for (size_t b = 0; b < groups_.size(); ++b)
      for (size_t k = groups_[b].begin; k < groups_[b].end; ++k) {
        home_[inner_[k]] = b;
        for (const EdgeView& e : at(g_, inner_[k]).edges) {
          const uint32_t leaf = index_(e.to);
          if (leaf == Index::kNone || !at(g_, leaf).variable) continue;
          size_t& home = home_[leaf];
          if (home == kNone)
            home = b;
          else if (home != b)
            shared[leaf] = true;
        }
      }
    for (const size_t leaf : leaves_) {
      const size_t home = home_[leaf];
      const bool alone = home == kNone || groups_[home].end - groups_[home].begin == 1;
      if (home == kNone || (shown && (alone || shared[leaf]))) {
        if (groups_.size() + own_.size() == kMostStillBoxes) return false;
        home_[leaf] = groups_.size() + own_.size();
        own_.push_back(leaf);
      }
    }
    return true;
  }

  std::string name_of(const Group& group) const {
    const auto short_name = [&](size_t k) {
      const std::string& name = at(g_, inner_[k]).type->name;
      const size_t end = name.find("Backward");
      return end == std::string::npos || end == 0 ? name : name.substr(0, end);
    };
    if (group.times) {
      if (!group.name.empty() && group.period == 1) return fmt::format("{} × {}", cut(group.name, kLabel), group.times);
      if (group.name.empty() && group.period <= 3) {
        std::string turn;
        for (size_t k = 0; k < group.period; ++k)
          turn += fmt::format("{}{}", k ? " → " : "", short_name(group.begin + k));
        return fmt::format("{} × {}", turn, group.times);
      }
      return fmt::format("the same × {}", group.times);
    }
    if (group.name.empty()) return fmt::format("{} … {}", short_name(group.begin), short_name(group.end - 1));
    const auto m = std::find_if(g_.modules.begin(), g_.modules.end(),
                                [&](const auto& each) { return each.second.path == group.name; });
    std::string name = cut(group.name, kLabel);
    return m == g_.modules.end() ? name : fmt::format("{} {}", name, cut(m->second.type, kLabel));
  }

  std::vector<StillBox> drawn() const {
    std::vector<StillBox> out;
    std::vector<size_t> leaves(groups_.size() + own_.size(), 0);
    for (const size_t leaf : leaves_)
      if (home_[leaf] < groups_.size()) ++leaves[home_[leaf]];
    for (size_t b = 0; b < groups_.size(); ++b) {
      const Group& group = groups_[b];
      if (group.end - group.begin == 1) {
        out.push_back(box_of(g_, at(g_, inner_[group.begin])));
        if (leaves[b]) out.back().second += fmt::format(" · {} {}", leaves[b], leaves[b] == 1 ? "leaf" : "leaves");
        continue;
      }
      StillBox box;
      box.label = name_of(group);
      box.nodes = group.end - group.begin + leaves[b];
      box.second = fmt::format("{} node{}", box.nodes, box.nodes == 1 ? "" : "s");
      box.gone = true;
      for (size_t k = group.begin; k < group.end; ++k)
        box.gone = box.gone && at(g_, inner_[k]).state == NodeState::gone;
      out.push_back(std::move(box));
    }
    for (const size_t leaf : own_) out.push_back(box_of(g_, at(g_, leaf)));
    connect(out);
    return out;
  }

  void connect(std::vector<StillBox>& boxes) const {
    for (size_t b = 0; b < groups_.size(); ++b)
      for (size_t k = groups_[b].begin; k < groups_[b].end; ++k)
        for (const EdgeView& e : at(g_, inner_[k]).edges) {
          const uint32_t node = index_(e.to);
          if (node == Index::kNone || home_[node] == kNone || home_[node] <= b) continue;
          const size_t to = home_[node];
          std::vector<size_t>& below = boxes[b].below;
          const bool group = boxes[b].nodes > 1 || boxes[to].nodes > 1;
          if (!group || std::find(below.begin(), below.end(), to) == below.end()) below.push_back(to);
        }
  }

  static constexpr size_t kNone = SIZE_MAX;
  const GraphView& g_;
  const Index index_;
  std::vector<size_t> inner_, leaves_;  // indices of nodes
  size_t deepest_ = 0;
  std::vector<Group> groups_;
  std::vector<size_t> own_;   // leaves with a box
  std::vector<size_t> home_;  // box of each node
};

}  // namespace

std::vector<StillBox> still_boxes_of_nodes(const GraphView& g) {
  return g.nodes.size() <= kMostStillBoxes ? a_box_a_node(g) : Grouping(g).boxes();
}

std::vector<StillBox> still_boxes_of_ops(const GraphView& g) {
  std::vector<StillBox> boxes;
  std::map<uint64_t, size_t> made_by;
  for (const OpRecord& r : g.ops) {
    size_t fresh = 1;
    for (int k = 0; k < r.input_count; ++k) fresh += !made_by.contains(r.inputs[k]);
    if (boxes.size() + fresh > kMostStillBoxes) break;
    for (int k = 0; k < r.input_count; ++k) {
      if (made_by.contains(r.inputs[k])) continue;
      const auto t = g.tensors.find(r.inputs[k]);
      if (t == g.tensors.end()) continue;
      made_by[r.inputs[k]] = boxes.size();
      boxes.push_back({.label = t->second.name.empty() ? "input" : cut(t->second.name, kLabel),
                       .second = to_list_string(t->second.meta->shape),
                       .leaf = true});
    }
    for (int k = 0; k < r.input_count; ++k)
      if (const auto from = made_by.find(r.inputs[k]); from != made_by.end())
        boxes[from->second].below.push_back(boxes.size());
    if (r.output) made_by[r.output] = boxes.size();
    boxes.push_back(
        {.label = r.schema->name, .second = r.output_meta ? to_list_string(r.output_meta->shape) : std::string()});
  }
  return boxes;
}

}  // namespace tapescope::inspect
