#include "core/inspect/overlays.h"

#include "core/inspect/table.h"
#include "core/profile/node_totals.h"

namespace tapescope::inspect {
namespace {

class Overlays {
 public:
  explicit Overlays(std::string& out) : out_(out) {}
  ~Overlays() {
    if (any_) out_ += ']';
  }
  Overlays(const Overlays&) = delete;
  Overlays& operator=(const Overlays&) = delete;

  void add(const char* name, const char* unit, const std::vector<std::pair<uint64_t, std::string>>& values) {
    if (values.empty()) return;
    Table t;
    const int id = t.integer("id"), value = t.json("value");
    for (const auto& [node, number] : values) {
      t.row();
      t.set(id, static_cast<int64_t>(node));
      t.set(value, number);
    }
    out_ += std::exchange(any_, true) ? "," : ",\"overlays\":[";
    out_ += fmt::format("{{\"name\":\"{}\",\"on\":\"nodes\",\"unit\":\"{}\",\"values\":", name, unit);
    t.write(out_);
    out_ += '}';
  }

 private:
  std::string& out_;
  bool any_ = false;
};

}  // namespace

void write_overlays(std::string& out, const GraphView& g) {
  std::vector<std::pair<uint64_t, std::string>> norms, times, bytes;
  for (const auto& [node, norm] : g.grad_norms) norms.emplace_back(node, json_number(norm));
  if (const auto& totals = profile::node_totals(); !totals.empty())
    for (const NodeView& n : g.nodes)
      if (const auto t = totals.find(n.id); t != totals.end()) {
        times.emplace_back(n.id, json_number(static_cast<double>(t->second.nanoseconds) * 1e-9));
        if (profile::node_totals_have_bytes()) bytes.emplace_back(n.id, std::to_string(t->second.bytes));
      }
  Overlays all(out);
  all.add("grad_norm", "1", norms);
  all.add("time", "s", times);
  all.add("bytes", "B", bytes);
}

}  // namespace tapescope::inspect
