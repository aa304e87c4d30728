#include <fmt/core.h>

#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "core/error.h"
#include "tokenizer/bpe.h"
#include "tokenizer/in_quotes.h"
#include "tokenizer/json_parts.h"
#include "tokenizer/unigram.h"
#include "tokenizer/vocabulary_files.h"
#include "tokenizer/wordpiece.h"

namespace berta::tokenizer {
namespace {

/// One entry of "merges": "a b", or ["a", "b"] where a name may hold blanks.
BpeMerge read_merge(const io::Json& json, std::size_t number, const std::string& where) {
  const auto fail = [&](std::string_view found) {
    throw UserError(
        fmt::format("{}[{}]: expected \"a b\" or [\"a\", \"b\"], found {}", where, number, found));
  };
  if (json.is_string()) {
    const std::string_view text = json.as_string(where);
    const std::size_t blank = text.find(' ');
    if (blank == std::string_view::npos || text.find(' ', blank + 1) != std::string_view::npos)
      fail(in_quotes(text));
    return {text.substr(0, blank), text.substr(blank + 1), number};
  }
  if (!json.is_array()) fail("another type");
  const io::Json::Array& parts = json.as_array(where);
  if (parts.size() != 2 || !parts[0].is_string() || !parts[1].is_string()) fail("another array");
  return {parts[0].as_string(where), parts[1].as_string(where), number};
}

constexpr int kLargestPower = 308;

/// 10^0 to 10^308, each correctly rounded.
double power_of_ten(int exponent) {
  static const std::array<double, kLargestPower + 1> powers = [] {
    std::array<double, kLargestPower + 1> table{};
    for (std::size_t i = 0; i < table.size(); ++i) {
      const std::string text = "1e" + std::to_string(i);
      std::from_chars(text.data(), text.data() + text.size(), table[i]);
    }
    return table;
  }();
  return powers[static_cast<std::size_t>(exponent)];
}

NamedModel read_bpe(const JsonNode& node) {
  if (const auto dropout = node.find("dropout")) {
    const double share = dropout->json().as_number(dropout->where());
    if (share != 0) dropout->fail("null or 0, for ids that do not change", std::to_string(share));
  }
  BpeOptions options;
  options.unk_token = node.text("unk_token", "");
  options.continuing_subword_prefix = node.text("continuing_subword_prefix", "");
  options.end_of_word_suffix = node.text("end_of_word_suffix", "");
  options.fuse_unk = node.flag("fuse_unk", false);
  options.byte_fallback = node.flag("byte_fallback", false);
  options.ignore_merges = node.flag("ignore_merges", false);
  const JsonNode list = node.at("merges");
  const std::string where = list.where();
  std::vector<BpeMerge> merges;
  const io::Json::Array& entries = list.json().as_array(where);
  merges.reserve(entries.size());
  for (std::size_t i = 0; i < entries.size(); ++i) {
    if (entries[i].is_string() && entries[i].as_string(where).starts_with("#version")) continue;
    merges.push_back(read_merge(entries[i], i, where));
  }
  return {std::make_shared<const Bpe>(read_vocabulary(node.at("vocab")), merges, std::move(options),
                                      where + ": merge"),
          "BPE"};
}

NamedModel read_wordpiece(const JsonNode& node) {
  WordPieceOptions options;
  options.unk_token = node.at("unk_token").text();
  options.continuing_subword_prefix = node.at("continuing_subword_prefix").text();
  options.max_input_chars_per_word = node.at("max_input_chars_per_word").count();
  return {std::make_shared<const WordPiece>(read_vocabulary(node.at("vocab")), std::move(options)),
          "WordPiece", true};
}

NamedModel read_word_level(const JsonNode& node) {
  return {std::make_shared<const WordLevel>(read_vocabulary(node.at("vocab")), node.at("unk_token").text()),
          "WordLevel"};
}

/// The double that the library gets from a number of the file: it takes the digits as an integer and divides
/// by a power of ten, which rounds twice (serde_json without float_roundtrip). Ties between segmentations
/// depend on it. The digits are taken to be the shortest ones that give `exact`, as the library and Python
/// write them.
double as_library_reads(double exact) {
  char text[40];
  const auto end = std::to_chars(text, text + sizeof text, exact, std::chars_format::scientific).ptr;
  std::uint64_t digits = 0;
  int exponent = 0;
  bool fraction = false;
  for (const char* c = text; c < end; ++c) {
    if (*c == 'e') {
      int power = 0;
      std::from_chars(c[1] == '+' ? c + 2 : c + 1, end, power);
      exponent += power;
      break;
    }
    if (*c == '.') fraction = true;
    if (*c < '0' || *c > '9') continue;
    digits = digits * 10 + static_cast<std::uint64_t>(*c - '0');
    exponent -= fraction ? 1 : 0;
  }
  double value = static_cast<double>(digits);
  for (; exponent < -kLargestPower; exponent += kLargestPower) value /= power_of_ten(kLargestPower);
  value = exponent < 0 ? value / power_of_ten(-exponent) : value * power_of_ten(exponent);
  return std::signbit(exact) ? -value : value;
}

/// One entry of a unigram vocabulary: ["piece", score].
UnigramPiece read_piece(const io::Json& json, std::size_t number, const std::string& where) {
  const io::Json::Array* pair = json.is_array() ? &json.as_array(where) : nullptr;
  if (pair == nullptr || pair->size() != 2 || !(*pair)[0].is_string() || !(*pair)[1].is_number()) {
    throw UserError(fmt::format("{}[{}]: expected [\"piece\", score], found another value", where, number));
  }
  return {(*pair)[0].as_string(where), as_library_reads((*pair)[1].as_number(where))};
}

NamedModel read_unigram(const JsonNode& node) {
  const JsonNode list = node.at("vocab");
  const std::string where = list.where();
  const io::Json::Array& entries = list.json().as_array(where);
  if (entries.empty()) list.fail("pieces", "an empty array");
  if (entries.size() > static_cast<std::size_t>(Vocabulary::kLargestId)) {
    list.fail(fmt::format("at most {} pieces", Vocabulary::kLargestId), std::to_string(entries.size()));
  }
  std::vector<UnigramPiece> pieces;
  pieces.reserve(entries.size());
  for (std::size_t i = 0; i < entries.size(); ++i) pieces.push_back(read_piece(entries[i], i, where));
  std::optional<std::int32_t> unknown;
  if (const auto id = node.find("unk_id")) {
    if (id->count() >= pieces.size()) {
      id->fail(fmt::format("an id below {}", pieces.size()), std::to_string(id->integer()));
    }
    unknown = static_cast<std::int32_t>(id->integer());
  }
  return {std::make_shared<const Unigram>(std::move(pieces), unknown, node.flag("byte_fallback", false)),
          "unigram"};
}

/// Files before "type" came into use tell the model by its keys.
std::string type_of(const JsonNode& node) {
  if (const auto type = node.find("type")) return type->text();
  if (node.find("merges")) return "BPE";
  if (node.at("vocab").json().is_array()) return "Unigram";
  return node.find("continuing_subword_prefix") ? "WordPiece" : "WordLevel";
}

}  // namespace

NamedModel read_model(const JsonNode& node) {
  const std::string type = type_of(node);
  if (type == "BPE") return read_bpe(node);
  if (type == "WordPiece") return read_wordpiece(node);
  if (type == "WordLevel") return read_word_level(node);
  if (type == "Unigram") return read_unigram(node);
  fail_unknown_type(node, "BPE, WordPiece, WordLevel, Unigram");
}

}  // namespace berta::tokenizer
