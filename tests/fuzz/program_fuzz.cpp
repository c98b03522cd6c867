// Bytes become a program of tensor ops, run in a recorded cell; then its document, picture and tree are made. Errors of
// our own kinds are what a wrong program deserves. Anything else is a fault: another exception, undefined behaviour, a
// document that is no JSON, a tensor or node that outlives the program.
#include <fuzzer/FuzzedDataProvider.h>

#include <set>

#include "core/autograd/engine.h"
#include "core/graph/autograd_meta.h"
#include "core/inspect/document.h"
#include "core/ops/math.h"
#include "core/ops/ops.h"
#include "tests/fuzz/well_formed.h"

using namespace tapescope;

namespace {

constexpr int64_t kLargest = 1024;  // elements of a value; what is larger is dropped
constexpr size_t kValues = 24;

class Program : FuzzedDataProvider {
 public:
  using FuzzedDataProvider::FuzzedDataProvider;

  void run() {
    for (int steps = 0; steps < 48 && remaining_bytes(); ++steps) try {
        step();
      } catch (const Error& e) {
        if (e.kind() == ErrorKind::internal) fuzz::fail("an internal error", e.what());
      }
    thread_state.grad_mode = true;
  }
  const std::vector<Tensor>& values() const { return values_; }

 private:
  int upto(int most) { return ConsumeIntegralInRange(0, most); }
  int dim() { return ConsumeIntegralInRange(-4, 4); }
  double number() { return ConsumeIntegralInRange(-6, 6) / 2.0; }
  DType dtype() { return static_cast<DType>(upto(kDTypes - 1)); }
  DType floating() { return ConsumeBool() ? DType::float32 : DType::float64; }
  Dims shape() {
    Dims d;
    for (int n = upto(4); n > 0; --n) d.push_back(upto(4));
    return d;
  }
  Dims dims() {
    Dims d;
    for (int n = upto(4); n > 0; --n) d.push_back(dim());
    return d;
  }
  std::optional<Dims> some_dims() { return ConsumeBool() ? std::optional(dims()) : std::nullopt; }
  Tensor value() {
    if (values_.empty()) keep(ops::arange(0, 6, 1, DType::float32));
    return values_[ConsumeIntegralInRange<size_t>(0, values_.size() - 1)];
  }
  std::vector<Tensor> several() {
    std::vector<Tensor> out;
    for (int n = ConsumeIntegralInRange(0, 3); n > 0; --n) out.push_back(value());
    return out;
  }
  static std::vector<GradientPoint> points(const std::vector<Tensor>& tensors) {
    return {tensors.begin(), tensors.end()};
  }
  std::vector<Tensor> indices() {
    std::vector<Tensor> out;
    for (int n = ConsumeIntegralInRange(1, 3); n > 0; --n) out.push_back(ConsumeBool() ? value() : Tensor());
    return out;
  }
  const ops::PointwiseInfo& op(int arity) {
    const auto& all = ops::all_pointwise();
    const ops::PointwiseInfo* p = all[ConsumeIntegralInRange<size_t>(0, all.size() - 1)];
    while (p->arity != arity)
      p = all[static_cast<size_t>(std::find(all.begin(), all.end(), p) - all.begin() + 1) % all.size()];
    return *p;
  }
  void keep(Tensor t) {
    if (!t.defined() || t.numel() > kLargest) return;
    if (values_.size() == kValues) values_.erase(values_.begin());
    values_.push_back(std::move(t));
  }

  void step() {
    switch (upto(9)) {
      case 0:
        return make();
      case 1:
        return keep(compute());
      case 2:
        return keep(look());
      case 3:
        return write();
      case 4:
        return keep(reduce());
      case 5:
        return keep(multiply());
      case 6:
        return keep(choose());
      case 7:
        return differentiate();
      case 8:
        return keep(compute());
      default:
        return switch_something();
    }
  }

  void make() {
    Tensor t;
    switch (upto(5)) {
      case 0:
        t = ops::full(shape(), number(), dtype());
        break;
      case 1:
        t = ops::arange(number(), number(), number(), dtype());
        break;
      case 2:
        t = ops::randn(shape(), dtype());
        break;
      case 3:
        t = ops::linspace(number(), number(), upto(9), floating());
        break;
      case 4:
        t = ops::eye(upto(4), upto(4), dtype());
        break;
      default:
        t = ops::randint(-2, 3, shape(), dtype());
    }
    if (is_differentiable(t.dtype())) t.impl()->requires_grad_flag = ConsumeBool();
    keep(t);
  }

  Tensor compute() {
    const double args[2] = {number(), number()};
    switch (upto(6)) {
      case 0:
      case 1:
        return ops::unary(op(1), value(), args);
      case 2:
      case 3:
        return ops::binary(op(2), value(), value());
      case 4:
        return ops::compare(static_cast<ops::Comparison>(upto(5)), value(), value());
      case 5:
        return ops::where(value() > number(), value(), value());
      default:
        return ConsumeBool() ? ops::to(value(), dtype()) : ops::clone(value());
    }
  }

  Tensor look() {
    const Tensor x = value();
    switch (upto(12)) {
      case 0:
        return ops::view(x, shape());
      case 1:
        return ops::reshape(x, dims());
      case 2:
        return ops::transpose(x, dim(), dim());
      case 3:
        return ops::t(x);
      case 4:
        return ops::permute(x, dims());
      case 5:
        return ops::expand(x, shape());
      case 6:
        return ops::squeeze(x, ConsumeBool() ? std::optional<int64_t>(dim()) : std::nullopt);
      case 7:
        return ops::unsqueeze(x, dim());
      case 8:
        return ops::select(x, dim(), dim());
      case 9:
        return ops::slice(x, dim(), dim(), dim(), upto(3));
      case 10:
        return ops::as_strided(x, shape(), shape(), upto(4));
      case 11:
        return ops::flatten(x, dim(), dim());
      default:
        return ops::detach(x);
    }
  }

  void write() {
    const Tensor x = value();
    const double args[2] = {number(), number()};
    switch (upto(4)) {
      case 0:
        ops::unary_(op(1), x, args);
        return;
      case 1:
        ops::binary_(op(2), x, value());
        return;
      case 2:
        ops::fill_(x, number());
        return;
      case 3:
        ops::copy_(x, value());
        return;
      default:
        ops::index_put_(x, indices(), value(), ConsumeBool());
    }
  }

  Tensor reduce() {
    const Tensor x = value();
    const bool keepdim = ConsumeBool();
    switch (upto(9)) {
      case 0:
      case 1:
        return ops::sum(x, some_dims(), keepdim);
      case 2:
        return ops::mean(x, some_dims(), keepdim);
      case 3:
        return ops::var(x, some_dims(), number(), keepdim);
      case 4:
        return ConsumeBool() ? ops::max(x) : ops::min(x);
      case 5: {
        const auto [top, at] = ConsumeBool() ? ops::max(x, dim(), keepdim) : ops::min(x, dim(), keepdim);
        keep(at);
        return top;
      }
      case 6:
        return ops::argmax(x, ConsumeBool() ? std::optional<int64_t>(dim()) : std::nullopt, keepdim);
      case 7:
        return ConsumeBool() ? ops::all(x) : ops::any(x);
      case 8:
        return ConsumeBool() ? ops::softmax(x, dim()) : ops::log_softmax(x, dim());
      default: {
        const auto r = static_cast<ops::Reduction>(upto(2));
        return ConsumeBool() ? ops::mse_loss(x, value(), r) : ops::cross_entropy(x, value(), r);
      }
    }
  }

  Tensor multiply() {
    const Tensor a = value(), b = value();
    switch (upto(4)) {
      case 0:
      case 1:
        return ops::matmul(a, b);
      case 2:
        return ops::matmul(a, ops::transpose(b, -1, -2));
      case 3:
        return ops::addmm(value(), a, b);
      default:
        return ops::linear(a, b, ConsumeBool() ? value() : Tensor());
    }
  }

  Tensor choose() {
    switch (upto(2)) {
      case 0:
        return ops::cat(several(), dim());
      case 1:
        return ops::stack(several(), dim());
      default:
        return ops::index(value(), indices());
    }
  }

  void differentiate() {
    const bool retain = ConsumeBool(), create = ConsumeBool();
    Tensor root = value();
    if (ConsumeBool()) root = ops::sum(root);
    if (ConsumeBool()) {
      backward({root}, {}, retain || create, create, ConsumeBool() ? points(several()) : std::vector<GradientPoint>());
    } else {
      const std::vector<Tensor> seeds = ConsumeBool() ? std::vector<Tensor>{value()} : std::vector<Tensor>();
      for (Tensor& g : grad({root}, points(several()), seeds, retain || create, create, ConsumeBool()))
        keep(std::move(g));
    }
  }

  void switch_something() {
    switch (upto(4)) {
      case 0:
        thread_state.grad_mode = !thread_state.grad_mode;
        return;
      case 1:
        return retain_grad(value());
      case 2:
        if (!values_.empty()) values_.erase(values_.begin() + upto(static_cast<int>(values_.size()) - 1));
        return;
      case 3:
        if (const Tensor x = value(); x.impl()->meta) keep(x.impl()->meta->grad);
        return;
      default: {
        // A view that is made a leaf and then added to its base holds itself, and so does a leaf that is none any more
        // when what was computed from it is written to it: those circles are the program's own.
        const Tensor x = value();
        const AutogradMeta* m = x.impl()->meta;
        const bool free = !m || (!m->base.defined() && !m->accumulator);
        if (is_differentiable(x.dtype()) && x.is_leaf() && free) x.impl()->requires_grad_flag = ConsumeBool();
      }
    }
  }

  std::vector<Tensor> values_;
};

void check_picture(const inspect::GraphView& g) {
  const inspect::Bundle bundle = inspect::make_bundle(g);
  const auto document = fuzz::parse(bundle.document);
  std::set<uint64_t> nodes;
  for (const auto& n : document["nodes"]) nodes.insert(n["id"].get<uint64_t>());
  for (const auto& e : document["edges"])
    if (!nodes.contains(e["from"].get<uint64_t>()) || !nodes.contains(e["to"].get<uint64_t>()))
      fuzz::fail("an edge to nowhere", bundle.document);
  fuzz::check_xml(bundle.svg);
  fuzz::check_utf8(bundle.text);
}

// What the program did, one op a line, for whoever has to find out why.
std::string told(const Recorder& recording) {
  std::string out;
  for (const OpRecord& r : recording.ops()) {
    out += r.schema->name;
    for (int i = 0; i < r.input_count; ++i) out += fmt::format(" {}", r.inputs[i]);
    out += fmt::format(" -> {}{}\n", r.output, r.node ? fmt::format(" by {} {}", r.type->name, r.node) : "");
  }
  return out;
}

size_t alive() {
  size_t n = 0;
  TensorImpl::slab().walk([&](void*) { ++n; });
  Node::walk([&](Node*) { ++n; });
  return n;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const uint64_t cell = register_cell("cell.py", "a program", 1);
  const size_t before = alive();
  std::string ops;
  {
    Program program(data, size);
    start_recording(size % 2 ? Recorder::Mode::full : Recorder::Mode::automatic, cell);
    program.run();
    const auto recording = stop_recording();
    ops = told(*recording);
    inspect::Names names;
    std::vector<Ref<Node>> roots;
    for (const Tensor& t : program.values()) {
      names.tensors[t.id()] = "v" + std::to_string(names.tensors.size());
      if (t.grad_fn()) roots.emplace_back(t.grad_fn());
    }
    check_picture(inspect::view_of_recording(*recording, names, {}));
    check_picture(inspect::view_of_roots(roots, names));
  }
  // A .grad that has a history holds the leaf that holds it: that circle is the program's own.
  std::vector<Tensor> circles;
  TensorImpl::slab().walk([&](void* slot) {
    auto* t = static_cast<TensorImpl*>(slot);
    if (t->meta && t->meta->grad.defined()) circles.push_back(std::move(t->meta->grad));
  });
  circles.clear();
  if (alive() != before) fuzz::fail("left behind", fmt::format("{} tensors and nodes\n{}", alive() - before, ops));
  return 0;
}
