#include "core/inspect/document.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <set>

#include "core/inspect/overlays.h"
#include "core/inspect/table.h"

namespace tapescope::inspect {
namespace {

std::string quoted(const std::string& text, size_t most) {
  return json_string(cut(text, most));
}

std::string shape_json(std::span<const int64_t> d) {
  return fmt::format("[{}]", fmt::join(d.begin(), d.end(), ","));
}
std::string meta_json(const TensorMeta* m) {
  return m ? fmt::format("{{\"dtype\":\"{}\",\"shape\":{}}}", name_of(m->dtype), shape_json(m->shape)) : "null";
}

// UTF-8 bytes to UTF-16 units within a line.
int utf16_column(std::string_view line, int byte) {
  int units = 0;
  for (int i = 0; i < byte && i < static_cast<int>(line.size()); ++i) {
    const auto c = static_cast<uint8_t>(line[static_cast<size_t>(i)]);
    if ((c & 0xC0) != 0x80) units += c >= 0xF0 ? 2 : 1;
  }
  return units;
}
std::string_view line_of(std::string_view text, int line) {
  for (int i = 1; i < line; ++i) {
    const size_t end = text.find('\n');
    if (end == std::string_view::npos) return {};
    text.remove_prefix(end + 1);
  }
  return text.substr(0, text.find('\n'));
}

// Paths as a reader may see them: never a home directory's name.
std::string public_path(const std::string& file) {
  for (const char* mark : {"/site-packages/", "/dist-packages/"})
    if (const size_t at = file.rfind(mark); at != std::string::npos)
      return file.substr(at + std::string_view(mark).size());
  const size_t slash = file.rfind('/');
  return slash == std::string::npos ? file : file.substr(slash + 1);
}

class Sites {
 public:
  Sites()
      : id_(t_.integer("id")),
        cell_(t_.integer("cell")),
        file_(t_.json("file")),
        line_(t_.integer("line")),
        column_(t_.integer("column")),
        end_(t_.integer("end_column")),
        function_(t_.json("function")) {}

  void add(SiteId site) {
    if (!site || !seen_.insert(site).second) return;
    add_info(site, resolve_site(site));
  }
  // A site that no code object stands for: the line of a failure.
  int64_t add_place(const std::string& file, int line) {
    const int64_t id = int64_t{1} << 40 | next_++;
    add_info(id, {file, line, -1, -1, {}});
    return id;
  }
  void use_cell(uint64_t id) {
    if (id) cells_.insert(id);
  }
  Table& table() { return t_; }
  const std::set<uint64_t>& cells() const { return cells_; }

 private:
  void add_info(int64_t id, const SiteInfo& s) {
    t_.row();
    t_.set(id_, id);
    const CellInfo* cell = find_cell_by_file(s.file);
    if (cell) {
      t_.set(cell_, static_cast<int64_t>(cell->id));
      cells_.insert(cell->id);
    } else if (!s.file.empty()) {
      t_.set(file_, quoted(public_path(s.file), 1024));
    }
    if (s.line > 0) t_.set(line_, s.line);
    const std::string_view text = cell ? line_of(cell->source, s.line) : std::string_view();
    if (s.column >= 0) t_.set(column_, cell ? utf16_column(text, s.column) : s.column);
    if (s.end_column >= 0) t_.set(end_, cell ? utf16_column(text, s.end_column) : s.end_column);
    if (!s.function.empty()) t_.set(function_, quoted(s.function, 256));
  }

  Table t_;
  int id_, cell_, file_, line_, column_, end_, function_;
  std::set<SiteId> seen_;
  std::set<uint64_t> cells_;
  int64_t next_ = 0;
};

void write_nodes(std::string& out, const GraphView& g, Sites& sites, const std::set<uint32_t>& passes) {
  Table t;
  const int id = t.integer("id"), name = t.json("name"), op = t.integer("op"), inputs = t.json("inputs"),
            derivatives = t.json("derivatives"), variable = t.integer("variable"), sequence = t.integer("sequence_nr"),
            state = t.json("state"), by = t.integer("released_by"), site = t.integer("site"),
            module = t.integer("module"), repeat = t.integer("repeat"), turn = t.integer("turn"),
            created = t.integer("created_by");
  struct Codes {
    int32_t name = -1, derivatives = -1;
  };
  std::unordered_map<const NodeType*, Codes> types;
  std::unordered_map<const TensorMeta*, int32_t> metas;
  for (const NodeView& n : g.nodes) {
    Codes& c = types[n.type];
    if (c.name < 0) {
      c.name = t.code(name, quoted(n.type->name, 256));
      std::string formulas;
      for (const std::string& d : n.type->derivatives)
        formulas += fmt::format("{}{}", formulas.empty() ? "[" : ",", quoted(d, 1024));
      if (!formulas.empty()) formulas += ']';
      c.derivatives = t.code(derivatives, formulas);
    }
    t.row();
    t.set(id, static_cast<int64_t>(n.id));
    t.set_code(name, c.name);
    if (n.op) t.set(op, static_cast<int64_t>(n.op));
    if (n.inputs.size() == 1) {
      auto [code, fresh] = metas.try_emplace(n.inputs[0], -1);
      if (fresh) code->second = t.code(inputs, fmt::format("[{}]", meta_json(n.inputs[0])));
      t.set_code(inputs, code->second);
    } else if (!n.inputs.empty()) {
      std::string text;
      for (const TensorMeta* m : n.inputs) text += fmt::format("{}{}", text.empty() ? "[" : ",", meta_json(m));
      t.set(inputs, text + "]");
    }
    if (c.derivatives >= 0) t.set_code(derivatives, c.derivatives);
    if (n.variable && g.tensors.contains(n.variable)) t.set(variable, static_cast<int64_t>(n.variable));
    if (n.sequence_nr) t.set(sequence, static_cast<int64_t>(*n.sequence_nr));
    if (n.state != NodeState::alive)
      t.set(state, std::string(n.state == NodeState::released ? "\"released\"" : "\"gone\""));
    if (n.state == NodeState::released && passes.contains(n.released_by)) t.set(by, n.released_by);
    if (n.site) t.set(site, n.site), sites.add(n.site);
    if (n.module) t.set(module, n.module);
    if (n.repeat) t.set(repeat, n.repeat), t.set(turn, n.turn);
    if (n.created_by) t.set(created, static_cast<int64_t>(n.created_by));
  }
  out += "\"nodes\":";
  t.write(out);
}

void write_edges(std::string& out, const GraphView& g) {
  Table t;
  const int from = t.integer("from"), to = t.integer("to"), index = t.integer("index"), input = t.integer("input_nr");
  for (const NodeView& n : g.nodes)
    for (const EdgeView& e : n.edges) {
      t.row();
      t.set(from, static_cast<int64_t>(n.id));
      t.set(to, static_cast<int64_t>(e.to));
      if (e.index) t.set(index, e.index);
      if (e.input_nr) t.set(input, e.input_nr);
    }
  out += ",\"edges\":";
  t.write(out);
}

void write_ops(std::string& out, const GraphView& g, Sites& sites) {
  if (g.ops.empty()) return;
  Table t;
  const int id = t.integer("id"), name = t.json("name"), inputs = t.list("inputs"), outputs = t.list("outputs"),
            site = t.integer("site"), module = t.integer("module"), repeat = t.integer("repeat"),
            turn = t.integer("turn"), created = t.integer("created_by");
  for (size_t i = 0; i < g.ops.size(); ++i) {
    const OpRecord& r = g.ops[i];
    t.row();
    t.set(id, static_cast<int64_t>(i + 1));
    t.set(name, quoted(r.schema->name, 256));
    std::vector<int64_t> in;
    for (int k = 0; k < r.input_count; ++k)
      if (g.tensors.contains(r.inputs[k])) in.push_back(static_cast<int64_t>(r.inputs[k]));
    t.set(inputs, std::move(in));
    if (g.tensors.contains(r.output)) t.set(outputs, std::vector<int64_t>{static_cast<int64_t>(r.output)});
    if (r.site) t.set(site, r.site), sites.add(r.site);
    if (r.module) t.set(module, r.module);
    if (r.repeat) t.set(repeat, r.repeat), t.set(turn, r.turn);
    if (r.created_by) t.set(created, static_cast<int64_t>(r.created_by));
  }
  out += ",\"ops\":";
  t.write(out);
}

void write_tensors(std::string& out, const GraphView& g) {
  std::vector<const TensorView*> all;
  for (const auto& [_, t] : g.tensors) all.push_back(&t);
  std::sort(all.begin(), all.end(), [](auto* a, auto* b) { return a->id < b->id; });
  Table t, s;
  const int id = t.integer("id"), dtype = t.json("dtype"), shape = t.json("shape"), bytes = t.integer("bytes"),
            strides = t.json("strides"), storage = t.integer("storage"), version = t.integer("version"),
            name = t.json("name"), grad = t.json("requires_grad"), fn = t.integer("grad_fn"),
            nr = t.integer("output_nr"), gone = t.json("gone");
  const int sid = s.integer("id"), sbytes = s.integer("bytes");
  std::vector<std::pair<uint64_t, int64_t>> storages;
  struct Codes {
    int32_t dtype, shape;
  };
  std::unordered_map<const TensorMeta*, Codes> metas;
  for (const TensorView* v : all) {
    t.row();
    t.set(id, static_cast<int64_t>(v->id));
    auto [c, fresh] = metas.try_emplace(v->meta);
    if (fresh)
      c->second = {t.code(dtype, fmt::format("\"{}\"", name_of(v->meta->dtype))),
                   t.code(shape, shape_json(v->meta->shape))};
    t.set_code(dtype, c->second.dtype);
    t.set_code(shape, c->second.shape);
    t.set(bytes, numel(v->meta->shape) * itemsize(v->meta->dtype));
    if (!v->strides.empty()) t.set(strides, shape_json(v->strides));
    if (v->storage)
      t.set(storage, static_cast<int64_t>(v->storage)), storages.emplace_back(v->storage, v->storage_bytes);
    if (!v->gone) t.set(version, v->version);
    if (!v->name.empty()) t.set(name, quoted(v->name, 1024));
    if (v->requires_grad && !v->grad_fn) t.set(grad, std::string("true"));
    if (v->grad_fn) t.set(fn, static_cast<int64_t>(v->grad_fn));
    if (v->grad_fn && v->output_nr) t.set(nr, v->output_nr);
    if (v->gone) t.set(gone, std::string("true"));
  }
  std::sort(storages.begin(), storages.end());
  storages.erase(std::unique(storages.begin(), storages.end()), storages.end());
  for (const auto& [i, b] : storages) s.row(), s.set(sid, static_cast<int64_t>(i)), s.set(sbytes, b);
  out += ",\"tensors\":";
  t.write(out);
  out += ",\"storages\":";
  s.write(out);
}

void write_saved(std::string& out, const GraphView& g) {
  Table t;
  const int id = t.integer("id"), node = t.integer("node"), name = t.json("name"), tensor = t.integer("tensor"),
            version = t.integer("version"), state = t.json("state"), packed = t.json("packed_by");
  std::unordered_map<std::string, int32_t> names;
  for (const NodeView& n : g.nodes)
    for (const SavedView& s : n.saved) {
      t.row();
      t.set(id, static_cast<int64_t>(s.id));
      t.set(node, static_cast<int64_t>(n.id));
      auto [code, fresh] = names.try_emplace(s.name, -1);
      if (fresh) code->second = t.code(name, quoted(s.name, 256));
      t.set_code(name, code->second);
      if (g.tensors.contains(s.tensor)) t.set(tensor, static_cast<int64_t>(s.tensor));
      t.set(version, s.version);
      if (s.freed) t.set(state, std::string("\"freed\""));
      if (!s.packed_by.empty()) t.set(packed, quoted(s.packed_by, 256));
    }
  out += ",\"saved\":";
  t.write(out);
}

// The schema's Stats of what a hook saw: its shape, and the norm where one was taken.
std::string stats_json(const TensorMeta& m, double norm) {
  return fmt::format("{{\"shape\":{}{}}}", shape_json(m.shape),
                     norm != -1 ? ",\"norm\":" + json_number(norm) : std::string());
}

// The last call of a hook, as the schema's HookCall.
std::string call_json(const HookEffect& e, const std::set<uint32_t>& passes) {
  using Change = HookEffect::Change;
  std::string out = "{";
  if (e.pass >= 0 && passes.contains(static_cast<uint32_t>(e.pass))) out += fmt::format("\"pass\":{},", e.pass);
  out += fmt::format("\"order\":{}", e.order);
  if (e.change != Change::none)
    out += fmt::format(",\"changed\":\"{}\"", e.change == Change::replaced ? "replaced" : "in_place");
  if (e.before) out += ",\"before\":" + stats_json(*e.before, e.norm_before);
  if (e.after && e.change != Change::none) out += ",\"after\":" + stats_json(*e.after, e.norm_after);
  return out + "}";
}

void write_hooks(std::string& out, const GraphView& g, Sites& sites, const std::set<uint32_t>& passes) {
  Table t;
  const int id = t.integer("id"), kind = t.json("kind"), name = t.json("name"), node = t.integer("node"),
            input = t.integer("input_nr"), tensor = t.integer("tensor"), module = t.integer("module"),
            site = t.integer("site"), order = t.integer("order"), runs = t.integer("runs"), calls = t.json("calls");
  uint64_t retained = uint64_t{1} << 40;  // retain_grad has no handle: ids of its own
  const auto add = [&](const HookView& h, bool tell_input) {
    t.row();
    const bool handled = std::string_view(h.kind) != "retain_grad";
    t.set(id, static_cast<int64_t>(handled ? h.info.id : retained++));
    t.set(kind, fmt::format("\"{}\"", h.kind));
    t.set(name, quoted(h.info.name, 1024));
    if (h.node) t.set(node, static_cast<int64_t>(h.node));
    if (h.input_nr && tell_input) t.set(input, *h.input_nr);
    if (h.tensor && g.tensors.contains(h.tensor)) t.set(tensor, static_cast<int64_t>(h.tensor));
    if (h.module) t.set(module, h.module);
    if (h.info.line) t.set(site, sites.add_place(h.info.file, h.info.line));
    t.set(order, h.order);
    if (handled) t.set(runs, static_cast<int64_t>(h.info.run.count));
    if (h.info.run.last) t.set(calls, "[" + call_json(*h.info.run.last, passes) + "]");
  };
  for (const NodeView& n : g.nodes)
    for (const HookView& h : n.hooks) add(h, n.inputs.size() > 1);
  for (const auto& [_, m] : std::map<uint32_t, ModuleView>(g.modules.begin(), g.modules.end()))
    for (const HookView& h : m.hooks) add(h, false);
  if (!t.length()) return;
  out += ",\"hooks\":";
  t.write(out);
}

void write_writes(std::string& out, const GraphView& g, Sites& sites) {
  if (g.writes.empty()) return;
  Table t;
  const int tensor = t.integer("tensor"), name = t.json("name"), version = t.integer("version"),
            site = t.integer("site"), op = t.integer("op");
  std::map<std::pair<uint64_t, uint32_t>, size_t> ops;  // the op of a record: by what it wrote, and where
  for (size_t i = 0; i < g.ops.size(); ++i)
    if (g.ops[i].schema->in_place) ops.emplace(std::pair(g.ops[i].output, g.ops[i].site), i + 1);
  for (const WriteRecord& w : g.writes) {
    t.row();
    t.set(tensor, static_cast<int64_t>(w.tensor));
    t.set(name, quoted(w.schema->name, 256));
    t.set(version, w.version);
    if (w.site) t.set(site, w.site), sites.add(w.site);
    if (const auto found = ops.find({w.tensor, w.site}); found != ops.end())
      t.set(op, static_cast<int64_t>(found->second));
  }
  out += ",\"writes\":";
  t.write(out);
}

// Rows of passes: the cell's own, and earlier ones that released a node.
void write_passes(std::string& out, const GraphView& g, Sites& sites, const std::set<uint32_t>& known) {
  if (known.empty()) return;
  out += ",\"passes\":[";
  bool first = true;
  std::set<uint64_t> nodes;
  for (const NodeView& n : g.nodes) nodes.insert(n.id);
  for (uint32_t id : known) {
    if (!std::exchange(first, false)) out += ',';
    const auto own = std::find_if(g.passes.begin(), g.passes.end(), [&](const PassRecord& p) { return p.id == id; });
    const uint32_t site = own != g.passes.end() ? own->site : find_pass(id)->site;
    fmt::format_to(std::back_inserter(out), "{{\"id\":{},\"kind\":\"{}\"", id,
                   own != g.passes.end() && own->is_grad ? "grad" : "backward");
    if (site) sites.add(site), fmt::format_to(std::back_inserter(out), ",\"site\":{}", site);
    if (own != g.passes.end()) {
      std::vector<uint64_t> roots;
      for (uint64_t r : own->roots)
        if (nodes.contains(r)) roots.push_back(r);
      if (!roots.empty()) fmt::format_to(std::back_inserter(out), ",\"roots\":[{}]", fmt::join(roots, ","));
      if (own->retain_graph) out += ",\"retain_graph\":true";
      if (own->create_graph) out += ",\"create_graph\":true";
      if (own->raised) out += ",\"state\":\"raised\"";
      fmt::format_to(std::back_inserter(out), ",\"nodes\":{}", own->nodes);
    }
    out += '}';
  }
  out += ']';
}

void write_modules(std::string& out, const GraphView& g) {
  if (g.modules.empty()) return;
  Table t;
  const int id = t.integer("id"), path = t.json("path"), type = t.json("type");
  for (const auto& [i, m] : std::map<uint32_t, ModuleView>(g.modules.begin(), g.modules.end())) {
    t.row();
    t.set(id, i);
    t.set(path, quoted(m.path, 1024));
    t.set(type, quoted(m.type, 256));
  }
  out += ",\"modules\":";
  t.write(out);
}

void write_repeats(std::string& out, const GraphView& g, Sites& sites) {
  if (g.repeats.empty()) return;
  out += ",\"repeats\":[";
  for (size_t i = 0; i < g.repeats.size(); ++i) {
    fmt::format_to(std::back_inserter(out), "{}{{\"id\":{},\"count\":{}", i ? "," : "", i + 1, g.repeats[i].count);
    if (const uint32_t site = g.repeats[i].site)
      sites.add(site), fmt::format_to(std::back_inserter(out), ",\"site\":{}", site);
    out += '}';
  }
  out += ']';
}

void write_cells(std::string& out, const Sites& sites) {
  if (sites.cells().empty()) return;
  out += ",\"cells\":[";
  bool first = true;
  for (uint64_t id : sites.cells()) {
    const CellInfo* c = find_cell(id);
    if (!std::exchange(first, false)) out += ',';
    fmt::format_to(std::back_inserter(out), "{{\"id\":{}", id);
    if (c->execution_count > 0) fmt::format_to(std::back_inserter(out), ",\"execution_count\":{}", c->execution_count);
    fmt::format_to(std::back_inserter(out), ",\"hash\":\"{}\"", c->hash);
    if (c->source.size() <= 65536) {
      out += ",\"source\":";
      append_json_string(out, c->source);
    }
    out += '}';
  }
  out += ']';
}

}  // namespace

const std::string& session_id() {
  static const std::string id = [] {
    std::string s;
    std::getline(std::ifstream("/proc/sys/kernel/random/uuid"), s);
    return s;
  }();
  return id;
}

std::string next_display_id() {
  static int n = 0;
  return fmt::format("d{}", ++n);
}

std::string write_document(const GraphView& g, const std::string& display) {
  Sites sites;
  const uint64_t own_cell = find_cell(g.cell) ? g.cell : 0;  // thousands of cells later its source is gone
  sites.use_cell(own_cell);
  std::set<uint32_t> passes;
  for (const PassRecord& p : g.passes) passes.insert(p.id);
  for (const NodeView& n : g.nodes)
    if (n.state == NodeState::released && n.released_by && find_pass(n.released_by)) passes.insert(n.released_by);
  std::string out;
  out.reserve(4096 + g.nodes.size() * 64);
  fmt::format_to(std::back_inserter(out),
                 "{{\"version\":\"1.0\",\"generator\":\"{}\",\"live\":{{\"session\":\"{}\",\"display\":\"{}\"}},",
                 kGenerator, session_id(), display);
  if (!g.title.empty()) out += fmt::format("\"title\":{},", quoted(g.title, 256));
  if (own_cell) fmt::format_to(std::back_inserter(out), "\"cell\":{},", own_cell);
  write_nodes(out, g, sites, passes);
  write_edges(out, g);
  write_ops(out, g, sites);
  write_tensors(out, g);
  write_saved(out, g);
  write_hooks(out, g, sites, passes);
  write_writes(out, g, sites);
  write_passes(out, g, sites, passes);
  write_modules(out, g);
  write_repeats(out, g, sites);
  write_overlays(out, g);
  if (g.failure) {
    out += fmt::format(",\"failure\":{{\"type\":{},\"message\":{}", quoted(g.failure->type, 256),
                       quoted(g.failure->message, 4096));
    if (g.failure->line)
      fmt::format_to(std::back_inserter(out), ",\"site\":{}", sites.add_place(g.failure->file, g.failure->line));
    out += '}';
  }
  if (sites.table().length()) {
    out += ",\"sites\":";
    sites.table().write(out);
  }
  write_cells(out, sites);
  if (!g.census.empty()) out += ",\"census\":" + g.census;
  if (!g.left_out.empty()) {
    out += ",\"left_out\":[";
    for (size_t i = 0; i < g.left_out.size(); ++i)
      fmt::format_to(std::back_inserter(out), "{}{{\"table\":\"{}\",\"count\":{},\"reason\":\"{}\"}}", i ? "," : "",
                     g.left_out[i].table, g.left_out[i].count, g.left_out[i].reason);
    out += ']';
  }
  out += '}';
  return out;
}

Bundle make_bundle(const GraphView& g) {
  return {write_document(g, next_display_id()), still_picture(g), text_tree(g)};
}

}  // namespace tapescope::inspect
