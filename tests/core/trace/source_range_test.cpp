#include "core/trace/source_range.h"

#include <gtest/gtest.h>

namespace tapescope::jit {
namespace {

struct Program : SiteSource {
  SiteId current() noexcept override { return 1; }
  SiteInfo resolve(SiteId id) override {
    ++resolved;
    if (id == 1) return {};
    return {"f.py", static_cast<int>(id), -1, -1, id == 3 ? "" : "inner"};
  }
  int resolved = 0;
};

TEST(SourceRange, IsResolvedWhenAsked) {
  Program program;
  SiteSource* before = std::exchange(site_source, &program);
  const SourceRange range({1, 2, 3});
  EXPECT_EQ(program.resolved, 0);
  EXPECT_EQ(range.short_form(), "f.py:2:0");  // the first frame that has a file
  EXPECT_EQ(range.str(), "f.py(2): inner\nf.py(3): <module>");
  site_source = before;
}

TEST(SourceRange, MayBeKnownInPartOrNotAtAll) {
  EXPECT_EQ(SourceRange().short_form(), "");
  EXPECT_EQ(SourceRange().str(), "");
  EXPECT_EQ(SourceRange("a.py", 7).short_form(), "a.py:7:0");
  EXPECT_EQ(SourceRange("a.py", 7).str(), "a.py(7)");
}

}  // namespace
}  // namespace tapescope::jit
