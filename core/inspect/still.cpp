// The still picture: an SVG of at most 60 boxes by longest-path ranks, for places that run no scripts.
#include <algorithm>
#include <map>
#include <unordered_map>
#include <unordered_set>

#include "core/inspect/document.h"
#include "core/inspect/still_boxes.h"
#include "core/inspect/text.h"

namespace tapescope::inspect {
namespace {

constexpr size_t kLabel = 64;
constexpr int kHeight = 26, kPitch = 52, kGap = 18, kMargin = 16;

struct Box : StillBox {
  int rank = 0;
  double x = 0, order = 0;
  int width = 0;
};

// Also those that the view leaves out.
uint64_t all_nodes(const GraphView& g) {
  uint64_t n = g.nodes.size();
  for (const auto& left : g.left_out)
    if (std::string_view(left.table) == "nodes") n += left.count;
  return n;
}

// Why a picture shows two turns that look the same: ", first and last of × 500".
std::string folded(const GraphView& g) {
  std::string out;
  for (size_t i = 0; i < std::min<size_t>(3, g.repeats.size()); ++i)
    out += fmt::format("{}× {}", i ? ", " : ", first and last of ", g.repeats[i].count);
  return out;
}

}  // namespace

std::string still_picture(const GraphView& g) {
  const bool forward = g.nodes.empty() && !g.ops.empty();
  std::vector<Box> boxes;
  size_t shown = 0;
  for (StillBox& b : forward ? still_boxes_of_ops(g) : still_boxes_of_nodes(g)) {
    shown += forward ? !b.leaf : b.nodes;
    boxes.emplace_back(Box{std::move(b)});
  }
  const size_t n = boxes.size();
  for (Box& b : boxes) b.width = std::max(56, static_cast<int>(7 * (characters(b.label) + characters(b.second)) + 28));
  // Longest path: as many rounds as there are ranks; a graph without cycles needs no more than its boxes.
  for (size_t round = 0; round < n; ++round) {
    bool moved = false;
    for (const Box& b : boxes)
      for (const size_t to : b.below)
        if (boxes[to].rank < b.rank + 1) boxes[to].rank = b.rank + 1, moved = true;
    if (!moved) break;
  }
  // What only feeds others stands beside the first that reads it.
  if (forward)
    for (Box& b : boxes)
      if (b.leaf && !b.below.empty()) {
        b.rank = boxes[b.below[0]].rank - 1;
        for (const size_t to : b.below) b.rank = std::min(b.rank, boxes[to].rank - 1);
      }
  std::map<int, std::vector<size_t>> ranks;
  for (size_t i = 0; i < n; ++i) ranks[boxes[i].rank].push_back(i);
  for (auto& [_, row] : ranks)
    for (size_t k = 0; k < row.size(); ++k) boxes[row[k]].order = static_cast<double>(k);
  std::vector<std::vector<size_t>> above(n);
  for (size_t i = 0; i < n; ++i)
    for (const size_t to : boxes[i].below) above[to].push_back(i);
  double widest = 0;
  for (auto& [_, row] : ranks) {
    std::map<size_t, double> wish;
    for (size_t i : row) {
      double sum = 0;
      for (size_t a : above[i]) sum += boxes[a].x;
      wish[i] = above[i].empty() ? boxes[i].order * 100 : sum / static_cast<double>(above[i].size());
    }
    std::stable_sort(row.begin(), row.end(), [&](size_t a, size_t b) { return wish[a] < wish[b]; });
    double total = -kGap;
    for (size_t i : row) total += boxes[i].width + kGap;
    double x = -total / 2;
    for (size_t i : row) {
      boxes[i].x = x + boxes[i].width / 2.0;
      x += boxes[i].width + kGap;
    }
    widest = std::max(widest, total);
  }
  const double center = widest / 2 + kMargin;
  const int rows = ranks.empty() ? 1 : ranks.rbegin()->first + 1;
  const bool grouped = !forward && g.nodes.size() > n;
  const bool captioned = forward || grouped || n == 0 || all_nodes(g) > g.nodes.size() || !g.repeats.empty();
  const double height = rows * kPitch + kMargin + (captioned ? 24 : 0), width = std::max(widest + 2 * kMargin, 240.0);
  const double shift = width / 2 - center;
  const auto x_of = [&](const Box& b) { return b.x + center + shift; };
  const auto y_of = [&](const Box& b) { return kMargin + b.rank * kPitch; };
  std::string out = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0:.0f} {1:.0f}\" width=\"{0:.0f}\" height=\"{1:.0f}\" "
      "role=\"img\" "
      "font-family=\"system-ui, sans-serif\" font-size=\"12\"><title>{2}</title>"
      "<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/><g fill=\"none\" stroke=\"#848a92\" "
      "stroke-width=\"1.25\">",
      width, height,
      forward ? fmt::format("Forward trace, {} ops", g.ops.size())
              : fmt::format("Backward graph, {} nodes", g.nodes.size()));
  for (const Box& b : boxes)
    for (size_t k = 0; k < b.below.size(); ++k) {
      const Box& c = boxes[b.below[k]];
      // A port an edge, in their order, within the box.
      const auto ports = static_cast<double>(b.below.size());
      const double port = (static_cast<double>(k) - (ports - 1) / 2) * std::min(16.0, (b.width - 16) / ports);
      const double x0 = x_of(b) + port, y0 = y_of(b) + kHeight, x1 = x_of(c), y1 = y_of(c), m = (y0 + y1) / 2;
      fmt::format_to(std::back_inserter(out), "<path d=\"M{:.1f} {:.1f}C{:.1f} {:.1f} {:.1f} {:.1f} {:.1f} {:.1f}\"/>",
                     x0, y0, x0, m, x1, m, x1, y1);
    }
  out += "</g>";
  for (const Box& b : boxes) {
    // A group is a stack of sheets.
    if (b.nodes > 1)
      fmt::format_to(std::back_inserter(out), "<path d=\"M{:.1f} {}v3h{}v-{}h-3\" fill=\"none\" stroke=\"#888e96\"/>",
                     x_of(b) - b.width / 2.0 + 3, y_of(b) + kHeight, b.width, kHeight);
    fmt::format_to(std::back_inserter(out),
                   "<rect x=\"{:.1f}\" y=\"{}\" width=\"{}\" height=\"{}\" rx=\"{}\" fill=\"{}\" stroke=\"#888e96\"{}/>"
                   "<text x=\"{:.1f}\" y=\"{}\" text-anchor=\"middle\" fill=\"#212121\">{} <tspan fill=\"#5c6066\" "
                   "font-size=\"10\">{}</tspan></text>",
                   x_of(b) - b.width / 2.0, y_of(b), b.width, kHeight, b.leaf ? 13 : 4, b.leaf ? "#f6f7f8" : "#ffffff",
                   b.gone ? " stroke-dasharray=\"4 3\"" : "", x_of(b), y_of(b) + 17, xml(b.label), xml(b.second));
  }
  if (captioned)
    fmt::format_to(
        std::back_inserter(out), "<text x=\"{:.0f}\" y=\"{:.0f}\" text-anchor=\"middle\" fill=\"#5c6066\">{}</text>",
        width / 2, height - 10,
        forward ? fmt::format("forward trace, {} of {} ops{}", shown, g.ops.size(), folded(g))
        : n == 0
            ? std::string("no graph")
            : fmt::format("{}{} nodes{}{}", all_nodes(g) > g.nodes.size() ? fmt::format("{} of ", g.nodes.size()) : "",
                          all_nodes(g), grouped ? fmt::format(" in {} boxes", n) : "", folded(g)));
  return out + "</svg>";
}

std::string text_tree(const GraphView& g) {
  const uint64_t count = all_nodes(g);
  std::string out = fmt::format("backward graph: {} node{}{}", count, count == 1 ? "" : "s", folded(g));
  if (count == 0 && !g.ops.empty())
    out += fmt::format("; forward trace: {} op{}", g.ops.size(), g.ops.size() == 1 ? "" : "s");
  if (g.failure)
    out += fmt::format(", up to {}: {}", utf8(cut(g.failure->type, 200)), utf8(cut(g.failure->message, 200)));
  std::unordered_map<uint64_t, const NodeView*> by_id;
  std::unordered_set<uint64_t> used;
  by_id.reserve(g.nodes.size());
  used.reserve(g.nodes.size());
  for (const NodeView& n : g.nodes) {
    by_id[n.id] = &n;
    for (const EdgeView& e : n.edges) used.insert(e.to);
  }
  // Depth first with an explicit stack; a node that was shown is named, not repeated.
  std::vector<std::pair<uint64_t, int>> stack;
  for (auto n = g.nodes.rbegin(); n != g.nodes.rend(); ++n)
    if (!used.contains(n->id)) stack.push_back({n->id, 0});
  std::map<uint64_t, bool> shown;
  int lines = 0;
  while (!stack.empty()) {
    const auto [id, depth] = stack.back();
    stack.pop_back();
    const auto found = by_id.find(id);
    if (found == by_id.end()) continue;
    if (++lines > 40) {
      out += fmt::format("\n… {} nodes in all", all_nodes(g));
      break;
    }
    const NodeView& n = *found->second;
    const bool again = std::exchange(shown[id], true);
    out += '\n' + std::string(static_cast<size_t>(2 * std::min(depth, 20)), ' ') + n.type->name;
    if (const auto t = g.tensors.find(n.variable); n.variable && t != g.tensors.end())
      out += fmt::format(" {}{}", t->second.name.empty() ? "" : utf8(cut(t->second.name, kLabel)) + " ",
                         to_list_string(t->second.meta->shape));
    else if (!n.inputs.empty() && n.inputs[0])
      out += ' ' + to_list_string(n.inputs[0]->shape);
    if (again) {
      out += " (above)";
      continue;
    }
    for (auto e = n.edges.rbegin(); e != n.edges.rend(); ++e) stack.push_back({e->to, depth + 1});
  }
  return out;
}

}  // namespace tapescope::inspect
