#include "core/inspect/document.h"

#include <gtest/gtest.h>

#include "core/autograd/engine.h"
#include "core/inspect/table.h"
#include "core/ops/math.h"
#include "core/ops/ops.h"

using namespace tapescope;
using namespace tapescope::inspect;

namespace {

Tensor leaf() {
  Tensor t = ops::full({2}, 1, DType::float32);
  t.impl()->requires_grad_flag = true;
  return t;
}
bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST(Table, RowsLeaveOutWhatIsAbsent) {
  Table t;
  const int id = t.integer("id"), name = t.json("name"), ids = t.list("ids");
  t.row();
  t.set(id, 3);
  t.row();
  t.set(id, 4);
  t.set(name, json_string("a\"b\n"));
  t.set(ids, std::vector<int64_t>{1, 2});
  std::string out;
  t.write(out);
  EXPECT_EQ(out, R"([{"id":3},{"id":4,"name":"a\"b\n","ids":[1,2]}])");
}

TEST(Table, PastAThousandRowsItIsColumns) {
  Table t;
  const int id = t.integer("id"), name = t.json("name");
  for (int i = 0; i < 1001; ++i) {
    t.row();
    t.set(id, 10 + i);
    if (i % 2) t.set(name, std::string("\"x\""));
  }
  std::string out;
  t.write(out);
  EXPECT_TRUE(holds(out, R"("length":1001)"));
  EXPECT_TRUE(holds(out, R"("id":{"encoding":"runs","runs":[[1001,10,1]]})")) << out.substr(0, 300);
  EXPECT_TRUE(holds(out, R"("encoding":"dictionary","values":["x"])"));
}

TEST(GraphView, ReadsTheLiveGraphAndKeepsNothing) {
  const Tensor x = leaf();
  Tensor y = ops::sum(x * x);
  const auto count = x.use_count();
  const GraphView g = view_of_roots({Ref<Node>(y.grad_fn())}, {});
  EXPECT_EQ(x.use_count(), count);
  ASSERT_EQ(g.nodes.size(), 3u);
  EXPECT_EQ(g.nodes[0].type->name, "SumBackward0");
  EXPECT_EQ(g.nodes[1].saved.size(), 2u);
  EXPECT_EQ(g.nodes[1].saved[0].tensor, x.id());
}

TEST(GraphView, AGraphThatDiedInItsCellIsStillThere) {
  const Tensor x = leaf();
  start_recording(Recorder::Mode::automatic, 1);
  backward({ops::sum(x * x)}, {}, false, false, {});
  const auto r = stop_recording();
  const GraphView g = view_of_recording(*r, {}, {});
  ASSERT_EQ(g.nodes.size(), 3u);
  for (const NodeView& n : g.nodes) EXPECT_EQ(n.state, NodeState::gone) << n.type->name;
  EXPECT_EQ(g.passes.size(), 1u);
}

TEST(GraphView, FindsLiveObjectsById) {
  const Tensor x = leaf();
  uint64_t node = 0;
  {
    const Tensor y = x * x;
    node = y.grad_fn()->id();
    EXPECT_EQ(find_node(node), y.grad_fn());
  }
  EXPECT_EQ(find_node(node), nullptr);
  EXPECT_EQ(find_tensor(x.id()), x.impl());
}

TEST(Document, TextFromUsersIsEscaped) {
  const Tensor x = leaf(), y = ops::sum(x * x);
  Names names;
  names.tensors[x.id()] = "</script>\"<b>\x01";
  const Bundle b = make_bundle(view_of_roots({Ref<Node>(y.grad_fn())}, names));
  EXPECT_TRUE(holds(b.document, R"(</script>\"<b>\u0001)"));
  EXPECT_FALSE(holds(b.svg, "<b>"));
  EXPECT_TRUE(holds(b.svg, "&lt;b&gt;"));
}

TEST(Document, TenThousandNodesAreColumns) {
  Tensor y = leaf();
  for (int i = 0; i < 10'000; ++i) y = y * 1.5;
  const std::string d = write_document(view_of_roots({Ref<Node>(y.grad_fn())}, {}), "d1");
  EXPECT_LT(d.size(), 1'000'000u);
  EXPECT_TRUE(holds(d, R"("nodes":{"length":10001)"));
}

TEST(Still, HoldsAtMostSixtyBoxes) {
  Tensor y = leaf();
  for (int i = 0; i < 500; ++i) y = y * 1.5;
  const std::string svg = still_picture(view_of_roots({Ref<Node>(y.grad_fn())}, {}));
  size_t boxes = 0;
  for (size_t at = 0; (at = svg.find("<rect x=", at)) != std::string::npos; ++at) ++boxes;
  EXPECT_EQ(boxes, 60u);
  EXPECT_TRUE(holds(svg, "60 of 501 nodes"));
}

}  // namespace
