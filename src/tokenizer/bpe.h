#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tokenizer/merge_table.h"
#include "tokenizer/parts.h"
#include "tokenizer/vocabulary.h"

namespace berta::tokenizer {

/// Settings of a BPE model, named as in tokenizer.json.
struct BpeOptions {
  std::string unk_token = {};                  ///< empty: characters that no token holds vanish
  std::string continuing_subword_prefix = {};  ///< in the names of all pieces of a word but the first
  std::string end_of_word_suffix = {};         ///< in the name of a word's last piece
  bool fuse_unk = false;                       ///< unknowns next to each other become one
  bool byte_fallback = false;                  ///< unknown characters become <0xNN> tokens where all exist
  bool ignore_merges = false;                  ///< a word that is in the vocabulary is not merged
};

/// Two names that merge into one, best first.
struct BpeMerge {
  std::string_view left;
  std::string_view right;
  std::size_t number = 0;  ///< in its file, for errors
};

/// Byte-pair encoding (Sennrich et al., 2016) with the results of tokenizers 0.22.2 `models::bpe`: a word
/// begins as its characters, then the pair of the lowest rank, of these the leftmost, merges until none is
/// left. Short words are scanned, long ones use a heap: O(n log n) for a word of any length.
class Bpe : public WordModel {
 public:
  /// `where` and the merge's number begin the errors: "merges.txt: line". Throws UserError for a merge whose
  /// parts or result the vocabulary lacks.
  Bpe(Vocabulary vocabulary, const std::vector<BpeMerge>& merges, BpeOptions options, std::string_view where);

  void tokenize(std::u32string_view word, std::vector<WordToken>& out) const override;
  std::optional<std::int32_t> id(std::string_view token) const override { return vocabulary_.id(token); }
  std::optional<std::string_view> token(std::int32_t id) const override { return vocabulary_.token(id); }
  std::int32_t size() const override { return vocabulary_.size(); }

 private:
  /// A piece of the word; `next` and `previous` link the living ones, `bytes` is 0 for a merged one.
  struct Symbol {
    std::int32_t id;
    std::uint32_t bytes;  ///< of the word's UTF-8
    std::int32_t previous;
    std::int32_t next;
  };
  struct Scratch;
  struct Unknown;

  void index_characters();
  std::optional<std::int32_t> character_id(char32_t c, bool first, bool last) const;
  std::string symbol_name(char32_t c, bool first, bool last) const;
  void start(std::u32string_view word, std::vector<Symbol>& symbols) const;
  bool add_bytes(std::string_view name, std::vector<Symbol>& symbols) const;
  void add_unknown(std::uint32_t bytes, Unknown& unknown, std::vector<Symbol>& symbols) const;
  void merge_short(Scratch& scratch) const;
  void merge_long(Scratch& scratch) const;

  Vocabulary vocabulary_;
  BpeOptions options_;
  MergeTable merges_;
  std::vector<std::int32_t> characters_;  ///< ids of one-character names below U+0400; -1: none
  std::vector<std::int32_t> byte_ids_;    ///< ids of <0x00> to <0xFF>; -1: none
};

}  // namespace berta::tokenizer
