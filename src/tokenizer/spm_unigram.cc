#include <algorithm>
#include <cfloat>
#include <utility>

#include "core/utf8.h"
#include "tokenizer/best_path.h"
#include "tokenizer/spm_parts.h"

namespace berta::tokenizer {
namespace {

using Type = SpmPiece::Type;

/// Lowest and highest score of the normal pieces, with the library's own start values.
struct ScoreRange {
  float lowest = FLT_MAX;
  float highest = FLT_MIN;
};

ScoreRange score_range(const std::vector<SpmPiece>& pieces) {
  ScoreRange range;
  for (const SpmPiece& piece : pieces) {
    if (piece.type != Type::normal) continue;
    range.lowest = std::min(range.lowest, piece.score);
    range.highest = std::max(range.highest, piece.score);
  }
  return range;
}

PieceTrie make_trie(const std::vector<SpmPiece>& pieces) {
  const float highest = score_range(pieces).highest;
  std::vector<PieceTrie::Key> keys;
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    const SpmPiece& piece = pieces[i];
    if (piece.type != Type::normal && piece.type != Type::user_defined) continue;
    // A user-defined piece gets a bonus that always selects it.
    const float bonus =
        static_cast<float>(static_cast<double>(static_cast<float>(piece.text.size()) * highest) - 0.1);
    keys.push_back(
        {piece.text, piece.type == Type::user_defined ? bonus : piece.score, static_cast<std::int32_t>(i)});
  }
  return PieceTrie(keys);
}

}  // namespace

SpmUnigram::SpmUnigram(std::shared_ptr<const SpmModel> model)
    : model_(std::move(model)), trie_(make_trie(model_->pieces)), byte_ids_(256, -1) {
  for (std::size_t i = 0; i < model_->pieces.size(); ++i) {
    const SpmPiece& piece = model_->pieces[i];
    const auto id = static_cast<std::int32_t>(i);
    if (piece.is_reserved() || piece.type == Type::unused) reserved_.emplace(piece.text, id);
    if (piece.type == Type::byte) byte_ids_[static_cast<std::size_t>(byte_of_piece(piece.text))] = id;
  }
  constexpr float kUnknownPenalty = 10;
  unknown_score_ = score_range(model_->pieces).lowest - kUnknownPenalty;
}

void SpmUnigram::push_bytes(char32_t c, std::uint32_t position, std::vector<WordToken>& out) const {
  std::string bytes;
  append_utf8(bytes, c);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const std::int32_t id = byte_ids_[static_cast<unsigned char>(bytes[i])];
    out.push_back({id, position, i + 1 == bytes.size() ? position + 1 : position});
  }
}

void SpmUnigram::tokenize(std::u32string_view word, std::vector<WordToken>& out) const {
  std::vector<PathPiece> path;
  path.reserve(word.size() / 3 + 1);
  const auto score = [this](std::uint32_t node, std::uint32_t) {
    return static_cast<float>(trie_.score(node));
  };
  find_best_path<float>(trie_, word, unknown_score_, score, path);
  bool after_unknown = false;
  for (auto piece = path.rbegin(); piece != path.rend(); ++piece) {
    const bool unknown = piece->node == 0;
    if (!unknown)
      out.push_back({trie_.id(piece->node), piece->begin, piece->end});
    else if (model_->byte_fallback)
      push_bytes(word[piece->begin], piece->begin, out);
    else if (after_unknown)
      out.back().end = piece->end;
    else
      out.push_back({model_->unknown, piece->begin, piece->end});
    after_unknown = unknown;
  }
}

std::optional<std::int32_t> SpmUnigram::id(std::string_view token) const {
  if (const auto found = reserved_.find(token); found != reserved_.end()) return found->second;
  const std::int32_t found = trie_.find(token);
  return found >= 0 ? std::optional(found) : std::nullopt;
}

std::optional<std::string_view> SpmUnigram::token(std::int32_t id) const {
  if (id < 0 || id >= size()) return std::nullopt;
  return model_->pieces[static_cast<std::size_t>(id)].text;
}

}  // namespace berta::tokenizer
