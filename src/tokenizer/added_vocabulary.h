#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "tokenizer/added_tokens.h"
#include "tokenizer/parts.h"

namespace berta::tokenizer {

/// An added token before it has an id.
struct TokenSpec {
  std::string content;
  bool single_word = false;
  bool lstrip = false;
  bool rstrip = false;
  std::optional<bool> normalized = {};  ///< nothing: the opposite of `special`
  bool special = false;

  bool is_normalized() const { return normalized.value_or(!special); }
  friend bool operator==(const TokenSpec& a, const TokenSpec& b) {
    return a.content == b.content && a.single_word == b.single_word && a.lstrip == b.lstrip &&
           a.rstrip == b.rstrip && a.is_normalized() == b.is_normalized() && a.special == b.special;
  }
};

/// The tokens added to a vocabulary, as AddedVocabulary of `tokenizers` gives them ids: the vocabulary's own
/// where it has the content, else the next free one.
class AddedVocabulary {
 public:
  /// `model` must outlive this.
  explicit AddedVocabulary(const WordModel& model) : model_(model) {}

  void add(const TokenSpec& token);
  bool contains(const std::string& content) const { return ids_.contains(content); }
  std::optional<std::int32_t> id(const std::string& content) const;

  /// The tokens to look for, as version 0.22.2 does: whether a token is looked for in the raw or the
  /// normalised text is what its first addition said, its other flags what the last one said. An ordinary
  /// token that was added twice with other flags is looked for in both.
  std::vector<AddedToken> tokens() const;

  /// The same as version 0.23.3: the last addition counts.
  std::vector<AddedToken> latest_tokens() const;

 private:
  AddedToken make(const TokenSpec& listed, std::int32_t id) const;

  const WordModel& model_;
  std::unordered_map<std::string, std::int32_t> ids_;
  std::map<std::int32_t, TokenSpec> by_id_;
  std::vector<TokenSpec> specials_, ordinary_;
  std::unordered_set<std::string> special_contents_;
};

}  // namespace berta::tokenizer
