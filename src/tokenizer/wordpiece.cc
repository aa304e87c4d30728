#include "tokenizer/wordpiece.h"

#include <fmt/core.h>

#include "core/error.h"
#include "core/utf8.h"
#include "tokenizer/in_quotes.h"

namespace berta::tokenizer {
namespace {

WordToken unknown(const Vocabulary& vocabulary, std::string_view name, std::u32string_view word) {
  if (const auto id = vocabulary.id(name)) return {*id, 0, static_cast<std::uint32_t>(word.size())};
  throw UserError(
      fmt::format("expected the unknown token {} (key 'unk_token') in the vocabulary of the "
                  "tokenizer, which a text needs now, found none",
                  in_quotes(name)));
}

}  // namespace

WordPiece::WordPiece(Vocabulary vocabulary, WordPieceOptions options)
    : vocabulary_(std::move(vocabulary)),
      options_(std::move(options)),
      prefix_hash_(Vocabulary::hash(options_.continuing_subword_prefix)) {}

/// Appends the pieces; false if there is no piece at some place.
bool WordPiece::cover(std::u32string_view word, std::vector<WordToken>& out) const {
  /// Of a character of the word: end in bytes, and the hash of the name that ends there.
  struct End {
    std::size_t byte;
    std::uint64_t hash;
  };
  thread_local std::vector<End> ends;
  const std::string& prefix = options_.continuing_subword_prefix;
  std::string name;
  for (std::size_t begin = 0; begin < word.size();) {
    name.clear();
    if (begin > 0) name = prefix;
    std::uint64_t hash = begin > 0 ? prefix_hash_ : Vocabulary::kEmptyHash;
    ends.clear();
    for (std::size_t i = begin; i < word.size(); ++i) {
      const std::size_t before = name.size();
      append_utf8(name, word[i]);
      if (name.size() > vocabulary_.longest()) break;
      hash = Vocabulary::hash(std::string_view(name).substr(before), hash);
      ends.push_back({name.size(), hash});
    }
    std::optional<std::int32_t> id;
    while (!ends.empty() && !id) {
      id = vocabulary_.id(std::string_view(name).substr(0, ends.back().byte), ends.back().hash);
      if (!id) ends.pop_back();
    }
    if (!id) return false;
    out.push_back({*id, static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(begin + ends.size())});
    begin += ends.size();
  }
  return true;
}

void WordPiece::tokenize(std::u32string_view word, std::vector<WordToken>& out) const {
  const std::size_t before = out.size();
  if (word.size() <= options_.max_input_chars_per_word && cover(word, out)) return;
  out.resize(before);
  out.push_back(unknown(vocabulary_, options_.unk_token, word));
}

void WordLevel::tokenize(std::u32string_view word, std::vector<WordToken>& out) const {
  if (const auto id = vocabulary_.id(encode_utf8(word))) {
    out.push_back({*id, 0, static_cast<std::uint32_t>(word.size())});
  } else {
    out.push_back(unknown(vocabulary_, unk_token_, word));
  }
}

}  // namespace berta::tokenizer
