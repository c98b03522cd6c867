// Looking at live objects: by id, at hooks, saved variables and owners. tapescope.explore makes sentences of it.
#include <map>
#include <unordered_map>
#include <unordered_set>

#include "core/graph/autograd_meta.h"
#include "core/inspect/graph_view.h"
#include "core/inspect/owners.h"
#include "core/python/callable.h"
#include "core/python/looking.h"
#include "core/python/node_object.h"
#include "core/python/saved_tensor.h"
#include "core/record/cells.h"

namespace tapescope::face {
namespace {

py::object object_of(Node* n) {
  return py::reinterpret_steal<py::object>(wrap(n));
}

py::object shape_of(const TensorMeta* m) {
  return m ? py::cast(m->shape) : py::object(py::none());
}
py::object norm_of(double norm) {
  return norm == -1 ? py::object(py::none()) : py::object(py::float_(norm));
}

py::dict hook_dict(const inspect::HookView& h) {
  py::dict d;
  d["kind"] = h.kind;
  d["name"] = h.info.name;
  d["file"] = h.info.file;
  d["line"] = h.info.line;
  d["id"] = h.info.id;
  d["order"] = h.order;
  d["node"] = h.node;
  d["tensor"] = h.tensor;
  d["input_nr"] = h.input_nr ? py::object(py::int_(*h.input_nr)) : py::object(py::none());
  d["runs"] = h.info.run.count;
  if (const auto& e = h.info.run.last) {
    using Change = HookEffect::Change;
    d["changed"] = e->change == Change::replaced ? "replaced" : e->change == Change::in_place ? "in_place" : "";
    d["shape_before"] = shape_of(e->before);
    d["shape_after"] = shape_of(e->after);
    d["norm_before"] = norm_of(e->norm_before);
    d["norm_after"] = norm_of(e->norm_after);
  }
  return d;
}
py::list hook_list(const std::vector<inspect::HookView>& hooks) {
  py::list out;
  for (const auto& h : hooks) out.append(hook_dict(h));
  return out;
}

py::list saved_list(const Node& node) {
  py::list out;
  for (const inspect::SavedView& s : inspect::saved_variables_of(node)) {
    py::dict d;
    d["id"] = s.id;
    d["slot"] = s.name;
    d["tensor"] = s.tensor;
    d["version_saved"] = s.version;
    d["version_now"] = s.storage ? py::object(py::int_(s.version_now)) : py::object(py::none());
    d["storage"] = s.storage ? py::object(py::int_(s.storage)) : py::object(py::none());
    d["state"] = s.freed ? "freed" : s.packed_by.empty() ? "alive" : "hooked";
    d["packed_by"] = s.packed_by.empty() ? py::object(py::none()) : py::object(py::str(s.packed_by));
    d["shape"] = shape_of(s.meta);
    d["dtype"] = s.meta ? py::reinterpret_steal<py::object>(wrap(s.meta->dtype)) : py::object(py::none());
    d["bytes"] = s.meta ? numel(s.meta->shape) * itemsize(s.meta->dtype) : 0;
    out.append(std::move(d));
  }
  return out;
}

// A row of `saved`. `unpack`: hooks that hold it are asked, because a person wants to see it.
py::dict find_saved(uint64_t id, bool unpack) {
  py::dict out;
  out["tensor"] = py::none();
  out["version"] = -1;
  out["released_by"] = py::none();
  Node* n = inspect::find_node(id / inspect::kSlots);
  const auto slots = n ? n->slots() : std::vector<Slot>();
  const size_t at = id % inspect::kSlots;
  const SavedVariable* s = at < slots.size() ? slots[at].variable : nullptr;
  if (!n || (!s && !n->released())) {
    out["state"] = "gone";
  } else if (!s || (s->was_saved() && !s->alive())) {
    out["state"] = "freed";
    if (n->released_by()) out["released_by"] = n->released_by();
  } else if (!s->was_saved()) {
    out["state"] = "none";
  } else if (s->hooks() && !unpack) {
    out["state"] = "hooked";
  } else {
    const Looking looking;
    out["state"] = "alive";
    out["version"] = s->saved_version();
    out["tensor"] = s->hooks() ? s->unpack(*n, slots[at].name, true).alias() : s->data().alias();
  }
  return out;
}

py::list holder_list(const std::vector<inspect::Holder>& holders) {
  py::list out;
  for (const inspect::Holder& h : holders) out.append(py::make_tuple(h.kind, h.name, h.node, h.tensor));
  return out;
}

// Nodes and tensors whose hooks or packed values are this Python object: the garbage collector does not see them.
py::list holders_of_object(py::handle object) {
  py::list out;
  Node::walk([&](Node* n) {
    bool found = false;
    const auto visit = [](PyObject* o, void* arg) -> int {
      auto* wanted = static_cast<std::pair<PyObject*, bool*>*>(arg);
      if (o == wanted->first) *wanted->second = true;
      return 0;
    };
    std::pair<PyObject*, bool*> wanted(object.ptr(), &found);
    visit_hook_dicts(*n, visit, &wanted);
    if (found) out.append(py::make_tuple("hook", "", n->id(), 0));
    for (const Slot& s : n->slots())
      if (s.variable && packed_object(s.variable->hooks()) == object.ptr())
        out.append(py::make_tuple("graph", "._saved_" + std::string(s.name), n->id(), 0));
  });
  TensorImpl::slab().walk([&](void* slot) {
    const auto* t = static_cast<const TensorImpl*>(slot);
    if (!t->meta) return;
    for (const Hook* h : {static_cast<const Hook*>(t->meta->leaf_hook.get()),
                          static_cast<const Hook*>(t->meta->post_accumulate_hook.get())})
      if (h && dict_of(h) == object.ptr()) out.append(py::make_tuple("hook", "", 0, t->id));
  });
  return out;
}

py::tuple freed_by(const py::list& owners) {
  std::vector<inspect::LettingGo> all;
  for (py::handle o : owners) {
    inspect::LettingGo one;
    if (is_tensor(o.ptr()))
      one.tensor = reinterpret_cast<PyTensor*>(o.ptr())->impl;
    else if (PyObject_TypeCheck(o.ptr(), &NodeBase))
      one.node = reinterpret_cast<PyNodeObject*>(o.ptr())->node;
    if (one.tensor || one.node) all.push_back(one);
  }
  const inspect::Freed f = inspect::freed_by(all);
  return py::make_tuple(f.nodes, f.tensors, f.bytes);
}

// (id of the cell, nodes, bytes of what the nodes keep) by the cell whose code made them; 0: by none.
py::list census_by_cell() {
  struct Count {
    int64_t nodes = 0, bytes = 0;
  };
  std::map<uint64_t, Count> cells;
  std::unordered_map<SiteId, uint64_t> cell_of;
  std::unordered_set<const Storage*> counted;
  Node::walk([&](Node* n) {
    auto [at, fresh] = cell_of.try_emplace(n->site(), 0);
    if (fresh && n->site())
      if (const CellInfo* c = find_cell_by_file(resolve_site(n->site()).file)) at->second = c->id;
    Count& c = cells[at->second];
    ++c.nodes;
    for (const Slot& s : n->slots())
      if (const Tensor t = s.variable ? s.variable->data() : Tensor(); t.defined())
        if (const Storage* memory = t.impl()->storage.get(); counted.insert(memory).second) c.bytes += memory->bytes();
  });
  py::list out;
  for (const auto& [id, c] : cells) out.append(py::make_tuple(id, c.nodes, c.bytes));
  return out;
}

}  // namespace

void bind_looking(py::module_& m) {
  m.def("_find_tensor", [](uint64_t id) { return Tensor(Ref<TensorImpl>(inspect::find_tensor(id))); });
  m.def("_find_node", [](uint64_t id) { return object_of(inspect::find_node(id)); });
  m.def("_find_saved", &find_saved, py::arg("id"), py::arg("unpack") = false);
  m.def("_hooks_of", [](py::handle o) {
    if (is_tensor(o.ptr())) return hook_list(inspect::hooks_of(unwrap(o.ptr())));
    const Ref<Node> n = unwrap_node(o.ptr());
    return n ? hook_list(inspect::hooks_of(*n)) : py::list();
  });
  m.def("_describe_callable", [](py::handle f) {
    const HookInfo info = describe_callable(f);
    return py::make_tuple(info.name, info.file, info.line);
  });
  m.def("_saved_of", [](py::handle node) {
    const Ref<Node> n = unwrap_node(node.ptr());
    return n ? saved_list(*n) : py::list();
  });
  m.def("_nodes_above", [](const py::list& roots) {
    std::vector<Node*> order;
    std::unordered_set<Node*> seen;
    const auto add = [&](Node* n) {
      if (n && seen.insert(n).second) order.push_back(n);
    };
    for (py::handle o : roots) {
      if (is_tensor(o.ptr()))
        add(existing_gradient_edge(unwrap(o.ptr())).node.get());
      else
        add(unwrap_node(o.ptr()).get());
    }
    for (size_t i = 0; i < order.size(); ++i)
      for (const Edge& e : order[i]->edges()) add(e.node.get());
    py::list out;
    for (Node* n : order) out.append(object_of(n));
    return out;
  });
  m.def("_live_nodes", [](size_t most) {
    std::vector<Node*> nodes;
    Node::walk([&](Node* n) {
      if (nodes.size() < most) nodes.push_back(n);
    });
    py::list out;
    for (Node* n : nodes) out.append(object_of(n));
    return out;
  });
  m.def("_holders_of_tensor", [](uint64_t id) {
    const TensorImpl* t = inspect::find_tensor(id);
    return t ? holder_list(inspect::holders_of(*t)) : py::list();
  });
  m.def("_holders_of_node", [](uint64_t id) {
    const Node* n = inspect::find_node(id);
    return n ? holder_list(inspect::holders_of(*n)) : py::list();
  });
  m.def("_holders_of_object", &holders_of_object);
  m.def("_freed_by", &freed_by);
  m.def("_census", [] {
    int64_t nodes = 0, tensors = 0, bytes = 0;
    Node::walk([&](Node*) { ++nodes; });
    TensorImpl::slab().walk([&](void*) { ++tensors; });
    Storage::slab().walk([&](void* s) { bytes += static_cast<Storage*>(s)->bytes(); });
    py::dict out;
    out["nodes"] = nodes;
    out["tensors"] = tensors;
    out["bytes"] = bytes;
    return out;
  });
  m.def("_census_by_cell", &census_by_cell);
  m.def("_cell", [](uint64_t id) -> py::object {
    const CellInfo* c = find_cell(id);
    return c ? py::object(py::make_tuple(c->execution_count, c->source)) : py::object(py::none());
  });
  m.def("_latest_cell", [] { return latest_cell(); });
}

}  // namespace tapescope::face
