#include "core/inspect/text.h"

#include <gtest/gtest.h>

using namespace tapescope::inspect;

namespace {

TEST(JsonString, EscapesWhatJsonAsks) {
  EXPECT_EQ(json_string("a\"\\\n\r\t\x01\x7f/é"), "\"a\\\"\\\\\\n\\r\\t\\u0001\x7f/é\"");
  EXPECT_EQ(json_string(std::string_view("\0", 1)), "\"\\u0000\"");
}

// Python's surrogate escapes, a text cut in two, a file of another encoding: a document is UTF-8 whatever comes in.
TEST(JsonString, WhatIsNoUtf8IsReplaced) {
  const std::string bad = "\xEF\xBF\xBD";
  EXPECT_EQ(json_string("a\xFF"
                        "b"),
            "\"a" + bad + "b\"");
  EXPECT_EQ(json_string("\xC3"), "\"" + bad + "\"");                                // cut off
  EXPECT_EQ(json_string("\xC0\x80"), "\"" + bad + bad + "\"");                      // overlong
  EXPECT_EQ(json_string("\xED\xA0\x80"), "\"" + bad + bad + bad + "\"");            // a surrogate
  EXPECT_EQ(json_string("\xF4\x90\x80\x80"), "\"" + bad + bad + bad + bad + "\"");  // past the last character
  EXPECT_EQ(json_string("é€😀"), "\"é€😀\"");
}

TEST(Xml, EscapesMarkupAndReplacesWhatXmlDoesNotKnow) {
  EXPECT_EQ(xml("<a b=\"c\">&'é"), "&lt;a b=&quot;c&quot;&gt;&amp;'é");
  EXPECT_EQ(xml("a\nb\x01"), "a b ");
  EXPECT_EQ(xml("\xEF\xBF\xBF\xFF"), "\xEF\xBF\xBD\xEF\xBF\xBD");
}

TEST(Cut, BetweenCharacters) {
  EXPECT_EQ(cut("abcdef", 6), "abcdef");
  EXPECT_EQ(cut("abcdefg", 6), "abc…");
  EXPECT_EQ(cut("abéfghi", 6), "ab…");  // é would be cut in two
  EXPECT_EQ(cut("😀😀😀", 8), "😀…");
}

TEST(Characters, AreCountedNotBytes) {
  EXPECT_EQ(characters("aé€😀"), 4u);
  EXPECT_EQ(characters("\xFF\xC3"), 2u);
}

TEST(Utf8, OfAnyBytes) {
  EXPECT_EQ(utf8("aé"), "aé");
  EXPECT_EQ(utf8("a\xC3"), "a\xEF\xBF\xBD");
}

}  // namespace
