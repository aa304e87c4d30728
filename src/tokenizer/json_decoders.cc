#include <map>
#include <utility>
#include <vector>

#include "tokenizer/byte_level.h"
#include "tokenizer/json_parts.h"

namespace berta::tokenizer {
namespace {

using Made = std::shared_ptr<const ChainDecoder>;

template <typename Part, typename... Arguments>
Made make(Arguments&&... arguments) {
  return std::make_shared<const Part>(std::forward<Arguments>(arguments)...);
}

Made read_sequence(const JsonNode& node) {
  std::vector<Made> parts;
  for (const JsonNode& item : node.at("decoders").items()) parts.push_back(read_decoder(item));
  return make<DecoderSequence>(std::move(parts));
}

Made read_wordpiece(const JsonNode& node) {
  return make<WordPieceDecoder>(node.at("prefix").text(), node.at("cleanup").flag());
}

Made read_strip(const JsonNode& node) {
  return make<StripDecoder>(node.at("content").character(), node.at("start").count(),
                            node.at("stop").count());
}

Made read_replace(const JsonNode& node) {
  return make<ReplaceDecoder>(read_pattern(node.at("pattern")), node.at("content").text());
}

Made read_bpe(const JsonNode& node) {
  return make<BpeDecoder>(node.at("suffix").text());
}
Made read_metaspace_text(const JsonNode& node) {
  return make<MetaspaceDecoder>(read_metaspace(node));
}

template <typename Part>
Made read_plain(const JsonNode&) {
  return make<Part>();
}

}  // namespace

Made read_decoder(const JsonNode& node) {
  node.claim_part();
  static const std::map<std::string, Made (*)(const JsonNode&), std::less<>> readers = {
      {"Sequence", read_sequence},
      {"Metaspace", read_metaspace_text},
      {"ByteLevel", read_plain<ByteLevelDecoder>},
      {"WordPiece", read_wordpiece},
      {"BPEDecoder", read_bpe},
      {"ByteFallback", read_plain<ByteFallbackDecoder>},
      {"Fuse", read_plain<FuseDecoder>},
      {"Strip", read_strip},
      {"Replace", read_replace}};
  const auto reader = readers.find(node.at("type").text());
  if (reader == readers.end()) {
    fail_unknown_type(
        node, "Sequence, Metaspace, ByteLevel, WordPiece, BPEDecoder, ByteFallback, Fuse, Strip, Replace");
  }
  return reader->second(node);
}

}  // namespace berta::tokenizer
