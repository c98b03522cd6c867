#include "core/trace/serialize.h"

#include <cstring>
#include <nlohmann/json.hpp>

#include "core/ops/ops.h"
#include "core/tensor/error.h"
#include "core/trace/lint.h"
#include "core/trace/parser.h"

namespace tapescope::jit {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kVersion = 1;
constexpr const char* kKey = "tapescope.trace";
constexpr uint64_t kMostHeader = uint64_t{1} << 30;
constexpr int kDeepest = 100;  // modules inside modules

struct Code {
  DType dtype;
  const char* name;
};
constexpr Code kCodes[] = {
    {DType::float32, "F32"}, {DType::float64, "F64"},  {DType::float16, "F16"},   {DType::bfloat16, "BF16"},
    {DType::int64, "I64"},   {DType::int32, "I32"},    {DType::int16, "I16"},     {DType::int8, "I8"},
    {DType::uint8, "U8"},    {DType::boolean, "BOOL"}, {DType::complex64, "C64"}, {DType::complex128, "C128"},
};

template <class... A>
[[noreturn]] void fail(fmt::format_string<A...> words, A&&... facts) {
  throw ValueError("load: {}", fmt::format(words, std::forward<A>(facts)...));
}

// --- writing

class Writer {
 public:
  std::string write(const SavedTrace& trace) {
    Json methods = Json::array();
    for (const SavedMethod& m : trace.methods) {
      for (const Node* n : m.graph->block())
        if (n->is_python_op())
          throw NotImplementedError(
              "save: the graph of '{}' calls the custom Function {}, which is Python code and cannot be saved; build "
              "it "
              "from ops, or save the module's state_dict()",
              m.name, n->kind().substr(1));
      std::vector<Tensor> constants;
      std::string text = m.graph->str(true, &constants);
      Json names = Json::array();
      for (const Tensor& t : constants) names.push_back(tensor(t));
      methods.push_back(
          {{"name", m.name}, {"graph", std::move(text)}, {"arguments", m.argument_names}, {"constants", names}});
    }
    Json root{{"version", kVersion}, {"name", trace.name}, {"methods", methods}};
    root["module"] = trace.module ? object(*trace.module, 0) : Json();
    Json header{{"__metadata__", {{kKey, root.dump(-1, ' ', false, Json::error_handler_t::replace)}}}};
    uint64_t at = 0;
    for (size_t i = 0; i < tensors_.size(); ++i) {
      const Tensor& t = tensors_[i];
      const auto bytes = static_cast<uint64_t>(t.nbytes());
      const char* code = nullptr;
      for (const Code& c : kCodes)
        if (c.dtype == t.dtype()) code = c.name;
      header[fmt::format("t{}", i)] = {{"dtype", code},
                                       {"shape", std::vector<int64_t>(t.shape().begin(), t.shape().end())},
                                       {"data_offsets", {at, at + bytes}}};
      at += bytes;
    }
    std::string text = header.dump();
    text.resize((text.size() + 7) / 8 * 8, ' ');
    std::string out(8, '\0');
    for (int i = 0; i < 8; ++i) out[static_cast<size_t>(i)] = static_cast<char>(text.size() >> (8 * i) & 255);
    out += text;
    for (const Tensor& t : tensors_) {
      const Tensor in_order = t.is_contiguous() ? t : ops::clone_in_order(ops::detach(t));
      out.append(in_order.raw(), static_cast<size_t>(t.nbytes()));
    }
    return out;
  }

 private:
  std::string tensor(const Tensor& t) {
    const auto [at, fresh] = names_.try_emplace(t.id(), tensors_.size());
    if (fresh) tensors_.push_back(t);
    return fmt::format("t{}", at->second);
  }
  Json object(const Object& o, int depth) {
    if (depth > kDeepest) throw ValueError("save: modules are nested more than {} deep", kDeepest);
    Json attributes = Json::array();
    for (const auto& [name, value] : o.attributes) {
      if (const auto* t = std::get_if<Tensor>(&value)) {
        const bool buffer = std::find(o.buffers.begin(), o.buffers.end(), name) != o.buffers.end();
        attributes.push_back({{"name", name},
                              {"kind", buffer ? "buffer" : "parameter"},
                              {"tensor", tensor(*t)},
                              {"requires_grad", t->requires_grad()}});
      } else if (const auto* inner = std::get_if<std::shared_ptr<Object>>(&value)) {
        attributes.push_back({{"name", name}, {"kind", "module"}, {"module", object(**inner, depth + 1)}});
      }
    }
    return {{"type", o.type->str()}, {"training", o.training}, {"attributes", std::move(attributes)}};
  }

  std::vector<Tensor> tensors_;
  std::unordered_map<uint64_t, size_t> names_;
};

// --- reading

class Reader {
 public:
  explicit Reader(std::string_view bytes) : bytes_(bytes) {}

  SavedTrace read() {
    if (bytes_.size() < 8)
      fail("the file ends after {} bytes; a trace begins with the length of its header", bytes_.size());
    uint64_t length = 0;
    for (int i = 0; i < 8; ++i)
      length |= uint64_t{static_cast<unsigned char>(bytes_[static_cast<size_t>(i)])} << (8 * i);
    if (length > kMostHeader || length > bytes_.size() - 8)
      fail("the header should have {} bytes, but {} follow: the file is cut off, or no trace", length,
           bytes_.size() - 8);
    header_ = parsed(bytes_.substr(8, length), "the header");
    data_ = bytes_.substr(8 + length);
    if (!header_.is_object() || !header_.contains("__metadata__") || !header_["__metadata__"].is_object() ||
        !header_["__metadata__"].contains(kKey) || !header_["__metadata__"][kKey].is_string())
      fail("the file holds no trace; tapescope.load reads files of tensors alone");
    const std::string text = header_["__metadata__"][kKey].get<std::string>();
    const Json root = parsed(text, "the trace");
    const auto version = integer(root, "version");
    if (version != kVersion)
      fail("the file has version {}, this Tapescope reads version {}; save it again with this one", version, kVersion);
    SavedTrace out;
    out.name = string(root, "name");
    if (const Json& module = member(root, "module"); !module.is_null()) out.module = object(module, 0);
    for (const Json& m : array(root, "methods")) out.methods.push_back(method(m));
    if (out.methods.empty()) fail("the file holds no graph");
    return out;
  }

 private:
  static Json parsed(std::string_view text, const char* what) {
    Json j = Json::parse(text.begin(), text.end(), nullptr, false);
    if (j.is_discarded()) fail("{} is damaged: it is no JSON", what);
    return j;
  }
  static const Json& member(const Json& j, const char* key) {
    if (!j.is_object() || !j.contains(key)) fail("'{}' is missing", key);
    return j[key];
  }
  static std::string string(const Json& j, const char* key) {
    const Json& v = member(j, key);
    if (!v.is_string()) fail("'{}' is no string", key);
    return v.get<std::string>();
  }
  static int64_t integer(const Json& j, const char* key) {
    const Json& v = member(j, key);
    if (!v.is_number_integer()) fail("'{}' is no whole number", key);
    return v.get<int64_t>();
  }
  static bool boolean(const Json& j, const char* key) {
    const Json& v = member(j, key);
    if (!v.is_boolean()) fail("'{}' is neither true nor false", key);
    return v.get<bool>();
  }
  static const Json& array(const Json& j, const char* key) {
    const Json& v = member(j, key);
    if (!v.is_array()) fail("'{}' is no list", key);
    return v;
  }

  Tensor tensor(const std::string& name) {
    if (const auto known = tensors_.find(name); known != tensors_.end()) return known->second;
    const Json& j = member(header_, name.c_str());
    const std::string code = string(j, "dtype");
    std::optional<DType> dtype;
    for (const Code& c : kCodes)
      if (code == c.name) dtype = c.dtype;
    if (!dtype) fail("tensor '{}' has the unknown dtype {}", name, code);
    Dims shape;
    uint64_t elements = 1;
    for (const Json& size : array(j, "shape")) {
      const int64_t n = size.is_number_integer() ? size.get<int64_t>() : -1;
      if (n < 0 || shape.size() >= 64) fail("tensor '{}' has no shape of at most 64 sizes", name);
      shape.push_back(n);
      if (__builtin_mul_overflow(elements, static_cast<uint64_t>(n), &elements)) fail("tensor '{}' is too large", name);
    }
    const Json& offsets = array(j, "data_offsets");
    if (offsets.size() != 2 || !offsets[0].is_number_unsigned() || !offsets[1].is_number_unsigned())
      fail("tensor '{}' has no begin and end", name);
    const auto begin = offsets[0].get<uint64_t>(), end = offsets[1].get<uint64_t>();
    uint64_t bytes = 0;
    if (__builtin_mul_overflow(elements, static_cast<uint64_t>(itemsize(*dtype)), &bytes) || begin > end ||
        end - begin != bytes)
      fail("tensor '{}' has {} bytes, which its shape does not fill", name, end - begin);
    if (end > data_.size())
      fail("tensor '{}' ends at byte {}, but the file has {}: it is cut off", name, end, data_.size());
    Tensor t = Tensor::empty(shape, *dtype);
    if (bytes) std::memcpy(t.raw(), data_.data() + begin, bytes);
    if (*dtype == DType::boolean)
      for (uint64_t i = 0; i < bytes; ++i)
        if (static_cast<unsigned char>(t.raw()[i]) > 1)
          fail("tensor '{}' of bools holds another byte than 0 and 1", name);
    return tensors_[name] = t;
  }

  std::shared_ptr<Object> object(const Json& j, int depth) {
    if (depth > kDeepest) fail("modules are nested more than {} deep", kDeepest);
    auto o = std::make_shared<Object>();
    const std::string type = string(j, "type");
    if (!type.starts_with("__module__.")) fail("'{}' is no type of a module", type);
    o->type = Type::module(type);
    o->training = boolean(j, "training");
    for (const Json& a : array(j, "attributes")) {
      const std::string name = string(a, "name"), kind = string(a, "kind");
      if (o->find(name)) fail("a module has two attributes '{}'", name);
      if (kind == "module") {
        o->attributes.emplace_back(name, object(member(a, "module"), depth + 1));
        continue;
      }
      if (kind != "parameter" && kind != "buffer") fail("attribute '{}' is of the unknown kind '{}'", name, kind);
      const Tensor t = tensor(string(a, "tensor"));
      if (boolean(a, "requires_grad")) {
        if (!is_differentiable(t.dtype())) fail("'{}' requires grad, but is {}", name, name_of(t.dtype()));
        t.impl()->requires_grad_flag = true;
      }
      if (kind == "buffer") o->buffers.push_back(name);
      o->attributes.emplace_back(name, t);
    }
    return o;
  }

  SavedMethod method(const Json& j) {
    SavedMethod m;
    m.name = string(j, "name");
    std::vector<Tensor> constants;
    for (const Json& c : array(j, "constants")) {
      if (!c.is_string()) fail("'constants' holds what is no name");
      constants.push_back(tensor(c.get<std::string>()));
    }
    for (const Json& a : array(j, "arguments")) {
      if (!a.is_string()) fail("'arguments' holds what is no name");
      m.argument_names.push_back(a.get<std::string>());
    }
    m.graph = parse_ir(string(j, "graph"), constants);
    lint(*m.graph);
    if (m.graph->outputs().size() != 1)
      fail("the graph of '{}' has {} results, not one", m.name, m.graph->outputs().size());
    return m;
  }

  std::string_view bytes_, data_;
  Json header_;
  std::unordered_map<std::string, Tensor> tensors_;
};

}  // namespace

std::string serialize(const SavedTrace& trace) {
  return Writer().write(trace);
}

SavedTrace deserialize(std::string_view bytes) {
  return Reader(bytes).read();
}

}  // namespace tapescope::jit
