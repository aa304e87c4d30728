// spm.model is hostile input: each bad file is a UserError that names the file and the field (sentencepiece's
// CVE-2026-1260 and issues 1263, 1265, 1267, 1269, 1272, 1308 are among them).
#include "tokenizer/spm_model.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <fstream>
#include <iterator>
#include <limits>

#include "core/error.h"
#include "protobuf_writer.h"
#include "tokenizer/charsmap.h"
#include "tokenizer/spm_parts.h"

namespace berta::tokenizer {
namespace {

std::string error_of(const std::string& bytes) {
  try {
    const SpmModel model = parse_spm_model(bytes, "m/spm.model");
    if (!model.normalizer.charsmap.empty())
      Charsmap(model.normalizer.charsmap, "m/spm.model: field 'charsmap'");
    return "";
  } catch (const UserError& error) {
    return error.what();
  }
}

/// Expects an error that begins with the file and names the field.
void expect_error(const std::string& bytes, const std::string& field, const std::string& words) {
  const std::string error = error_of(bytes);
  EXPECT_EQ(error.rfind("m/spm.model: ", 0), 0u) << error;
  EXPECT_NE(error.find(field), std::string::npos) << error;
  EXPECT_NE(error.find(words), std::string::npos) << error;
  EXPECT_EQ(error.find('\n'), std::string::npos) << error;
}

const std::string kTrainer = ProtobufWriter().bytes(2, ProtobufWriter().varint(40, 0).text()).text();
const std::string kNormalizer = ProtobufWriter().bytes(3, "").text();
const std::string kUnknown = ProtobufWriter().bytes(1, spm_piece("?", 0, 2)).text();

/// A model of one more piece.
std::string with_piece(const std::string& piece) {
  return kUnknown + ProtobufWriter().bytes(1, piece).text() + kTrainer + kNormalizer;
}

TEST(SpmModels, AreRead) {
  const SpmModel model = parse_spm_model(small_spm_model(), "m/spm.model");
  EXPECT_EQ(model.pieces.size(), 33u);
  EXPECT_EQ(model.unknown, 3);
  EXPECT_EQ(model.trainer_unknown, 3);
  EXPECT_EQ(model.pieces[1].type, SpmPiece::Type::control);
  EXPECT_EQ(model.pieces[32].text, "ing");
  EXPECT_FLOAT_EQ(model.pieces[32].score, -4);
  EXPECT_TRUE(model.normalizer.add_dummy_prefix && !model.byte_fallback && !model.denormalizer);
  EXPECT_EQ(model.unknown_surface, " \xE2\x81\x87 ");
}

TEST(SpmModels, BadPiecesAreNamed) {
  expect_error(with_piece(spm_piece("", -1, 1)), "pieces[1].piece", "empty");
  expect_error(with_piece(spm_piece(std::string("a\0b", 3), -1, 1)), "pieces[1].piece", "zero byte");
  expect_error(with_piece(spm_piece(std::string(100000, 'a'), -1, 1)), "pieces[1].piece", "100000 bytes");
  expect_error(with_piece(spm_piece("\xFF", -1, 1)), "pieces[1].piece", "UTF-8");
  expect_error(with_piece(spm_piece("\xED\xA0\x80", -1, 1)), "pieces[1].piece", "UTF-8");
  expect_error(with_piece(spm_piece("a", std::nanf(""), 1)), "pieces[1].score", "finite");
  expect_error(with_piece(spm_piece("a", std::numeric_limits<float>::infinity(), 1)), "pieces[1].score",
               "finite");
  expect_error(with_piece(spm_piece("a", -1, 0)), "pieces[1].type", "found 0");
  expect_error(with_piece(spm_piece("a", -1, 7)), "pieces[1].type", "found 7");
  expect_error(with_piece(spm_piece("!", -1, 2)), "pieces[1].piece", "second");
  expect_error(with_piece(spm_piece("?", -1, 3)), "pieces[1].piece", "twice");
  expect_error(with_piece(ProtobufWriter().varint(1, 5).text()), "pieces[1].piece", "expected bytes");
  expect_error(with_piece(ProtobufWriter().bytes(1, "a").varint(2, 5).text()), "pieces[1].score", "a float");
}

TEST(SpmModels, PiecesMustFitTogether) {
  expect_error(kTrainer + kNormalizer, "pieces", "found none");
  expect_error("", "pieces", "found none");
  const std::string normal = ProtobufWriter().bytes(1, spm_piece("a", -1, 1)).text();
  expect_error(normal + kTrainer + kNormalizer, "pieces", "type 2");
  expect_error(kUnknown + normal + normal + kTrainer + kNormalizer, "pieces[2].piece", "twice");
  expect_error(with_piece(spm_piece("<0x41>", 0, 6)), "pieces[1].piece", "byte_fallback is false");
  const std::string fallback = ProtobufWriter().bytes(2, ProtobufWriter().varint(35, 1).text()).text();
  const auto byte = [](const char* name) { return ProtobufWriter().bytes(1, spm_piece(name, 0, 6)).text(); };
  expect_error(kUnknown + byte("<0x00>") + fallback + kNormalizer, "pieces", "none for byte 1");
  for (const char* name : {"<0xGG>", "<0x1>", "<0x0a>", "0x41", "<0x41"})
    expect_error(kUnknown + byte(name) + fallback + kNormalizer, "pieces[1].piece", "<0x00> to <0xFF>");
}

TEST(SpmModels, SpecsAreChecked) {
  expect_error(kUnknown + kNormalizer, "trainer_spec", "found none");
  expect_error(kUnknown + kTrainer, "normalizer_spec", "found none");
  const auto trainer = [](const ProtobufWriter& fields) {
    return kUnknown + ProtobufWriter().bytes(2, fields.text()).text() + kNormalizer;
  };
  expect_error(trainer(ProtobufWriter().varint(3, 3)), "trainer_spec.model_type", "found 3");
  expect_error(trainer(ProtobufWriter().varint(40, 9)), "trainer_spec.unk_id", "found 9");
  expect_error(trainer(ProtobufWriter().varint(40, ~0ull)), "trainer_spec.unk_id", "found -1");
  expect_error(trainer(ProtobufWriter().varint(40, 1ull << 40)), "trainer_spec.unk_id", "32-bit");
  expect_error(trainer(ProtobufWriter().bytes(44, "\xFF")), "trainer_spec.unk_surface", "UTF-8");
  EXPECT_EQ(error_of(trainer(ProtobufWriter().bytes(1, "corpus.txt").varint(3, 1))), "");
}

TEST(SpmModels, BrokenWireFormatIsNamed) {
  expect_error("\x0A\xFF\xFF\xFF\xFF\x0F", "m/spm.model", "expected 4294967295 bytes");
  expect_error("\x0A\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01x", "m/spm.model",
               "expected 18446744073709551615 bytes");
  expect_error("\x08\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF", "m/spm.model", "at most 10 bytes");
  expect_error(std::string("\x02\x00", 2), "m/spm.model", "field number");
  expect_error("\x0B", "m/spm.model", "wire type");  // a group
  expect_error("\x0F", "m/spm.model", "wire type");
  expect_error("\x80", "m/spm.model", "end of the message");
  expect_error("\x0D\x01", "m/spm.model", "expected 4 bytes");
  expect_error("\x09\x01", "m/spm.model", "expected 8 bytes");
  expect_error(with_piece("\x0A\x05"
                          "ab"),
               "pieces[1]", "expected 5 bytes");
}

TEST(SpmModels, EveryPrefixIsAnErrorOrTheModel) {
  const std::string whole = small_spm_model();
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const std::string error = error_of(whole.substr(0, size));
    EXPECT_EQ(error.rfind("m/spm.model: ", 0), 0u) << size << ": " << error;
  }
  EXPECT_EQ(error_of(whole), "");
}

TEST(SpmModels, EveryPrefixOfATrainedOneIsAnError) {
  std::ifstream file(std::string(BERTA_TEST_DATA) + "/data/tokenizers/variants/bytes/spm.model",
                     std::ios::binary);
  const std::string whole{std::istreambuf_iterator<char>(file), {}};
  ASSERT_GT(whole.size(), 5000u);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const std::string error = error_of(whole.substr(0, size));
    ASSERT_EQ(error.rfind("m/spm.model: ", 0), 0u) << size << ": " << error;
  }
  EXPECT_EQ(error_of(whole), "");
}

/// A charsmap of a trie and its values.
std::string charsmap(const std::vector<std::uint32_t>& units, std::string_view values) {
  std::string out;
  const auto put = [&](std::uint32_t value) {
    for (int i = 0; i < 4; ++i) out.push_back(static_cast<char>(value >> (8 * i) & 0xFF));
  };
  put(static_cast<std::uint32_t>(4 * units.size()));
  for (const std::uint32_t unit : units) put(unit);
  return out.append(values);
}

/// A trie whose one key is 'A' (position 1 ^ 'A' = 64), which leads to the value at `position`.
std::vector<std::uint32_t> trie_of_a(std::uint32_t position) {
  std::vector<std::uint32_t> units(256);
  units[0] = 1u << 10;               // children at 1
  units[64] = 2u << 10 | 256 | 'A';  // a key ends here; its value at 64 ^ 2
  units[66] = 0x80000000 | position;
  return units;
}

TEST(Charsmaps, ReplaceKeys) {
  const Charsmap map(charsmap(trie_of_a(2), std::string("xy\0", 3).substr(0) + std::string("zz\0", 3)),
                     "map");
  const auto found = map.shortest("AB");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->length, 1u);
  EXPECT_EQ(found->value, "");  // position 2 is the end of the first value
  EXPECT_FALSE(map.shortest("B") || map.longest("") || map.shortest(std::string("\0A", 2)));
  EXPECT_TRUE(map.may_begin('A') && map.is_key('A') && !map.may_begin('B'));
}

TEST(Charsmaps, BadOnesAreRefused) {
  const auto refused = [](const std::string& bytes, const std::string& words) {
    expect_error(small_spm_model(bytes), "charsmap", words);
  };
  const std::string value("x\0", 2);
  refused("abc", "at least 4 bytes");
  refused(charsmap({}, value), "a size of 0");
  refused(charsmap({1}, value).substr(0, 6), "a size of 4");
  refused(std::string("\x03\0\0\0abcdef\0", 11), "a size of 3");
  refused(std::string("\xFC\xFF\xFF\xFF", 4) + value, "4294967292");
  refused(charsmap(trie_of_a(0), ""), "found none");
  refused(charsmap(trie_of_a(0), "x"), "another byte at the end");
  refused(charsmap(trie_of_a(0), std::string("\xFF\0", 2)), "UTF-8");
  refused(charsmap(trie_of_a(2), value), "a position");
  refused(charsmap(trie_of_a(0x7FFFFFFF), value), "a position");
  std::vector<std::uint32_t> outside = trie_of_a(0);
  outside[64] = 0x3FFu << 10 | 512 | 256 | 'A';
  refused(charsmap(outside, value), "a unit");
  refused(charsmap({0x100}, value), "a position");  // the root itself as a key, whose value is not one
}

TEST(Charsmaps, WalksStayInside) {
  std::vector<std::uint32_t> units = trie_of_a(0);
  units[0] = 0xFFFFFu << 10 | 512;  // the root leads far away
  const Charsmap map(charsmap(units, std::string("x\0", 2)), "map");
  for (int b = 0; b < 256; ++b) {
    const std::string text(3, static_cast<char>(b));
    EXPECT_FALSE(map.shortest(text) || map.longest(text));
  }
}

RC_GTEST_PROP(Charsmaps, RandomUnitsNeverLeaveTheArray, ()) {
  const auto units = *rc::gen::container<std::vector<std::uint32_t>>(rc::gen::arbitrary<std::uint32_t>());
  RC_PRE(!units.empty());
  const auto text = *rc::gen::arbitrary<std::string>();
  try {
    const Charsmap map(charsmap(units, std::string("abc\0def\0", 8)), "map");
    for (std::size_t i = 0; i < text.size(); ++i) {
      const auto match = map.longest(std::string_view(text).substr(i));
      RC_ASSERT(!match || match->length <= text.size() - i);
    }
  } catch (const UserError& error) {
    RC_ASSERT(std::string(error.what()).rfind("map: ", 0) == 0);
  }
}

RC_GTEST_PROP(SpmModels, ChangedBytesAreAnErrorOrAModel, ()) {
  std::string bytes = small_spm_model(charsmap(trie_of_a(0), std::string("x\0", 2)));
  const auto changes = *rc::gen::container<std::vector<std::pair<std::uint32_t, char>>>(
      rc::gen::pair(rc::gen::arbitrary<std::uint32_t>(), rc::gen::arbitrary<char>()));
  for (const auto& [place, value] : changes) bytes[place % bytes.size()] = value;
  const std::string error = error_of(bytes);
  RC_ASSERT(error.empty() || error.rfind("m/spm.model: ", 0) == 0);
}

}  // namespace
}  // namespace berta::tokenizer
