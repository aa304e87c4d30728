#include "tokenizer/unigram.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "core/error.h"
#include "core/utf8.h"
#include "tokenizer/best_path.h"

namespace berta::tokenizer {
namespace {

PieceTrie make_trie(const std::vector<UnigramPiece>& pieces) {
  std::vector<PieceTrie::Key> keys(pieces.size());
  for (std::size_t i = 0; i < pieces.size(); ++i)
    keys[i] = {pieces[i].text, pieces[i].score, static_cast<std::int32_t>(i)};
  return PieceTrie(keys);
}

}  // namespace

Unigram::Unigram(std::vector<UnigramPiece> pieces, std::optional<std::int32_t> unknown, bool byte_fallback)
    : pieces_(std::move(pieces)),
      trie_(make_trie(pieces_)),
      unknown_(unknown),
      byte_fallback_(byte_fallback) {
  if (unknown_ && (*unknown_ < 0 || static_cast<std::size_t>(*unknown_) >= pieces_.size()))
    throw UserError("unigram vocabulary: expected unk_id below " + std::to_string(pieces_.size()) +
                    ", found " + std::to_string(*unknown_));
  double lowest = std::numeric_limits<double>::infinity();
  for (const UnigramPiece& piece : pieces_) lowest = std::min(lowest, piece.score);
  constexpr double kUnknownPenalty = 10;
  unknown_score_ = lowest - kUnknownPenalty;
}

void Unigram::tokenize(std::u32string_view word, std::vector<WordToken>& out) const {
  std::vector<PathPiece> path;
  path.reserve(8);
  const auto score = [this](std::uint32_t node, std::uint32_t) { return trie_.score(node); };
  find_best_path<double>(trie_, word, unknown_score_, score, path);
  for (auto piece = path.rbegin(); piece != path.rend(); ++piece) {
    const std::int32_t id = piece->node != 0 ? trie_.id(piece->node) : -1;
    if (id >= 0 && id != unknown_) {
      out.push_back({id, piece->begin, piece->end});
      continue;
    }
    const std::uint32_t begin = piece->begin;
    while (piece + 1 != path.rend() && ((piece + 1)->node == 0 || trie_.id((piece + 1)->node) == unknown_))
      ++piece;
    emit_unknown(word, begin, piece->end, out);
  }
}

void Unigram::emit_unknown(std::u32string_view word, std::uint32_t begin, std::uint32_t end,
                           std::vector<WordToken>& out) const {
  if (!unknown_)
    throw UserError("unigram vocabulary: the text needs an unknown piece, but unk_id is not set");
  const std::string bytes = encode_utf8(word.substr(begin, end - begin));
  // `tokenizers` looks the fused run up once more.
  const std::int32_t whole = trie_.find(bytes);
  if (whole >= 0 || !byte_fallback_) {
    out.push_back({whole >= 0 ? whole : *unknown_, begin, end});
    return;
  }
  const std::size_t mark = out.size();
  for (const char c : bytes) {
    constexpr char kDigits[] = "0123456789ABCDEF";
    const auto value = static_cast<unsigned char>(c);
    const char name[] = {'<', '0', 'x', kDigits[value >> 4], kDigits[value & 15], '>'};
    const std::int32_t piece = trie_.find({name, sizeof name});
    if (piece < 0) {
      out.resize(mark);
      out.push_back({*unknown_, begin, end});
      return;
    }
    out.push_back({piece, begin, end});
  }
}

std::optional<std::int32_t> Unigram::id(std::string_view token) const {
  const std::int32_t found = trie_.find(token);
  return found >= 0 ? std::optional(found) : std::nullopt;
}

std::optional<std::string_view> Unigram::token(std::int32_t id) const {
  if (id < 0 || static_cast<std::size_t>(id) >= pieces_.size()) return std::nullopt;
  return pieces_[static_cast<std::size_t>(id)].text;
}

}  // namespace berta::tokenizer
