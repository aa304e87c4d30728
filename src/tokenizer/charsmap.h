#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tokenizer/parts.h"

namespace berta::tokenizer {

/// The precompiled character map of SentencePiece: a Darts double array over UTF-8 keys, and their values
/// (deberta.md 3.2). Every step of the walk is checked against the array.
class Charsmap {
 public:
  /// Copies `bytes`. `where` begins the messages: "FILE: normalizer_spec.precompiled_charsmap". Throws
  /// UserError if the sizes do not fit, or a value's position or end lies outside.
  Charsmap(std::string_view bytes, const std::string& where);

  struct Match {
    std::size_t length = 0;  ///< bytes of the key
    std::string_view value;
  };

  /// The shortest key that is a prefix of `text`.
  std::optional<Match> shortest(std::string_view text) const;
  /// The longest one.
  std::optional<Match> longest(std::string_view text) const;

  /// False if no key begins with this byte.
  bool may_begin(unsigned char byte) const { return begins_[byte]; }
  /// True if this byte alone is a key.
  bool is_key(unsigned char byte) const { return is_key_[byte]; }

 private:
  struct Node {
    std::size_t position = 0;
    std::uint32_t unit = 0;
  };
  std::uint32_t unit(std::size_t position) const;
  bool step(Node& node, unsigned char byte) const;
  std::string_view value(const Node& node) const;
  void check_values(const std::string& where) const;

  std::vector<std::uint32_t> units_;
  std::string values_;
  std::array<bool, 256> begins_{}, is_key_{};
};

/// Precompiled of tokenizers 0.22.2: by grapheme cluster, the shortest key (deberta.md 3.5, step 3).
class CharsmapNormalizer : public Normalizer {
 public:
  explicit CharsmapNormalizer(std::shared_ptr<const Charsmap> map) : map_(std::move(map)) {}
  void normalize(AlignedText& text) const override;

 private:
  std::shared_ptr<const Charsmap> map_;
};

}  // namespace berta::tokenizer
