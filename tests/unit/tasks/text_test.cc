#include "tasks/text.h"

#include <gtest/gtest.h>

#include "core/error.h"

namespace berta::tasks {
namespace {

TEST(Strip, TakesWhatPythonTakes) {
  EXPECT_EQ(strip(" \t\r\n a b \x1c\x1d\x1e\x1f"), "a b");
  EXPECT_EQ(strip("\u00a0\u2003\u3000x\u0085\u2028"), "x");
  EXPECT_EQ(strip("\u200bx\ufeff"), "\u200bx\ufeff");
  EXPECT_EQ(strip(" \t "), "");
  EXPECT_EQ(strip(""), "");
}

TEST(Strip, LeavesInvalidBytes) {
  EXPECT_EQ(strip(" \xff "), "\xff");
  EXPECT_EQ(strip("\x80\x80\x80\x80\x80\x80"), "\x80\x80\x80\x80\x80\x80");
}

TEST(Lower, MapsCodePoints) {
  EXPECT_EQ(lower("PAR\u00cdS 12"), "par\u00eds 12");
  EXPECT_EQ(lower("\u0130"), "i\u0307");
  EXPECT_EQ(lower("\xff"
                  "A"),
            "\xff"
            "A");
}

TEST(Format, FillsTheLabelIn) {
  EXPECT_EQ(format("This example is {}.", "film"), "This example is film.");
  EXPECT_EQ(format("{{}} {0} {0}", "{}"), "{} {} {}");
}

TEST(Format, RefusesOtherPatterns) {
  for (const char* pattern : {"no place", "{{}}", "{} {}", "{1}", "{label}", "a { b", "a } b", ""}) {
    EXPECT_THROW(format(pattern, "x"), UserError) << pattern;
  }
}

}  // namespace
}  // namespace berta::tasks
