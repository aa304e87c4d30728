#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "tokenizer/base64.h"
#include "tokenizer/byte_level.h"
#include "tokenizer/charsmap.h"
#include "tokenizer/in_quotes.h"
#include "tokenizer/json_parts.h"
#include "tokenizer/normalizers.h"
#include "tokenizer/text_normalizers.h"

namespace berta::tokenizer {
namespace {

using Made = std::shared_ptr<const Normalizer>;

template <typename Part, typename... Arguments>
Made make(Arguments&&... arguments) {
  return std::make_shared<const Part>(std::forward<Arguments>(arguments)...);
}

Made read_sequence(const JsonNode& node) {
  std::vector<Made> parts;
  for (const JsonNode& item : node.at("normalizers").items()) parts.push_back(read_normalizer(item));
  return make<NormalizerSequence>(std::move(parts));
}

Made read_bert(const JsonNode& node) {
  BertNormalizerOptions options;
  options.clean_text = node.at("clean_text").flag();
  options.handle_chinese_chars = node.at("handle_chinese_chars").flag();
  if (const auto strip = node.find("strip_accents")) options.strip_accents = strip->flag();
  options.lowercase = node.at("lowercase").flag();
  return make<BertNormalizer>(options);
}

Made read_precompiled(const JsonNode& node) {
  const JsonNode map = node.at("precompiled_charsmap");
  const std::optional<std::string> bytes = decode_base64(map.text());
  if (!bytes) map.fail("base64", in_quotes(map.text()));
  return make<CharsmapNormalizer>(std::make_shared<const Charsmap>(*bytes, map.where()));
}

Made read_strip(const JsonNode& node) {
  return make<StripNormalizer>(node.at("strip_left").flag(), node.at("strip_right").flag());
}

Made read_replace(const JsonNode& node) {
  return make<ReplaceNormalizer>(read_pattern(node.at("pattern")), node.at("content").points());
}

Made read_prepend(const JsonNode& node) {
  return make<PrependNormalizer>(node.at("prepend").points());
}

template <UnicodeNormalizer::Form form>
Made read_form(const JsonNode&) {
  return make<UnicodeNormalizer>(form);
}

template <typename Part>
Made read_plain(const JsonNode&) {
  return make<Part>();
}

}  // namespace

Made read_normalizer(const JsonNode& node) {
  node.claim_part();
  using Form = UnicodeNormalizer::Form;
  static const std::map<std::string, Made (*)(const JsonNode&), std::less<>> readers = {
      {"Sequence", read_sequence},
      {"BertNormalizer", read_bert},
      {"NFC", read_form<Form::nfc>},
      {"NFD", read_form<Form::nfd>},
      {"NFKC", read_form<Form::nfkc>},
      {"NFKD", read_form<Form::nfkd>},
      {"Lowercase", read_plain<LowercaseNormalizer>},
      {"Strip", read_strip},
      {"StripAccents", read_plain<StripAccents>},
      {"Nmt", read_plain<NmtNormalizer>},
      {"Precompiled", read_precompiled},
      {"Replace", read_replace},
      {"Prepend", read_prepend},
      {"ByteLevel", read_plain<ByteLevelNormalizer>}};
  const auto reader = readers.find(node.at("type").text());
  if (reader == readers.end()) {
    fail_unknown_type(node,
                      "Sequence, BertNormalizer, NFC, NFD, NFKC, NFKD, Lowercase, Strip, StripAccents, Nmt, "
                      "Precompiled, Replace, Prepend, ByteLevel");
  }
  return reader->second(node);
}

}  // namespace berta::tokenizer
