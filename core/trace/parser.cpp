#include "core/trace/parser.h"

#include <charconv>
#include <cmath>
#include <limits>

#include "core/tensor/error.h"

namespace tapescope::jit {
namespace {

constexpr int kDeepest = 64;  // types inside types, scopes inside scopes
constexpr int kMostDims = 64;

// Stands for the callable of a PythonOp that was read from text: it knows how it prints, and cannot be called.
class Lost final : public PythonCallable {
 public:
  Lost(std::string name, std::string scalars) : name_(std::move(name)), scalars_(std::move(scalars)) {}
  std::string name() const override { return name_; }
  IValue call(std::span<const IValue>) const override {
    throw NotImplementedError(
        "^{}: a custom Function is Python code, which a graph's text does not hold; trace the function again", name_);
  }
  std::string scalars() const override { return scalars_; }
  std::string calling_convention() const override { return ""; }

 private:
  std::string name_, scalars_;
};

class Parser {
 public:
  Parser(std::string_view text, std::span<const Tensor> constants) : text_(text), constants_(constants) {}

  std::shared_ptr<Graph> parse() {
    expect("graph");
    auto graph = body(0);
    // Groups come after the graph whose nodes name them, and may name further ones.
    for (size_t i = 0; skip_space(), at_ < text_.size(); ++i) {
      expect("with");
      const std::string kind = word("the name of a group");
      if (i >= groups_.size() || kind != fmt::format("{}_{}", groups_[i].node->kind(), i))
        fail("a group that a node names");
      expect("=");
      expect("graph");
      const Group group = groups_[i];
      if (group.depth > kDeepest) fail("fewer groups inside each other");
      group.node->set_attribute("Subgraph", body(group.depth));
    }
    for (const Group& g : groups_)
      if (!g.node->has_attribute("Subgraph")) fail("'with' and the text of each group");
    return graph;
  }

 private:
  // --- characters

  [[noreturn]] void fail(std::string_view expected) const {
    size_t line = 1, column = 1;
    for (size_t i = 0; i < at_ && i < text_.size(); ++i)
      if (text_[i] == '\n')
        ++line, column = 1;
      else
        ++column;
    std::string found = at_ < text_.size() ? "'" : "the end";
    if (at_ < text_.size()) {
      for (size_t i = at_; i < std::min(text_.size(), at_ + 12) && text_[i] != '\n'; ++i)
        found += static_cast<unsigned char>(text_[i]) < 0x20 ? '?' : text_[i];
      found += "'";
    }
    throw ValueError("parse_ir: line {}, column {}: expected {}, but found {}", line, column, expected, found);
  }
  static bool is_space(char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; }
  static bool is_word(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.' ||
           static_cast<unsigned char>(c) >= 0x80;
  }
  // Comments too: the last one is remembered, since it may be a node's place.
  void skip_space() {
    while (at_ < text_.size()) {
      if (is_space(text_[at_])) {
        ++at_;
      } else if (text_[at_] == '#') {
        const size_t end = std::min(text_.find('\n', at_), text_.size());
        comment_ = text_.substr(at_ + 1, end - at_ - 1);
        at_ = end;
      } else {
        return;
      }
    }
  }
  bool accept(std::string_view token) {
    skip_space();
    if (!text_.substr(at_).starts_with(token)) return false;
    if (is_word(token.back()) && at_ + token.size() < text_.size() && is_word(text_[at_ + token.size()])) return false;
    at_ += token.size();
    return true;
  }
  void expect(std::string_view token) {
    if (!accept(token)) fail(fmt::format("'{}'", token));
  }
  bool sees(char c) {
    skip_space();
    return at_ < text_.size() && text_[at_] == c;
  }
  std::string word(std::string_view what) {
    skip_space();
    const size_t begin = at_;
    while (at_ < text_.size() && (is_word(text_[at_]) || (text_[at_] == ':' && text_.substr(at_).starts_with("::"))))
      at_ += text_[at_] == ':' ? 2 : 1;
    if (at_ == begin) fail(what);
    return std::string(text_.substr(begin, at_ - begin));
  }
  std::string quoted() {
    expect("\"");
    std::string out;
    while (at_ < text_.size() && text_[at_] != '"') {
      char c = text_[at_++];
      if (c == '\n') fail("the end of the string");
      if (c == '\\') {
        if (at_ == text_.size()) fail("what is escaped");
        if (text_[at_] >= '0' && text_[at_] <= '7') {
          unsigned code = 0;
          for (int k = 0; k < 3; ++k) {
            if (at_ == text_.size() || text_[at_] < '0' || text_[at_] > '7') fail("three octal digits");
            code = code * 8 + static_cast<unsigned>(text_[at_++] - '0');
          }
          if (code > 255) fail("an octal number up to 377");
          c = static_cast<char>(code);
        } else {
          c = text_[at_++];
        }
      }
      out += c;
    }
    expect("\"");
    return out;
  }
  int64_t integer(std::string_view what) {
    skip_space();
    int64_t v = 0;
    const auto [end, error] = std::from_chars(text_.data() + at_, text_.data() + text_.size(), v);
    if (error != std::errc()) fail(what);
    at_ = static_cast<size_t>(end - text_.data());
    return v;
  }
  double real(std::string_view what) {
    skip_space();
    double v = 0;
    const auto [end, error] = std::from_chars(text_.data() + at_, text_.data() + text_.size(), v);
    if (error == std::errc::invalid_argument) fail(what);
    if (error == std::errc::result_out_of_range) fail("a number that a float holds; infinity is inf");
    at_ = static_cast<size_t>(end - text_.data());
    return v;
  }

  // --- types

  TypePtr type(int depth = 0) {
    if (depth > kDeepest) fail("fewer types inside each other");
    TypePtr t;
    if (accept("(")) {
      std::vector<TypePtr> members;
      while (!accept(")")) {
        if (!members.empty()) expect(",");
        members.push_back(type(depth + 1));
      }
      t = Type::tuple(std::move(members));
    } else {
      const size_t begin = (skip_space(), at_);
      const std::string name = word("a type");
      if (name == "Tensor") {
        t = Type::tensor();
      } else if (name == "int") {
        t = Type::integer();
      } else if (name == "float") {
        t = Type::real();
      } else if (name == "bool") {
        t = Type::boolean();
      } else if (name == "str") {
        t = Type::text();
      } else if (name == "NoneType") {
        t = Type::none();
      } else if (name == "Dict") {
        expect("(");
        TypePtr key = type(depth + 1);
        expect(",");
        TypePtr value = type(depth + 1);
        expect(")");
        t = Type::dict(std::move(key), std::move(value));
      } else if (const auto dtype = scalar_type_named(name)) {
        expect("(");
        Dims shape;
        while (!accept(")")) {
          if (shape.size()) expect(",");
          const int64_t size = integer("a size");
          if (size < 0 || shape.size() >= kMostDims) fail("a size of a tensor of at most 64 dimensions");
          shape.push_back(size);
        }
        t = Type::tensor(*dtype, shape);
      } else if (name.starts_with("__module__.")) {
        t = Type::module(name);
      } else {
        at_ = begin;
        fail("a type");
      }
    }
    for (; accept("[]"); t = Type::list(std::move(t)))
      if (++depth > kDeepest) fail("fewer types inside each other");
    return t;
  }

  // --- graphs

  struct Named {
    std::string name;
    TypePtr type;
  };
  std::string name() {
    expect("%");
    return word("the name of a value");
  }
  Named typed() {
    std::string n = name();
    expect(":");
    return {std::move(n), type()};
  }

  using Values = std::unordered_map<std::string, Value*>;

  void define(Values& values, const Named& n, Value* v) {
    if (!values.emplace(n.name, v).second) fail(fmt::format("a name that is free, not %{}", n.name));
    v->set_type(n.type);
    // Names go to the values at the end: a number is the place of a value here.
  }
  Value* look_up(const Values& values, const std::string& n) {
    const auto found = values.find(n);
    if (found == values.end()) fail(fmt::format("a value that was made before, not %{}", n));
    return found->second;
  }

  std::shared_ptr<Graph> body(int depth) {
    auto g = std::make_shared<Graph>();
    Values values;
    std::vector<std::pair<std::string, Value*>> names;
    expect("(");
    while (!accept(")")) {
      if (!g->inputs().empty()) expect(",");
      const Named n = typed();
      define(values, n, g->add_input());
      names.emplace_back(n.name, g->inputs().back());
    }
    expect(":");
    while (!accept("return")) node(*g, values, names, depth);
    expect("(");
    for (bool first = true; !accept(")"); first = false) {
      if (!first) expect(",");
      g->register_output(look_up(values, name()));
    }
    // Numbers are kept too, so that the text of the result is this text.
    for (const auto& [n, v] : names) rename(*g, n, v);
    return g;
  }

  static void rename(Graph& g, const std::string& n, Value* v) {
    if (Value::is_valid_name(n)) {
      v->set_debug_name(n);
    } else {
      size_t number = 0;
      if (std::from_chars(n.data(), n.data() + n.size(), number).ec == std::errc() && n == std::to_string(number) &&
          number < SIZE_MAX)
        g.renumber(v, number);
      else
        v->set_debug_name(fmt::format("v{}", n));
    }
  }

  void node(Graph& g, Values& values, std::vector<std::pair<std::string, Value*>>& names, int depth) {
    std::vector<Named> outputs;
    if (sees('%')) {
      do outputs.push_back(typed());
      while (accept(","));
      expect("=");
    }
    const bool python = accept("^");
    std::string kind = word("the kind of a node");
    if (python) kind.insert(0, 1, '^');
    if (!python && kind.find("::") == std::string::npos) fail("a kind such as aten::add");
    const bool group = kind.starts_with("prim::FusionGroup_");
    if (group) kind = "prim::FusionGroup";
    Node* const n = g.create(kind, {}, 0);
    if (group) groups_.push_back({n, depth + 1});
    if (accept("[")) {
      do {
        const std::string key = word("the name of an attribute");
        expect("=");
        n->set_attribute(key, attribute(outputs));
      } while (accept(","));
      expect("]");
    }
    if (n->is_python_op()) n->callable = std::make_shared<Lost>(kind.substr(1), scalars());
    expect("(");
    for (bool first = true; !accept(")"); first = false) {
      if (!first) expect(",");
      n->add_input(look_up(values, name()));
    }
    for (const Named& o : outputs) {
      define(values, o, n->add_output());
      names.emplace_back(o.name, n->outputs().back());
    }
    g.insert(n);
    constexpr std::string_view kScope = ", scope: ";
    if (text_.substr(at_).starts_with(kScope)) {
      at_ += kScope.size();
      const size_t end = std::min({text_.find('\n', at_), text_.find(" #", at_), text_.size()});
      scope(*n, text_.substr(at_, end - at_));
      at_ = end;
    }
    skip_blanks();
    if (at_ < text_.size() && text_[at_] == '#') {
      comment_ = {};
      skip_space();
      place(*n, comment_);
    }
  }
  void skip_blanks() {
    while (at_ < text_.size() && text_[at_] == ' ') ++at_;
  }

  void scope(Node& n, std::string_view path) {
    ScopePtr s;
    int depth = 0;
    while (!path.empty()) {
      if (++depth > kDeepest) fail("fewer scopes inside each other");
      const size_t slash = std::min(path.find('/'), path.size());
      s = std::make_shared<Scope>(Scope{s, std::string(path.substr(0, slash)), 0});
      path = path.substr(std::min(slash + 1, path.size()));
    }
    n.set_scope(s);
  }

  // " file:line:0"
  static void place(Node& n, std::string_view comment) {
    while (!comment.empty() && comment.front() == ' ') comment.remove_prefix(1);
    if (!comment.ends_with(":0")) return;
    comment.remove_suffix(2);
    const size_t colon = comment.rfind(':');
    if (colon == std::string_view::npos) return;
    int line = 0;
    const std::string_view digits = comment.substr(colon + 1);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), line);
    if (error == std::errc() && end == digits.data() + digits.size())
      n.set_source_range({std::string(comment.substr(0, colon)), line});
  }

  // The scalar arguments of a PythonOp, up to the parenthesis that closes them.
  std::string scalars() {
    skip_space();
    const size_t begin = at_;
    expect("(");
    for (int open = 1; open > 0; ++at_) {
      if (at_ == text_.size() || text_[at_] == '\n') fail("')'");
      if (text_[at_] == '"' || text_[at_] == '\'') {
        const char quote = text_[at_];
        for (++at_; at_ < text_.size() && text_[at_] != quote && text_[at_] != '\n'; ++at_)
          if (text_[at_] == '\\') ++at_;
        if (at_ >= text_.size()) fail("the end of the string");
      }
      open += text_[at_] == '(' ? 1 : text_[at_] == ')' ? -1 : 0;
    }
    return std::string(text_.substr(begin, at_ - begin));
  }

  AttributeValue attribute(const std::vector<Named>& outputs) {
    if (sees('"')) return quoted();
    if (accept("<Graph>")) return std::shared_ptr<Graph>();
    if (accept("<Tensor>")) return Tensor();
    if (accept("<Tensor:")) {
      const int64_t i = integer("the number of a constant");
      expect(">");
      if (i < 0 || static_cast<size_t>(i) >= constants_.size())
        fail(fmt::format("one of the {} constants that there are, not number {}", constants_.size(), i));
      return constants_[static_cast<size_t>(i)];
    }
    if (sees('{')) return elements(outputs);
    skip_space();
    size_t end = at_;
    while (end < text_.size() && (is_word(text_[end]) || text_[end] == '-' || text_[end] == '+')) ++end;
    const std::string_view number = text_.substr(at_, end - at_);
    if (number == "inf" || number == "-inf" || number == "nan" || number.find_first_of(".eE") != std::string_view::npos)
      return real("a number");
    return integer("a number, a string, <Graph>, <Tensor> or {");
  }

  Tensor elements(const std::vector<Named>& outputs) {
    const Type* t = outputs.size() == 1 ? outputs[0].type.get() : nullptr;
    if (!t || !t->dtype || is_complex(*t->dtype)) fail("elements only where the value is a tensor of known, real type");
    constexpr int64_t kMost = 4096;
    int64_t n = 1;
    for (const int64_t size : *t->shape)
      if (n *= std::min(size, kMost + 1); n > kMost) fail("at most 4096 elements");
    const Tensor out = Tensor::empty(*t->shape, *t->dtype);
    expect("{");
    visit(out.dtype(), [&]<class T>(T) {
      for (int64_t i = 0; i < n; ++i) {
        if (i) expect(",");
        if constexpr (std::is_integral_v<T>)
          out.data<T>()[i] = static_cast<T>(integer("a whole number"));
        else
          out.data<T>()[i] = cast<T>(real("a number"));
      }
    });
    expect("}");
    // As Python's numbers come.
    const DType dtype = out.dtype();
    out.impl()->number =
        out.dim() == 0 && (dtype == DType::int64 || dtype == DType::float64 || dtype == DType::boolean);
    return out;
  }

  std::string_view text_;
  std::span<const Tensor> constants_;
  size_t at_ = 0;
  std::string_view comment_;
  struct Group {
    Node* node;
    int depth;
  };
  std::vector<Group> groups_;
};

}  // namespace

std::shared_ptr<Graph> parse_ir(std::string_view text, std::span<const Tensor> constants) {
  return Parser(text, constants).parse();
}

}  // namespace tapescope::jit
