#include <utility>

#include "core/utf8.h"
#include "tokenizer/aligned_text.h"
#include "tokenizer/spm_parts.h"

namespace berta::tokenizer {
namespace {

constexpr std::string_view kMark = "\xE2\x96\x81";

/// The characters of a run of byte pieces; bytes that make none become U+FFFD, one each.
void append_bytes(std::string_view bytes, std::string& out) {
  for (std::size_t position = 0; position < bytes.size();) append_utf8(out, next_code_point(bytes, position));
}

std::string unescaped(std::string_view piece) {
  std::string out;
  for (std::size_t i = 0; i < piece.size();) {
    const bool mark = piece.substr(i, kMark.size()) == kMark;
    out.push_back(mark ? ' ' : piece[i]);
    i += mark ? kMark.size() : 1;
  }
  return out;
}

}  // namespace

SpmDecoder::SpmDecoder(std::shared_ptr<const SpmModel> model, std::shared_ptr<const Normalizer> denormalizer)
    : model_(std::move(model)), denormalizer_(std::move(denormalizer)) {
  for (const SpmPiece& piece : model_->pieces)
    if (piece.is_reserved()) reserved_.emplace(piece.text, piece.type);
}

std::string SpmDecoder::surface(const std::string& token, bool at_begin, bool& took_blank) const {
  took_blank = false;
  if (const auto found = reserved_.find(token); found != reserved_.end())
    return found->second == SpmPiece::Type::unknown ? model_->unknown_surface : "";
  std::string_view piece = token;
  const SpmNormalizerSpec& spec = model_->normalizer;
  if (at_begin && (spec.add_dummy_prefix || spec.remove_extra_whitespaces) &&
      piece.substr(0, kMark.size()) == kMark) {
    piece.remove_prefix(kMark.size());
    // Where blanks are removed, the next piece may lose its own too.
    took_blank = !spec.remove_extra_whitespaces;
  }
  return unescaped(piece);
}

std::string SpmDecoder::decode(const std::vector<std::string>& tokens) const {
  std::string out, bytes;
  bool at_begin = true, took_blank = false;
  for (const std::string& token : tokens) {
    const auto found = reserved_.find(token);
    if (found != reserved_.end() && found->second == SpmPiece::Type::byte) {
      bytes.push_back(static_cast<char>(byte_of_piece(token)));
      continue;
    }
    append_bytes(bytes, out);
    bytes.clear();
    if (took_blank || !out.empty()) at_begin = false;
    out += surface(token, at_begin, took_blank);
  }
  append_bytes(bytes, out);
  if (!denormalizer_) return out;
  AlignedText text = align(out);
  denormalizer_->normalize(text);
  return encode_utf8(text.text);
}

}  // namespace berta::tokenizer
