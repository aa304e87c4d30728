#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tokenizer/parts.h"
#include "tokenizer/vocabulary.h"

namespace berta::tokenizer {

/// Settings of a WordPiece model, named as in tokenizer.json.
struct WordPieceOptions {
  std::string unk_token = "[UNK]";
  std::string continuing_subword_prefix = "##";
  std::uint64_t max_input_chars_per_word = 100;  ///< longer words are unknown as a whole
};

/// Greedy longest match from the left (BERT); a word that can't be covered is one unknown.
class WordPiece : public WordModel {
 public:
  WordPiece(Vocabulary vocabulary, WordPieceOptions options);

  void tokenize(std::u32string_view word, std::vector<WordToken>& out) const override;
  std::optional<std::int32_t> id(std::string_view token) const override { return vocabulary_.id(token); }
  std::optional<std::string_view> token(std::int32_t id) const override { return vocabulary_.token(id); }
  std::int32_t size() const override { return vocabulary_.size(); }

 private:
  bool cover(std::u32string_view word, std::vector<WordToken>& out) const;

  Vocabulary vocabulary_;
  WordPieceOptions options_;
  std::uint64_t prefix_hash_;
};

/// A word is a token or unknown.
class WordLevel : public WordModel {
 public:
  WordLevel(Vocabulary vocabulary, std::string unk_token)
      : vocabulary_(std::move(vocabulary)), unk_token_(std::move(unk_token)) {}

  void tokenize(std::u32string_view word, std::vector<WordToken>& out) const override;
  std::optional<std::int32_t> id(std::string_view token) const override { return vocabulary_.id(token); }
  std::optional<std::string_view> token(std::int32_t id) const override { return vocabulary_.token(id); }
  std::int32_t size() const override { return vocabulary_.size(); }

 private:
  Vocabulary vocabulary_;
  std::string unk_token_;
};

}  // namespace berta::tokenizer
