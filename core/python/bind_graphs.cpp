// Graphs, their passes and their interpreter, for Python.
#include "core/python/python_tracer.h"
#include "core/python/with_gil.h"
#include "core/trace/interpreter.h"
#include "core/trace/lint.h"
#include "core/trace/parser.h"
#include "core/trace/passes.h"
#include "core/trace/serialize.h"

namespace tapescope::face {
namespace {

using jit::Code;
using jit::Graph;
using jit::IValue;
using jit::Node;
using jit::Value;

// A node or a value keeps its graph.
template <class T>
struct Kept {
  std::shared_ptr<Graph> graph;
  T* it;
  bool operator==(const Kept& o) const { return it == o.it; }
};
using KeptNode = Kept<Node>;
using KeptValue = Kept<Value>;

std::vector<KeptValue> kept(const std::shared_ptr<Graph>& g, const std::vector<Value*>& values) {
  std::vector<KeptValue> out;
  for (Value* v : values) out.push_back({g, v});
  return out;
}

py::object attribute(const KeptNode& n, const std::string& name) {
  const jit::AttributeValue* v = n.it->attribute(name);
  if (!v) throw py::key_error(fmt::format("{} has no attribute '{}'", n.it->kind(), name));
  return std::visit(
      []<class T>(const T& x) -> py::object {
        if constexpr (std::is_same_v<T, Tensor>)
          return py::reinterpret_steal<py::object>(wrap(x));
        else
          return py::cast(x);
      },
      *v);
}

void bind_nodes(py::class_<KeptValue>& values, py::class_<KeptNode>& nodes) {
  values.def("debugName", [](const KeptValue& v) { return v.it->debug_name(); })
      .def(
          "setDebugName", [](const KeptValue& v, const std::string& name) { v.it->set_debug_name(name); },
          "Raises ValueError for a name of digits alone.")
      .def("unique", [](const KeptValue& v) { return v.it->unique(); })
      .def("type", [](const KeptValue& v) { return v.it->type()->str(); })
      .def("node",
           [](const KeptValue& v) {
             return KeptNode{v.graph, v.it->node()};
           })
      .def("uses",
           [](const KeptValue& v) {
             std::vector<std::pair<KeptNode, size_t>> out;
             for (const jit::Use& u : v.it->uses()) out.push_back({{v.graph, u.user}, u.offset});
             return out;
           })
      .def("__eq__", &KeptValue::operator==)
      .def("__hash__", [](const KeptValue& v) { return reinterpret_cast<uintptr_t>(v.it) >> 4; })
      .def("__repr__",
           [](const KeptValue& v) { return fmt::format("%{} : {}", v.it->debug_name(), v.it->type()->str()); });
  nodes.def("kind", [](const KeptNode& n) { return n.it->kind(); })
      .def("inputs", [](const KeptNode& n) { return kept(n.graph, n.it->inputs()); })
      .def("outputs", [](const KeptNode& n) { return kept(n.graph, n.it->outputs()); })
      .def("output",
           [](const KeptNode& n) {
             if (n.it->outputs().size() != 1)
               throw ValueError("{} has {} outputs, not one", n.it->kind(), n.it->outputs().size());
             return KeptValue{n.graph, n.it->output()};
           })
      .def("scopeName", [](const KeptNode& n) { return n.it->scope_name(); })
      .def(
          "sourceRange", [](const KeptNode& n) { return n.it->source_range().str(); },
          "The whole stack, innermost frame first, a frame a line.")
      .def_property_readonly(
          "sequence_nr",
          [](const KeptNode& n) {
            return n.it->history ? static_cast<int64_t>(n.it->history->front().sequence_nr) : -1;
          },
          "Of the autograd node that the op made while it was traced; -1: none.")
      .def("attributeNames",
           [](const KeptNode& n) {
             std::vector<std::string> names;
             for (const auto& [key, value] : n.it->attributes()) names.push_back(key);
             return names;
           })
      .def("hasAttribute", [](const KeptNode& n, const std::string& name) { return n.it->has_attribute(name); })
      .def("attribute", &attribute, "Raises KeyError if there is none of this name.")
      .def(
          "callee", [](const KeptNode& n) { return n.it->callee; }, "The graph of the method that a CallMethod calls.")
      .def("toIValue",
           [](const KeptNode& n) {
             if (n.it->kind() != "prim::Constant") throw ValueError("{} is no constant", n.it->kind());
             return to_python(Graph::constant_value(*n.it));
           })
      .def("__eq__", &KeptNode::operator==)
      .def("__hash__", [](const KeptNode& n) { return reinterpret_cast<uintptr_t>(n.it) >> 4; })
      .def("__str__", [](const KeptNode& n) { return n.it->str(); })
      .def("__repr__", [](const KeptNode& n) { return n.it->str(false); });
}

}  // namespace

void bind_graphs(py::module_& m) {
  // All names first: signatures tell of each other.
  py::class_<KeptValue> values(m, "_GraphValue", "A value of a traced graph.");
  py::class_<KeptNode> nodes(m, "_GraphNode", "A node of a traced graph.");
  py::class_<Graph, std::shared_ptr<Graph>> graphs(m, "Graph",
                                                   "A traced graph: nodes in order, values that each is made once.");
  py::class_<jit::Object, std::shared_ptr<jit::Object>> objects(m, "_TracedObject",
                                                                "A module as a traced graph sees it.");
  bind_nodes(values, nodes);
  graphs.def("__str__", [](const Graph& g) { return g.str(); })
      .def("__repr__", [](const Graph& g) { return g.str(); })
      .def(
          "str", [](const Graph& g, bool source) { return g.str(source); }, py::arg("print_source_ranges") = true)
      .def("copy", &Graph::copy)
      .def("inputs", [](const std::shared_ptr<Graph>& g) { return kept(g, g->inputs()); })
      .def("outputs", [](const std::shared_ptr<Graph>& g) { return kept(g, g->outputs()); })
      .def("nodes",
           [](const std::shared_ptr<Graph>& g) {
             std::vector<KeptNode> out;
             for (Node* n : g->nodes()) out.push_back({g, n});
             return out;
           })
      .def(
          "findNode",
          [](const std::shared_ptr<Graph>& g, const std::string& kind) -> std::optional<KeptNode> {
            for (Node* n : g->nodes())
              if (n->kind() == kind) return KeptNode{g, n};
            return {};
          },
          py::arg("kind"), "The first node of that kind, or None.")
      .def("findAllNodes",
           [](const std::shared_ptr<Graph>& g, const std::string& kind) {
             std::vector<KeptNode> out;
             for (Node* n : g->nodes())
               if (n->kind() == kind) out.push_back({g, n});
             return out;
           })
      .def(
          "lint", [](const Graph& g) { jit::lint(g); }, "Raises ValueError that names the node and the rule.")
      .def(
          "canonicalized", [](const Graph& g) { return jit::canonicalize(g); },
          "A copy without names, shapes and places: alike for traces that did the same.")
      .def(
          "dce", [](Graph& g) { jit::eliminate_dead_code(g); }, "Drops nodes that nobody reads.")
      .def(
          "cse", [](Graph& g) { jit::lint(g), jit::eliminate_common_subexpressions(g); },
          "Merges nodes that compute the same.")
      .def(
          "inline", [](Graph& g) { jit::lint(g), jit::inline_calls(g); }, "Puts called methods in place of the calls.")
      .def(
          "fuse", [](Graph& g) { jit::lint(g), jit::fuse_pointwise(g); },
          "Puts chains of pointwise ops into prim::FusionGroup nodes.")
      .def(
          "outline",
          [](const Graph& g, const std::shared_ptr<jit::Object>& module) {
            jit::lint(g);
            jit::Outlined o = jit::outline_calls(g, module.get());
            std::vector<std::tuple<std::string, std::string, std::shared_ptr<Graph>>> methods;
            for (jit::Method& method : o.methods) methods.emplace_back(method.path, method.name, method.graph);
            return py::make_tuple(o.graph, methods);
          },
          py::arg("module").none(true),
          "(the graph with a CallMethod a call of a submodule, [(path, method, its graph)]).");
  m.def(
      "parse_ir", [](const std::string& text) { return jit::parse_ir(text); }, py::arg("input"),
      "The graph of a text that str(graph) printed. Raises ValueError with line and column.");

  objects.def_property_readonly("type", [](const jit::Object& o) { return o.type->str(); })
      .def("attributes",
           [](const jit::Object& o) {
             py::dict out;
             for (const auto& [name, value] : o.attributes) out[name.c_str()] = to_python(value);
             return out;
           })
      .def_property_readonly("buffers", [](const jit::Object& o) { return o.buffers; })
      .def_readwrite("training", &jit::Object::training)
      .def("set", [](jit::Object& o, const std::string& name, const py::object& value) {
        for (auto& [key, old] : o.attributes)
          if (key == name) {
            old = to_ivalue(value, name);
            return true;
          }
        return false;
      });
  m.def("_traced_object", &object_of, py::arg("module"));

  py::class_<Code, std::shared_ptr<Code>>(m, "_Code", "A graph made ready to run.")
      .def(py::init([](const Graph& g) { return std::make_shared<Code>(g); }), py::arg("graph"),
           "Raises ValueError, with the node and its place, for a node that cannot run.")
      .def("run", [](const Code& code, const py::args& args) {
        return run_code(code, &PyTuple_GET_ITEM(args.ptr(), 0), args.size());
      });
  bind_traced_function(m);

  m.def(
      "_get_value_trace",
      [](const Tensor& t) {
        if (!jit::is_tracing()) throw AutogradError("_get_value_trace: no trace is open on this thread");
        return KeptValue{jit::tracing_state()->graph, jit::tracing_state()->value_of(t)};
      },
      py::arg("var"), "The value that stands for the tensor. Raises RuntimeError outside of a trace.");
  m.def(
      "_set_value_trace",
      [](const Tensor& t, const KeptValue& v) {
        if (!jit::is_tracing()) throw AutogradError("_set_value_trace: no trace is open on this thread");
        if (v.graph != jit::tracing_state()->graph)
          throw ValueError("_set_value_trace: %{} is a value of another graph", v.it->debug_name());
        jit::tracing_state()->set_value(t, v.it);
      },
      py::arg("var"), py::arg("value"),
      "The tensor is that value from now on. Raises RuntimeError outside of a trace.");

  m.def(
      "_save_trace",
      [](const std::string& name,
         const std::vector<std::tuple<std::string, std::shared_ptr<Graph>, std::vector<std::string>>>& methods,
         const std::shared_ptr<jit::Object>& module) {
        jit::SavedTrace trace{name, {}, module};
        for (const auto& [method, graph, arguments] : methods) trace.methods.push_back({method, graph, arguments});
        return py::bytes(jit::serialize(trace));
      },
      py::arg("name"), py::arg("methods"), py::arg("module").none(true));
  m.def("_load_trace", [](const py::bytes& bytes) {
    jit::SavedTrace trace = jit::deserialize(std::string_view(bytes));
    std::vector<std::tuple<std::string, std::shared_ptr<Graph>, std::vector<std::string>>> methods;
    for (jit::SavedMethod& method : trace.methods)
      methods.emplace_back(method.name, method.graph, method.argument_names);
    return py::make_tuple(trace.name, methods, trace.module);
  });
}

}  // namespace tapescope::face
