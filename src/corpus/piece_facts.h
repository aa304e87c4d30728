#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "tokenizer/tokenizer.h"

namespace berta::corpus {

/// What masking asks of each id, read off a tokenizer once.
class PieceFacts {
 public:
  /// Works for any tokenizer of the project. A piece continues the word before it
  /// * of SentencePiece: unless it begins with U+2581 or is one character that is a blank, a control or a
  ///   punctuation character (Microsoft's SPMTokenizer.part_of_whole_word);
  /// * of byte-level BPE: unless its text begins with a blank or is one such character (GPT2Tokenizer);
  /// * of WordPiece: if it begins with "##".
  /// Special are [PAD], [CLS], [SEP], [UNK] and [MASK]. Throws UserError if there is no [MASK].
  explicit PieceFacts(const tokenizer::Tokenizer& tokenizer);

  /// The facts themselves, for tests and for vocabularies of no tokenizer. Vectors of one length.
  PieceFacts(const std::vector<bool>& special, const std::vector<bool>& continues, std::int32_t mask);

  /// Vocabulary size: ids are 0 ... size() - 1.
  std::size_t size() const { return flags_.size(); }
  std::int32_t mask() const { return mask_; }
  bool is_special(std::int32_t id) const { return (flag(id) & kSpecial) != 0; }
  bool continues_word(std::int32_t id) const { return (flag(id) & kContinues) != 0; }
  bool contains(std::int32_t id) const { return id >= 0 && static_cast<std::size_t>(id) < flags_.size(); }

 private:
  static constexpr std::uint8_t kSpecial = 1, kContinues = 2;
  std::uint8_t flag(std::int32_t id) const { return flags_[static_cast<std::size_t>(id)]; }

  std::vector<std::uint8_t> flags_;
  std::int32_t mask_ = 0;
};

}  // namespace berta::corpus
