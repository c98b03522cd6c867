#include "core/inspect/document.h"

#include <gtest/gtest.h>

#include "core/ops/math.h"
#include "tests/core/support.h"

using namespace tapescope;
using namespace tapescope::inspect;
using namespace tapescope::testing;

namespace {

TEST(Document, TextFromUsersIsEscaped) {
  const Tensor x = leaf({1, 1}), y = ops::sum(x * x);
  Names names;
  names.tensors[x.id()] = "</script>\"<b>\x01";
  const Bundle b = make_bundle(view_of_roots({Ref<Node>(y.grad_fn())}, names));
  EXPECT_TRUE(holds(b.document, R"(</script>\"<b>\u0001)"));
  EXPECT_FALSE(holds(b.svg, "<b>"));
  EXPECT_TRUE(holds(b.svg, "&lt;b&gt;"));
}

TEST(Document, ACellThatIsNoLongerKnownIsLeftOut) {
  const Tensor x = leaf({1, 1}), y = ops::sum(x * x);
  GraphView g = view_of_roots({Ref<Node>(y.grad_fn())}, {});
  g.cell = register_cell("cell.py", "y = x", 7);
  EXPECT_TRUE(holds(write_document(g, "d1"), R"("source":"y = x")"));
  g.cell += 1000;
  EXPECT_FALSE(holds(write_document(g, "d1"), R"("cell")"));
}

TEST(Document, TenThousandNodesAreColumns) {
  Tensor y = leaf({1, 1});
  for (int i = 0; i < 10'000; ++i) y = y * 1.5;
  const std::string d = write_document(view_of_roots({Ref<Node>(y.grad_fn())}, {}), "d1");
  EXPECT_LT(d.size(), 1'000'000u);
  EXPECT_TRUE(holds(d, R"("nodes":{"length":10001)"));
}

}  // namespace
