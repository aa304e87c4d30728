#include <gtest/gtest.h>

#include "io/torch_globals.h"
#include "io/torch_pickle.h"
#include "temporary.h"

namespace berta::io {
namespace {

using namespace std::string_literals;

PickleDocument run(const std::string& content) {
  return unpickle(std::as_bytes(std::span(content)), "t");
}

std::string refused(const std::string& content) {
  return error_of([&] { run(content); });
}

const std::string kStart = "\x80\x02";

TEST(Pickle, ReadsNumbers) {
  // 0, 255, 65535, -1, True, None, 1.5, 300 and -300 as LONG1, 2^63 as LONG4
  const std::string text = kStart + "(K\0K\xffM\xff\xffJ\xff\xff\xff\xff\x88NG\x3f\xf8\0\0\0\0\0\0"s +
                           "\x8a\x02\x2c\x01\x8a\x02\xd4\xfe\x8a\0\x8b\x09\0\0\0\0\0\0\0\0\0\0\x80\0t."s;
  const PickleDocument document = run(text);
  const auto& items = document.top().items;
  const auto integer = [&](std::size_t i) { return document[items[i]].integer; };
  ASSERT_EQ(items.size(), 11u);
  EXPECT_EQ(integer(0), 0);
  EXPECT_EQ(integer(1), 255);
  EXPECT_EQ(integer(2), 65535);
  EXPECT_EQ(integer(3), -1);
  EXPECT_EQ(document[items[4]].kind, PickleKind::boolean);
  EXPECT_EQ(document[items[5]].kind, PickleKind::none);
  EXPECT_EQ(document[items[6]].real, 1.5);
  EXPECT_EQ(integer(7), 300);
  EXPECT_EQ(integer(8), -300);
  EXPECT_EQ(integer(9), 0);
  EXPECT_EQ(document[items[10]].kind, PickleKind::big_integer);
  EXPECT_EQ(document.bytes, text.size());
}

TEST(Pickle, ReadsTextsAndContainers) {
  const std::string pair = "\x8c\1pC\1q\x86"s;           // ("p", b"q")
  const std::string dict_of_set = "}U\1c\x8f(NN\x90s"s;  // {"c": set()}
  const std::string memoized = "X\1\0\0\0d\x94h\0"s;
  const std::string dropped = "N0(NNN1"s;
  const std::string text = "\x80\x04](" + pair + dict_of_set + memoized + dropped + "e.";
  const PickleDocument document = run(text);  // its strings lie in the text
  const auto& items = document.top().items;
  ASSERT_EQ(items.size(), 4u);
  EXPECT_EQ(document[document[items[0]].items[0]].text, "p");
  EXPECT_EQ(document[document[items[0]].items[1]].kind, PickleKind::bytes);
  EXPECT_EQ(document[document[items[1]].items[1]].kind, PickleKind::set);
  EXPECT_EQ(items[2], items[3]);
  const PickleDocument dict = run(kStart + "(K\x03N(K\x01lK\x02" + "d."s);
  ASSERT_EQ(dict.top().kind, PickleKind::dict);
  EXPECT_EQ(dict.top().items.size(), 4u);
  EXPECT_EQ(dict[dict.top().items[2]].kind, PickleKind::list);
}

TEST(Pickle, BoundsValuesStackMarksStepsAndMemo) {
  EXPECT_NE(refused(kStart + std::string(300'001, ']') + ".").find("300000 values"), std::string::npos);
  EXPECT_NE(refused(kStart + std::string(1'000'001, '(') + ".").find("1000000 marks"), std::string::npos);
  EXPECT_NE(refused(kStart + "N" + std::string(1'000'001, '2') + ".").find("1000000 values"),
            std::string::npos);
  std::string steps = kStart + "N";
  for (int i = 0; i < 1'000'001; ++i) steps += "20";
  EXPECT_NE(refused(steps + ".").find("2000000 steps"), std::string::npos);
  std::string memo = kStart + "N";
  for (std::uint32_t i = 0; i < 300'001; ++i) {
    memo += 'r';
    memo.append(reinterpret_cast<const char*>(&i), 4);
  }
  EXPECT_NE(refused(memo + ".").find("memo of more than 300000"), std::string::npos) << refused(memo + ".");
}

TEST(Pickle, NestsWithoutRecursion) {
  std::string deep = kStart;
  for (int i = 0; i < 250'000; ++i) deep += ')';
  for (int i = 0; i < 49'000; ++i) deep += '\x85';
  EXPECT_EQ(refused(deep + "."), "");
}

TEST(Pickle, GlobalsKnowBothNamesOfTheBuiltinModule) {
  EXPECT_TRUE(find_global("builtins", "set"));
  EXPECT_EQ(find_global("__builtin__", "set"), find_global("builtins", "set"));
  EXPECT_FALSE(find_global("builtins", "eval"));
  EXPECT_FALSE(find_global("collections.OrderedDict", ""));
  EXPECT_FALSE(find_global("", ""));
}

}  // namespace
}  // namespace berta::io
