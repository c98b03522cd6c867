// Graphs as text, in PyTorch's form.
#include <cmath>

#include "core/ops/ops.h"
#include "core/trace/ir.h"

namespace tapescope::jit {
namespace {

constexpr int64_t kMostPrinted = 16;  // elements of a constant

std::string quoted(std::string_view s) {
  std::string out = "\"";
  for (const char c : s) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\')
      out += '\\', out += c;
    else if (byte < 0x20 || byte == 0x7f)
      out += fmt::format("\\{:03o}", byte);
    else
      out += c;
  }
  return out + '"';
}

std::string number(double v) {
  if (std::isnan(v)) return "nan";
  if (std::isinf(v)) return v < 0 ? "-inf" : "inf";
  std::string s = fmt::format("{}", v);
  if (s.find_first_of(".e") == std::string::npos) s += ".";
  if (s.ends_with(".0")) s.pop_back();
  return s;
}

std::string elements(const Tensor& t) {
  std::string out;
  const Tensor in_order = t.is_contiguous() ? t : ops::clone_in_order(ops::detach(t));
  visit(t.dtype(), [&]<class T>(T) {
    for (int64_t i = 0; i < t.numel(); ++i) {
      const T v = in_order.data<T>()[i];
      if (i) out += ", ";
      if constexpr (std::is_same_v<T, bool> || std::is_integral_v<T>)
        out += fmt::format("{}", static_cast<int64_t>(v));
      else if constexpr (std::is_same_v<T, double>)
        out += fmt::format("{}", v);
      else if constexpr (!is_complex_type<T>)
        out += fmt::format("{}", cast<float>(v));
    }
  });
  return out;
}

// Names of files and modules stand behind a node, up to the end of its line.
std::string on_a_line(std::string s) {
  for (char& c : s)
    if (static_cast<unsigned char>(c) < 0x20 || c == '#') c = '_';
  return s;
}

class Printer {
 public:
  Printer(bool source, std::vector<Tensor>* constants) : source_(source), constants_(constants) {}

  std::string print(const Graph& g) {
    std::string out = "graph(";
    for (size_t i = 0; i < g.inputs().size(); ++i)
      out += fmt::format("{}{}", i ? ",\n      " : "", typed(*g.inputs()[i]));
    out += "):\n";
    for (const Node* n : g.block()) out += line(*n);
    out += fmt::format("  return ({})\n", names(g.outputs()));
    return out;
  }
  std::string node(const Node& n) { return line(n); }
  std::string with_groups(const Graph& g) {
    std::string out = print(g);
    for (size_t i = 0; i < groups_.size(); ++i)  // a group's own groups are added meanwhile
      out += fmt::format("with {}_{} = {}", groups_[i].first, i, print(*groups_[i].second));
    return out;
  }

 private:
  static std::string typed(const Value& v) { return fmt::format("%{} : {}", v.debug_name(), v.type()->str()); }
  static std::string names(const std::vector<Value*>& values) {
    std::string out;
    for (const Value* v : values) out += fmt::format("{}%{}", out.empty() ? "" : ", ", v->debug_name());
    return out;
  }

  std::string tensor(const Tensor& t) {
    if (!t.defined()) return "<Tensor>";
    if (t.numel() <= kMostPrinted && !is_complex(t.dtype())) return fmt::format("{{{}}}", elements(t));
    if (!constants_) return "<Tensor>";
    constants_->push_back(t);
    return fmt::format("<Tensor:{}>", constants_->size() - 1);
  }
  std::string attribute(const AttributeValue& v) {
    if (const auto* i = std::get_if<int64_t>(&v)) return std::to_string(*i);
    if (const auto* d = std::get_if<double>(&v)) return number(*d);
    if (const auto* s = std::get_if<std::string>(&v)) return quoted(*s);
    if (const auto* t = std::get_if<Tensor>(&v)) return tensor(*t);
    return "<Graph>";
  }

  std::string line(const Node& n) {
    std::string outputs;
    for (const Value* v : n.outputs()) outputs += fmt::format("{}{}", outputs.empty() ? "" : ", ", typed(*v));
    std::string attributes;
    std::string kind = n.kind();
    for (const auto& [key, value] : n.attributes()) {
      const auto* sub = std::get_if<std::shared_ptr<Graph>>(&value);
      if (kind == "prim::FusionGroup" && key == "Subgraph" && sub && *sub) {
        kind += fmt::format("_{}", groups_.size());
        groups_.emplace_back(n.kind(), *sub);
        continue;
      }
      attributes += fmt::format("{}{}={}", attributes.empty() ? "" : ", ", key, attribute(value));
    }
    if (!attributes.empty()) attributes = fmt::format("[{}]", attributes);
    if (n.is_python_op()) attributes += n.callable ? n.callable->scalars() : "()";
    const std::string scope = on_a_line(n.scope_name()), at = source_ ? on_a_line(n.source_range().short_form()) : "";
    return fmt::format("  {}{}{}{}({}){}{}\n", outputs, outputs.empty() ? "" : " = ", kind, attributes,
                       names(n.inputs()), scope.empty() ? "" : fmt::format(", scope: {}", scope),
                       at.empty() ? "" : fmt::format(" # {}", at));
  }

  bool source_;
  std::vector<Tensor>* constants_;
  std::vector<std::pair<std::string, std::shared_ptr<Graph>>> groups_;
};

}  // namespace

std::string Graph::str(bool source, std::vector<Tensor>* constants) const {
  return Printer(source, constants).with_groups(*this);
}

std::string Node::str(bool source) const {
  std::string line = Printer(source, nullptr).node(*this);
  line.pop_back();
  return line.substr(2);
}

}  // namespace tapescope::jit
