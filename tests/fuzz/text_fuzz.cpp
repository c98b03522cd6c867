// Any bytes as what users write: names, paths, source lines, messages. The document stays JSON in UTF-8, the picture
// well-formed XML, the tree UTF-8.
#include <fuzzer/FuzzedDataProvider.h>

#include "core/inspect/document.h"
#include "core/ops/math.h"
#include "core/ops/ops.h"
#include "tests/fuzz/well_formed.h"

using namespace tapescope;

namespace {

// Every node was made at the one place that the input tells of.
struct OnePlace : SiteSource {
  SiteInfo info;
  SiteId current() noexcept override { return 1; }
  SiteInfo resolve(SiteId) override { return info; }
};

struct Described : TensorPreHook {
  HookInfo info;
  void operator()(Tensor&) override {}
  std::vector<HookInfo> describe() const override { return {info}; }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  FuzzedDataProvider in(data, size);
  const auto text = [&] { return in.ConsumeRandomLengthString(); };
  const auto number = [&] { return in.ConsumeIntegral<int>(); };

  static OnePlace& place = *new OnePlace;
  place.info = {text(), number(), in.ConsumeIntegralInRange(-1, 300), in.ConsumeIntegralInRange(-1, 300), text()};
  site_source = &place;

  Tensor x = ops::full({2}, 1, DType::float32);
  x.impl()->requires_grad_flag = true;
  const Tensor y = ops::sum(x * x);
  auto hook = std::make_shared<Described>();
  hook->info = {text(), text(), number(), 7};
  y.grad_fn()->hooks_for_writing().tensor_pre.push_back({0, hook});

  inspect::Names names;
  names.tensors[x.id()] = text();
  names.tensors[y.id()] = text();
  inspect::GraphView g = inspect::view_of_roots({Ref<Node>(y.grad_fn())}, names);
  g.title = text();
  g.modules[1] = {text(), text()};
  if (in.ConsumeBool()) g.failure = inspect::FailureView{text(), text(), text(), number()};
  if (in.ConsumeBool()) g.cell = register_cell(in.ConsumeBool() ? place.info.file : text(), text(), number());

  const inspect::Bundle bundle = inspect::make_bundle(g);
  const auto document = fuzz::parse(bundle.document);
  if (document["nodes"].size() != 3) fuzz::fail("not all nodes", bundle.document);
  fuzz::check_xml(bundle.svg);
  fuzz::check_utf8(bundle.text);
  site_source = nullptr;
  return 0;
}
