#include "tokenizer/pattern.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "core/utf8.h"
#include "model_helpers.h"
#include "tokenizer/categories.h"

namespace berta::tokenizer {
namespace {

/// The text with each match in brackets.
std::string marked(const Pattern& pattern, std::string_view text) {
  const std::u32string points = decode_utf8(text);
  std::u32string out;
  std::size_t end = 0;
  for (const PatternMatch& match : pattern.find_all(points)) {
    out += points.substr(end, match.begin - end) + U"[" +
           points.substr(match.begin, match.end - match.begin) + U"]";
    end = match.end;
  }
  return encode_utf8(out + points.substr(end));
}

std::string marked(const char* expression, std::string_view text) {
  return marked(*regex_pattern(expression, "f.json: key 'p'"), text);
}

TEST(Pattern, LiteralsAreFoundAsTheyStand) {
  EXPECT_EQ(marked(*literal_pattern(U"a."), "a.a.ba"), "[a.][a.]ba");
  EXPECT_EQ(marked(*literal_pattern(U"aa"), "aaa"), "[aa]a");
  EXPECT_EQ(marked(*literal_pattern(U""), "ab"), "[]a[]b[]");
}

TEST(Pattern, EmptyMatchesDoNotFollowOthers) {
  EXPECT_EQ(marked("b*", "abbc\xC3\xA9"), "[]a[bb]c[]\xC3\xA9[]");
  EXPECT_EQ(marked("^", "ab\nc\n"), "[]ab\n[]c\n");
  EXPECT_EQ(marked("$", "ab\nc\n"), "ab[]\nc[]\n[]");
  EXPECT_EQ(marked("", "ab"), "[]a[]b[]");
}

TEST(Pattern, SetsAreThoseOfOniguruma) {
  EXPECT_EQ(marked(R"(\s)", "a\x0B\xC2\x85\xE1\xA0\x8E"), "a[\x0B][\xC2\x85]\xE1\xA0\x8E");  // not U+180E
  EXPECT_EQ(marked(R"(\w+)", "e\xCC\x81_1-\xC2\xB2"), "[e\xCC\x81_1]-[\xC2\xB2]");
  EXPECT_EQ(marked(R"(\d+)", "12\xD9\xA3\xC2\xBD"), "[12\xD9\xA3]\xC2\xBD");
  EXPECT_EQ(marked(R"(\h+)", "fag 0"), "[fa]g [0]");
  EXPECT_EQ(marked(R"(\v)", "a\x0B\nb"), "a[\x0B]\nb");
  EXPECT_EQ(marked(R"([^\s\p{L}]+)", "a1! b"), "a[1!] b");
  EXPECT_EQ(marked(R"([\W]+)", "a-- b"), "a[-- ]b");
  EXPECT_EQ(marked(R"(\p{Lu}\p{lowercase_letter}*)", "aBcD"), "a[Bc][D]");
  EXPECT_EQ(marked(R"(\p{^L}+|\P{L})", "a1b"), "a[1]b");
  EXPECT_EQ(marked(R"(\p{Han}+)", "a\xE5\xAD\x97\xE3\x80\x85"), "a[\xE5\xAD\x97\xE3\x80\x85]");
  EXPECT_EQ(marked(R"(\p{Alphabetic}+)", "1ab"), "1[ab]");
  EXPECT_EQ(marked(R"(\p{L}+)", "\xF0\x96\xB5\x80"), "[\xF0\x96\xB5\x80]");  // U+16D40, new in Unicode 16.0
}

TEST(Pattern, SyntaxIsRubys) {
  EXPECT_EQ(marked(R"(.)", "a\n"), "[a]\n");
  EXPECT_EQ(marked(R"((?m:.)+)", "a\n"), "[a\n]");
  EXPECT_EQ(marked(R"(a{,2})", "aaab"), "[aa][a]b[]");
  EXPECT_EQ(marked(R"(\u0041)", "aA"), "a[A]");
  EXPECT_EQ(marked(R"(\Qa\E)", "QaE"), "[QaE]");
  EXPECT_EQ(marked(R"([]a]+)", "a]b"), "[a]]b");
  EXPECT_EQ(marked(R"((?i:'s|'t))", "it'S"), "it['S]");
  EXPECT_EQ(marked(R"((?<=a)b(?!c))", "abcab"), "abca[b]");
  EXPECT_EQ(marked(R"((.)\1)", "abba"), "a[bb]a");
  EXPECT_EQ(marked(R"((?#x)a)", "a"), "[a]");
  EXPECT_EQ(marked(R"([[:digit:]b]+)", "ab1"), "a[b1]");
  EXPECT_EQ(marked(R"(\O)", "\n"), "[\n]");
  EXPECT_EQ(marked(R"({)", "{"), "[{]");
}

TEST(Pattern, WhatDoesNotCompileIsAnErrorThatSaysWhere) {
  for (const char* bad :
       {"(",      "[a",    "a**b(",   "\\",    "[\\",           "(?z)",    "(?P<a>b)", "[a[b]]",
        "[a&&b]", "(?~a)", "(*FAIL)", "\\p{",  "\\p{Nonsense}", "\\p{}",   "(?#",      "\\y",
        "\\C-a",  "(?R)",  "\\u12",   "[z-a]", "(?C1)",         "(?<=a*)b"}) {
    SCOPED_TRACE(bad);
    expect_error([&] { regex_pattern(bad, "f.json: key 'p'"); },
                 {"f.json: key 'p': expected a regular expression"});
  }
  expect_error([] { regex_pattern(std::string(20'000, 'a'), "f.json: key 'p'"); }, {"at most 16384 bytes"});
  expect_error([] { regex_pattern(std::string(400, '(') + std::string(400, ')'), "f.json: key 'p'"); },
               {"compile"});
}

TEST(Pattern, TextsThatTakeTooManyStepsAreErrors) {
  const auto pattern = regex_pattern("(a|aa)+[bc]", "f.json: key 'p'");
  expect_error([&] { pattern->find_all(std::u32string(5000, U'a')); }, {"f.json: key 'p'", "steps"});
}

TEST(Pattern, LongTextsTakeLinearTime) {
  const std::u32string text(1'000'000, U' ');
  EXPECT_EQ(regex_pattern(R"(\s+(?!\S)|\s+)", "f")->find_all(text + U"x").size(), 2u);
  EXPECT_EQ(regex_pattern(R"(\s)", "f")->find_all(text).size(), text.size());
}

TEST(Pattern, AnyExpressionGivesMatchesInOrderOrAnError) {
  const std::string letters = "ab(|)[]^$.*+?{}\\pLsdwm:=!<>1,-'x\xC3\xA9";
  EXPECT_TRUE(rc::check([&](std::uint8_t length, std::uint8_t text_length) {
    const std::string expression = *rc::gen::container<std::string>(length % 12, rc::gen::elementOf(letters));
    const std::string text =
        *rc::gen::container<std::string>(text_length % 30, rc::gen::elementOf(std::string("ab1- \n")));
    if (find_invalid_utf8(expression)) return;
    try {
      std::size_t end = 0;
      for (const PatternMatch& match : regex_pattern(expression, "f")->find_all(decode_utf8(text))) {
        RC_ASSERT(match.begin >= end && match.end >= match.begin && match.end <= text.size());
        end = match.end;
      }
    } catch (const UserError&) {
      RC_TAG("error");
    }
  }));
}

TEST(Categories, CountAsInUnicode16) {
  const auto count = [](const CodePointRanges& ranges) {
    std::size_t total = 0;
    for (const auto& [begin, end] : ranges) total += end - begin + 1;
    return total;
  };
  EXPECT_EQ(count(*category_ranges("L")), 141'028u);
  EXPECT_EQ(count(*category_ranges("N")), 1'911u);
  EXPECT_EQ(count(*category_ranges("Any")), 0x110000u - 2048);
  EXPECT_EQ(count(word_ranges()), 144'671u);
  EXPECT_EQ(count(word_ranges()) + count(complement(word_ranges())), 0x110000u - 2048);
  EXPECT_EQ(category_ranges("Xx"), std::nullopt);
  EXPECT_EQ(script_ranges("klingon"), std::nullopt);
}

}  // namespace
}  // namespace berta::tokenizer
