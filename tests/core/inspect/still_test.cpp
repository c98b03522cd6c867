#include <gtest/gtest.h>

#include "core/autograd/engine.h"
#include "core/inspect/document.h"
#include "core/ops/math.h"
#include "tests/core/support.h"

using namespace tapescope;
using namespace tapescope::inspect;
using namespace tapescope::testing;

namespace {

GraphView view_of(const Tensor& y, const Names& names = {}) {
  return view_of_roots({Ref<Node>(y.grad_fn())}, names);
}
size_t count(const std::string& text, const std::string& part) {
  size_t n = 0;
  for (size_t at = 0; (at = text.find(part, at)) != std::string::npos; ++at) ++n;
  return n;
}

TEST(Still, ALargeGraphIsGrouped) {
  Tensor y = leaf({1, 1});
  for (int i = 0; i < 500; ++i) y = y * 1.5;
  const std::string svg = still_picture(view_of_roots({Ref<Node>(y.grad_fn())}, {}));
  EXPECT_EQ(count(svg, "<rect x="), 4u);                    // the first, those between, the last, the leaf
  EXPECT_EQ(count(svg, "fill=\"none\" stroke="), 1u + 1u);  // the edges, and a sheet behind the group
  EXPECT_TRUE(holds(svg, "Mul × 498") && holds(svg, "498 nodes"));
  EXPECT_TRUE(holds(svg, "501 nodes in 4 boxes"));
}

TEST(Still, ABoxANodeAndALineAnEdge) {
  const Tensor x = leaf({1, 2}), y = ops::sum(x * x);
  const std::string svg = still_picture(view_of(y));
  EXPECT_TRUE(svg.starts_with("<svg xmlns="));
  EXPECT_TRUE(svg.ends_with("</svg>"));
  EXPECT_EQ(count(svg, "<rect x="), 3u);
  EXPECT_EQ(count(svg, "<path d="), 3u);  // both operands of the product are x
  EXPECT_TRUE(holds(svg, ">MulBackward0 <"));
  EXPECT_TRUE(holds(svg, ">leaf <"));
  EXPECT_TRUE(holds(svg, "[2]"));
}

TEST(Still, WhatIsGoneIsDashed) {
  const Tensor x = leaf({1});
  start_recording(Recorder::Mode::automatic, 1);
  backward({x * x}, {}, false, false, {});
  const std::string svg = still_picture(view_of_recording(*stop_recording(), {}, {}));
  EXPECT_EQ(count(svg, "stroke-dasharray"), 2u);
}

TEST(Still, NoGraphIsSaidSo) {
  EXPECT_TRUE(holds(still_picture({}), "no graph"));
  EXPECT_EQ(text_tree({}), "backward graph: 0 nodes");
}

TEST(Still, WithoutABackwardGraphTheOpsAreDrawn) {
  start_recording(Recorder::Mode::full, 1);
  const Tensor x = vector({1, 2}), y = ops::sum(x * x + x);
  const GraphView g = view_of_recording(*stop_recording(), {}, {});
  const std::string svg = still_picture(g);
  EXPECT_EQ(count(svg, "<rect x="), 4u);  // x and three ops
  EXPECT_EQ(count(svg, "<path d="), 5u);
  EXPECT_TRUE(holds(svg, "<title>Forward trace, 3 ops</title>"));
  EXPECT_TRUE(holds(svg, ">mul <") && holds(svg, ">input <"));
  EXPECT_TRUE(holds(svg, "forward trace, 3 of 3 ops"));
  EXPECT_EQ(text_tree(g), "backward graph: 0 nodes; forward trace: 3 ops");
}

TEST(Still, OpsAreSixtyBoxesAtMost) {
  start_recording(Recorder::Mode::full, 1);
  Tensor y = vector({1, 2});
  for (int i = 0; i < 40; ++i) y = y * vector({1, 2});
  const std::string svg = still_picture(view_of_recording(*stop_recording(), {}, {}));
  EXPECT_LE(count(svg, "<rect x="), 60u);
  EXPECT_GE(count(svg, "<rect x="), 59u);
}

TEST(Still, TextIsEscapedAndCut) {
  const Tensor x = leaf({1}), y = x * x;
  Names names;
  names.tensors[x.id()] = "<script>&\"'" + std::string(10'000, 'x');
  const std::string svg = still_picture(view_of(y, names));
  EXPECT_FALSE(holds(svg, "<script"));
  EXPECT_TRUE(holds(svg, "&lt;script&gt;&amp;&quot;'"));
  EXPECT_LT(svg.size(), 4000u);
}

TEST(Still, WhatIsNoTextInXmlIsReplaced) {
  const Tensor x = leaf({1}), y = x * x;
  Names names;
  names.tensors[x.id()] =
      "a\x01\xFF\xEF\xBF\xBE"
      "b";  // a control, no UTF-8, and U+FFFE
  const std::string bad = "\xEF\xBF\xBD";
  EXPECT_TRUE(holds(still_picture(view_of(y, names)), ">a " + bad + bad + "b <"));
}

TEST(Tree, EachNodeOnceWithItsShape) {
  const Tensor x = leaf({1, 2}), y = ops::sum(x * x);
  Names names;
  names.tensors[x.id()] = "x";
  EXPECT_EQ(text_tree(view_of(y, names)),
            "backward graph: 3 nodes\n"
            "SumBackward0 []\n"
            "  MulBackward0 [2]\n"
            "    AccumulateGrad x [2]\n"
            "    AccumulateGrad x [2] (above)");
}

TEST(Tree, IsShort) {
  Tensor y = leaf({1});
  for (int i = 0; i < 500; ++i) y = -y;
  const std::string text = text_tree(view_of(y));
  EXPECT_EQ(count(text, "\n"), 41u);
  EXPECT_TRUE(text.ends_with("… 501 nodes in all"));
}

TEST(Tree, AFailureIsNamedAndItsMessageCutBetweenCharacters) {
  GraphView g;
  std::string message(199, 'a');
  g.failure = FailureView{"ValueError", message + "é and more", "f.py", 3};
  EXPECT_EQ(text_tree(g), "backward graph: 0 nodes, up to ValueError: " + message.substr(0, 197) + "…");
}

}  // namespace
