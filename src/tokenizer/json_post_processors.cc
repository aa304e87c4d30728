#include <fmt/core.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "tokenizer/in_quotes.h"
#include "tokenizer/json_parts.h"
#include "tokenizer/vocabulary.h"

namespace berta::tokenizer {
namespace {

using Kind = TemplatePiece::Kind;

std::int32_t read_id(const JsonNode& node) {
  const std::int64_t id = node.integer();
  if (id < 0 || id > Vocabulary::kLargestId) {
    node.fail(fmt::format("an id from 0 to {}", Vocabulary::kLargestId), std::to_string(id));
  }
  return static_cast<std::int32_t>(id);
}

std::int32_t read_type_id(const JsonNode& node) {
  const std::int64_t id = node.integer();
  if (id < 0 || id > 0xFFFF) node.fail("a type id from 0 to 65535", std::to_string(id));
  return static_cast<std::int32_t>(id);
}

/// More pieces, or ids of one piece, than any template has.
constexpr std::size_t kMost = 64;

std::vector<JsonNode> few_items(const JsonNode& list) {
  const std::size_t count = list.json().as_array(list.where()).size();
  if (count > kMost) list.fail(fmt::format("at most {} values", kMost), std::to_string(count));
  return list.items();
}

/// Ids of a special token of the template, which may stand for several.
std::vector<std::int32_t> read_special(const JsonNode& tokens, const JsonNode& name) {
  tokens.json().as_object(tokens.where());
  if (tokens.json().find(name.text()) == nullptr)
    name.fail("a key of special_tokens", in_quotes(name.text()));
  std::vector<std::int32_t> ids;
  for (const JsonNode& id : few_items(tokens.at(name.text()).at("ids"))) ids.push_back(read_id(id));
  return ids;
}

TemplatePiece read_piece(const JsonNode& node, const JsonNode& tokens) {
  if (const auto special = node.find("SpecialToken")) {
    return {.kind = Kind::special,
            .ids = read_special(tokens, special->at("id")),
            .type_id = read_type_id(special->at("type_id"))};
  }
  const auto sequence = node.find("Sequence");
  if (!sequence) node.fail("an object with the key 'SpecialToken' or 'Sequence'", "neither");
  const JsonNode id = sequence->at("id");
  if (id.text() != "A" && id.text() != "B") id.fail("A or B", in_quotes(id.text()));
  return {.kind = id.text() == "A" ? Kind::first : Kind::second,
          .type_id = read_type_id(sequence->at("type_id"))};
}

Template::Pieces read_pieces(const JsonNode& list, const JsonNode& tokens, bool pair) {
  Template::Pieces pieces;
  for (const JsonNode& item : few_items(list)) pieces.push_back(read_piece(item, tokens));
  const auto count = [&](Kind kind) {
    return std::count_if(pieces.begin(), pieces.end(),
                         [&](const TemplatePiece& piece) { return piece.kind == kind; });
  };
  if (count(Kind::first) != 1 || count(Kind::second) != (pair ? 1 : 0)) {
    list.fail(pair ? "the sequences A and B once each" : "the sequence A once and no B",
              fmt::format("{} and {}", count(Kind::first), count(Kind::second)));
  }
  return pieces;
}

Template read_template(const JsonNode& node) {
  const JsonNode tokens = node.at("special_tokens");
  return {.single = read_pieces(node.at("single"), tokens, false),
          .pair = read_pieces(node.at("pair"), tokens, true),
          .later_windows_untyped = true};
}

/// ["[SEP]", 102]
std::int32_t read_token(const JsonNode& node) {
  const std::vector<JsonNode> parts = few_items(node);
  if (parts.size() != 2) node.fail("a token and its id", fmt::format("{} values", parts.size()));
  static_cast<void>(parts[0].text());
  return read_id(parts[1]);
}

/// Roberta: CLS A SEP, CLS A SEP SEP B SEP, all types 0.
PostProcessing read_roberta(const JsonNode& node) {
  const TemplatePiece cls = {.kind = Kind::special, .ids = {read_token(node.at("cls"))}};
  const TemplatePiece sep = {.kind = Kind::special, .ids = {read_token(node.at("sep"))}};
  const TemplatePiece first = {.kind = Kind::first};
  const TemplatePiece second = {.kind = Kind::second};
  return {.pieces = {.single = {cls, first, sep}, .pair = {cls, first, sep, sep, second, sep}},
          .trimming = {.enabled = node.at("trim_offsets").flag(),
                       .keep_prefix_space = node.at("add_prefix_space").flag()}};
}

OffsetTrimming read_trimming(const JsonNode& node) {
  return {.enabled = node.flag("trim_offsets", true),
          .keep_prefix_space = node.flag("add_prefix_space", true)};
}

/// One after the other; only one of them may put something around the texts.
PostProcessing read_sequence(const JsonNode& node) {
  PostProcessing all;
  bool has_template = false;
  for (const JsonNode& item : node.at("processors").items()) {
    const std::string& type = item.at("type").text();
    const PostProcessing one = read_post_processor(item);
    if (one.trimming.enabled) all.trimming = one.trimming;
    if (type == "ByteLevel") continue;
    if (has_template) item.fail("one processor of a Sequence that adds tokens", "a second one");
    all.pieces = one.pieces;
    has_template = true;
  }
  return all;
}

}  // namespace

PostProcessing read_post_processor(const JsonNode& node) {
  node.claim_part();
  const std::string& type = node.at("type").text();
  if (type == "TemplateProcessing") return {.pieces = read_template(node)};
  if (type == "BertProcessing") {
    return {.pieces = cls_sep_template(read_token(node.at("cls")), read_token(node.at("sep")))};
  }
  if (type == "RobertaProcessing") return read_roberta(node);
  if (type == "ByteLevel") return {.trimming = read_trimming(node)};
  if (type == "Sequence") return read_sequence(node);
  fail_unknown_type(node, "TemplateProcessing, BertProcessing, RobertaProcessing, ByteLevel, Sequence");
}

}  // namespace berta::tokenizer
