#include "io/json.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <bit>
#include <cmath>
#include <limits>

#include "core/utf8.h"
#include "temporary.h"

namespace berta::io {
namespace {

Json parse(std::string_view text) {
  return parse_json(text, "t.json");
}

/// Writes a value as a caller would, with the two append functions.
void write(std::string& out, const Json& json) {
  if (json.is_string()) {
    append_json_string(out, json.as_string(""));
  } else if (json.is_integer()) {
    out += std::to_string(json.as_integer(""));
  } else if (json.is_number()) {
    append_json_number(out, json.as_number(""));
  } else if (json.is_bool()) {
    out += json.as_bool("") ? "true" : "false";
  } else if (json.is_array()) {
    out += '[';
    for (const Json& item : json.as_array("")) {
      if (out.back() != '[') out += " , ";
      write(out, item);
    }
    out += ']';
  } else if (json.is_object()) {
    out += '{';
    for (const auto& [key, item] : json.as_object("")) {
      if (out.back() != '{') out += ",\n";
      append_json_string(out, key);
      out += " : ";
      write(out, item);
    }
    out += '}';
  } else {
    out += "null";
  }
}

bool same(const Json& a, const Json& b) {
  if (a.value().index() != b.value().index()) return false;
  if (a.is_array()) {
    const auto& x = a.as_array("");
    const auto& y = b.as_array("");
    return std::equal(x.begin(), x.end(), y.begin(), y.end(), same);
  }
  if (a.is_object()) {
    const auto& x = a.as_object("");
    const auto& y = b.as_object("");
    return std::equal(x.begin(), x.end(), y.begin(), y.end(), [](const auto& p, const auto& q) {
      return p.first == q.first && same(p.second, q.second);
    });
  }
  if (a.is_integer()) return a.as_integer("") == b.as_integer("");
  if (a.is_number()) {
    return std::bit_cast<std::uint64_t>(a.as_number("")) == std::bit_cast<std::uint64_t>(b.as_number(""));
  }
  if (a.is_string()) return a.as_string("") == b.as_string("");
  return a.is_null() || a.as_bool("") == b.as_bool("");
}

std::string random_text() {
  std::string text;
  for (const auto value : *rc::gen::arbitrary<std::vector<std::uint32_t>>()) {
    append_utf8(text, value % 4 ? value % 128 : value % 0x110000);
  }
  return text;
}

Json random_json(int depth) {
  switch (*rc::gen::inRange(0, depth > 0 ? 7 : 5)) {
    case 0:
      return Json();
    case 1:
      return Json(*rc::gen::arbitrary<bool>());
    case 2:
      return Json(*rc::gen::arbitrary<std::int64_t>());
    case 3: {
      const auto number = std::bit_cast<double>(*rc::gen::arbitrary<std::uint64_t>());
      return Json(std::isnan(number) ? 0.5 : number);
    }
    case 4:
      return Json(random_text());
    case 5: {
      Json::Array array;
      for (int i = *rc::gen::inRange(0, 4); i > 0; --i) array.push_back(random_json(depth - 1));
      return Json(std::move(array));
    }
    default: {
      Json::Object object;
      for (int i = *rc::gen::inRange(0, 12); i > 0; --i) {
        object.emplace_back(std::to_string(i) + random_text(), random_json(depth - 1));
      }
      return Json(std::move(object));
    }
  }
}

TEST(Json, ReadsBackWhatItWrites) {
  EXPECT_TRUE(rc::check([] {
    const Json json = random_json(3);
    std::string text;
    write(text, json);
    RC_ASSERT(same(json, parse(text)));
  }));
}

TEST(Json, MutatedTextGivesAValueOrAUserError) {
  EXPECT_TRUE(rc::check([](std::uint8_t byte, std::size_t place) {
    std::string text;
    write(text, random_json(3));
    text[place % text.size()] = static_cast<char>(byte);
    const std::string error = error_of([&] { parse(text); });
    RC_ASSERT(error.empty() || error.starts_with("t.json: invalid JSON at line "));
  }));
}

TEST(Json, KeepsOrderTypesAndPairs) {
  const Json json =
      parse(" {\"b\": [1, 2.0, -0.5e1, true, null], \"a\": {\"\\ud83e\\udd73\\n\": \"\\u00e9\\/\"}}\r\n");
  const auto& members = json.as_object("t");
  ASSERT_EQ(members.size(), 2u);
  EXPECT_EQ(members[0].first, "b");
  const auto& array = members[0].second.as_array("b");
  EXPECT_TRUE(array[0].is_integer());
  EXPECT_FALSE(array[1].is_integer());
  EXPECT_EQ(array[1].as_integer("b"), 2);
  EXPECT_EQ(array[2].as_number("b"), -5.0);
  EXPECT_TRUE(array[3].as_bool("b"));
  EXPECT_TRUE(array[4].is_null());
  EXPECT_EQ(members[1].second.as_object("a")[0].first, "\xF0\x9F\xA5\xB3\n");
  EXPECT_EQ(json.find("a")->find("\xF0\x9F\xA5\xB3\n")->as_string("a"), "\xC3\xA9/");
  EXPECT_EQ(json.find("c"), nullptr);
  EXPECT_EQ(Json(true).find("a"), nullptr);
}

TEST(Json, ReadsScalarsAsWholeTexts) {
  EXPECT_EQ(parse(" 7 ").as_integer(""), 7);
  EXPECT_EQ(parse("\"x\"").as_string(""), "x");
  EXPECT_TRUE(parse("null").is_null());
  EXPECT_FALSE(parse("false").as_bool(""));
}

TEST(Json, KeepsNumbersThatInt64CannotHold) {
  EXPECT_EQ(parse("1000000000000000019884624838656").as_number(""), 1e30);
  EXPECT_EQ(parse("9223372036854775807").as_integer(""), std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(parse("-9223372036854775808").as_integer(""), std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(parse("9223372036854775808").as_number(""), 0x1p63);
  EXPECT_TRUE(std::signbit(parse("-0").as_number("")));
  EXPECT_EQ(parse("1e-999").as_number(""), 0.0);
  EXPECT_EQ(parse("8.0").as_integer(""), 8);
}

TEST(Json, ReadsWhatPythonWritesForNan) {
  EXPECT_TRUE(std::isnan(parse("NaN").as_number("")));
  EXPECT_EQ(parse("[-Infinity]").as_array("")[0].as_number(""), -std::numeric_limits<double>::infinity());
  EXPECT_EQ(parse("{\"a\":Infinity}").find("a")->as_number(""), std::numeric_limits<double>::infinity());
  EXPECT_NE(error_of([] { parse_json("[NaN]", "t", {.allow_nan = false}); }), "");
}

TEST(Json, SaysWhereAndWhy) {
  EXPECT_EQ(error_of([] { parse("{\"a\": 1,\n \"b\" 2}"); }),
            "t.json: invalid JSON at line 2, byte 14: a syntax error");
  EXPECT_EQ(error_of([] { parse("[1, \xff]"); }), "t.json: invalid JSON at line 1, byte 4: invalid UTF-8");
  EXPECT_EQ(error_of([] { parse("{\"a\":{\"b\":1,\"b\":2}}"); }),
            "t.json: invalid JSON at line 1, byte 5: key \"b\" twice in one object");
  EXPECT_EQ(error_of([] { parse("[\"a\tb\"]"); }),
            "t.json: invalid JSON at line 1, byte 3: a control character inside a string");
  EXPECT_EQ(error_of([] { parse_json("[1]", "t", {.max_bytes = 2}); }),
            "t: 3 bytes of JSON, expected at most 2");
}

TEST(Json, BoundsDepth) {
  const auto nested = [](std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  EXPECT_EQ(error_of([&] { parse(nested(64)); }), "");
  EXPECT_NE(error_of([&] { parse(nested(65)); }), "");
  EXPECT_EQ(error_of([&] { parse_json(nested(3), "t", {.max_depth = 2}); }),
            "t: invalid JSON at line 1, byte 2: nested deeper than 2 levels");
  EXPECT_NE(error_of([&] { parse(std::string(10'000'000, '[')); }), "");
}

TEST(Json, FindsAKeyTwiceAmongMany) {
  std::string text = "{";
  for (int i = 0; i < 10'000; ++i) text += "\"k" + std::to_string(i) + "\":0,";
  EXPECT_EQ(parse(text + "\"x\":0}").as_object("").size(), 10'001u);
  EXPECT_NE(error_of([&] { parse(text + "\"k77\":0}"); }).find("\"k77\" twice"), std::string::npos);
}

TEST(Json, AccessorsNameWhatTheyFound) {
  const Json json = parse("[\"x\", 1.5, 1e300, {}]");
  const auto& items = json.as_array("");
  EXPECT_EQ(error_of([&] { items[0].as_integer("c.json: key 'n'"); }),
            "c.json: key 'n': expected an integer, found a string");
  EXPECT_EQ(error_of([&] { items[1].as_integer("n"); }), "n: expected an integer of 64 bits, found 1.5");
  EXPECT_EQ(error_of([&] { items[2].as_integer("n"); }), "n: expected an integer of 64 bits, found 1e+300");
  EXPECT_EQ(error_of([&] { items[3].as_number("n"); }), "n: expected a number, found an object");
  EXPECT_EQ(error_of([&] { items[3].as_string("n"); }), "n: expected a string, found an object");
  EXPECT_EQ(error_of([&] { items[0].as_array("n"); }), "n: expected an array, found a string");
  EXPECT_EQ(error_of([&] { items[0].as_object("n"); }), "n: expected an object, found a string");
  EXPECT_EQ(error_of([&] { Json().as_bool("n"); }), "n: expected a boolean, found null");
}

TEST(Json, ReadsFiles) {
  const TemporaryFolder folder;
  EXPECT_EQ(read_json(folder.write("a.json", "{\"a\": 1}")).find("a")->as_integer(""), 1);
  EXPECT_EQ(error_of([&] { read_json(folder.file("b.json")); }),
            folder.file("b.json") + ": cannot open: No such file or directory");
  EXPECT_TRUE(error_of([&] { read_json(folder.write("c.json", "")); }).starts_with(folder.file("c.json")));
}

TEST(JsonWrite, NumbersReadBackExactly) {
  EXPECT_TRUE(rc::check([](std::uint64_t bits, std::uint32_t narrow_bits) {
    const auto wide = std::bit_cast<double>(bits);
    const auto narrow = std::bit_cast<float>(narrow_bits);
    RC_PRE(std::isfinite(wide) && std::isfinite(narrow));
    std::string text;
    append_json_number(text, wide);
    RC_ASSERT(parse(text).as_number("") == wide);
    text.clear();
    append_json_number(text, narrow);
    RC_ASSERT(static_cast<float>(parse(text).as_number("")) == narrow);
  }));
}

TEST(JsonWrite, WholeValuesReadBack) {
  const std::string text = R"({"a":[1,-2.5,true,false,null,{}],"b":{"c":"\"\u00e9"},"d":[]})";
  std::string out;
  append_json(out, parse_json(text, "text"));
  std::string again;
  append_json(again, parse_json(out, "out"));
  EXPECT_EQ(out, again);
  EXPECT_EQ(out, "{\"a\":[1,-2.5,true,false,null,{}],\"b\":{\"c\":\"\\\"\xC3\xA9\"},\"d\":[]}");
}

TEST(JsonWrite, FloatsAreShortAndStayFloats) {
  std::string text;
  append_json_number(text, 0.1f);
  text += ' ';
  append_json_number(text, 3.0);
  text += ' ';
  append_json_number(text, std::numeric_limits<float>::quiet_NaN());
  text += ' ';
  append_json_number(text, -std::numeric_limits<double>::infinity());
  EXPECT_EQ(text, "0.1 3.0 NaN -Infinity");
}

TEST(JsonWrite, EscapesWhatMustBe) {
  std::string text;
  append_json_string(text, std::string_view("a\"\\\n\r\t\b\f\x01\0\x7f\xC3\xA9", 13));
  EXPECT_EQ(text, "\"a\\\"\\\\\\n\\r\\t\\b\\f\\u0001\\u0000\x7f\xC3\xA9\"");
  text.clear();
  append_json_string(text, "a\xff");
  EXPECT_EQ(text, "\"a\xEF\xBF\xBD\"");
}

}  // namespace
}  // namespace berta::io
