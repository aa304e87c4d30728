#include <fmt/core.h>

#include <map>
#include <utility>
#include <vector>

#include "tokenizer/byte_level.h"
#include "tokenizer/in_quotes.h"
#include "tokenizer/json_parts.h"

namespace berta::tokenizer {
namespace {

using Made = std::shared_ptr<const PreTokenizer>;

template <typename Part>
Made make(Part part) {
  return std::make_shared<const Part>(std::move(part));
}

Made read_sequence(const JsonNode& node) {
  std::vector<Made> parts;
  for (const JsonNode& item : node.at("pretokenizers").items()) parts.push_back(read_pre_tokenizer(item));
  return make(PreTokenizerSequence(std::move(parts)));
}

Made read_byte_level(const JsonNode& node) {
  return make(ByteLevel(
      {.add_prefix_space = node.at("add_prefix_space").flag(), .use_regex = node.flag("use_regex", true)}));
}

Made read_punctuation(const JsonNode& node) {
  const auto behavior = node.find("behavior");
  return make(punctuation_split(behavior ? read_split_behavior(*behavior) : SplitBehavior::isolated));
}

Made read_split(const JsonNode& node) {
  return make(PatternSplit(read_pattern(node.at("pattern")), read_split_behavior(node.at("behavior")),
                           node.at("invert").flag()));
}

Made read_digits(const JsonNode& node) {
  return make(digit_split(node.at("individual_digits").flag()));
}
Made read_delimiter(const JsonNode& node) {
  return make(character_split(node.at("delimiter").character()));
}
Made read_white_space_split(const JsonNode&) {
  return make(white_space_split());
}
Made read_metaspace_words(const JsonNode& node) {
  return make(Metaspace(read_metaspace(node)));
}

template <typename Part>
Made read_plain(const JsonNode&) {
  return make(Part());
}

}  // namespace

Made read_pre_tokenizer(const JsonNode& node) {
  node.claim_part();
  static const std::map<std::string, Made (*)(const JsonNode&), std::less<>> readers = {
      {"Sequence", read_sequence},
      {"ByteLevel", read_byte_level},
      {"BertPreTokenizer", read_plain<BertWords>},
      {"Whitespace", read_plain<WhitespaceWords>},
      {"WhitespaceSplit", read_white_space_split},
      {"Punctuation", read_punctuation},
      {"Digits", read_digits},
      {"Metaspace", read_metaspace_words},
      {"Split", read_split},
      {"CharDelimiterSplit", read_delimiter}};
  const auto reader = readers.find(node.at("type").text());
  if (reader == readers.end()) {
    fail_unknown_type(
        node,
        "Sequence, ByteLevel, BertPreTokenizer, Whitespace, WhitespaceSplit, Punctuation, Digits, "
        "Metaspace, Split, CharDelimiterSplit");
  }
  return reader->second(node);
}

std::shared_ptr<const Pattern> read_pattern(const JsonNode& node) {
  if (const auto text = node.find("String")) return literal_pattern(text->points());
  if (const auto expression = node.find("Regex"))
    return regex_pattern(expression->text(), expression->where());
  node.fail("an object with the key 'String' or 'Regex'", "neither");
}

SplitBehavior read_split_behavior(const JsonNode& node) {
  static const std::map<std::string, SplitBehavior, std::less<>> behaviors = {
      {"Removed", SplitBehavior::removed},
      {"Isolated", SplitBehavior::isolated},
      {"MergedWithPrevious", SplitBehavior::merged_with_previous},
      {"MergedWithNext", SplitBehavior::merged_with_next},
      {"Contiguous", SplitBehavior::contiguous}};
  const auto behavior = behaviors.find(node.text());
  if (behavior == behaviors.end()) {
    node.fail("Removed, Isolated, MergedWithPrevious, MergedWithNext or Contiguous", in_quotes(node.text()));
  }
  return behavior->second;
}

MetaspaceOptions read_metaspace(const JsonNode& node) {
  MetaspaceOptions options;
  options.replacement = node.at("replacement").character();
  if (const auto scheme = node.find("prepend_scheme")) {
    const std::string& name = scheme->text();
    if (name != "always" && name != "first" && name != "never") {
      scheme->fail("always, first or never", in_quotes(name));
    }
    options.prepend = name == "always"  ? PrependScheme::always
                      : name == "first" ? PrependScheme::first
                                        : PrependScheme::never;
  }
  if (const auto space = node.find("add_prefix_space"); space && !space->flag()) {
    if (node.find("prepend_scheme") && options.prepend != PrependScheme::never) {
      space->fail("true with this prepend_scheme", "false");
    }
    options.prepend = PrependScheme::never;
  }
  options.split = node.flag("split", true);
  return options;
}

void fail_unknown_type(const JsonNode& node, std::string_view known) {
  const JsonNode type = node.at("type");
  type.fail(fmt::format("one of {}", known), in_quotes(type.text()));
}

}  // namespace berta::tokenizer
