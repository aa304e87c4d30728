#include "tokenizer/added_vocabulary.h"

#include <algorithm>

namespace berta::tokenizer {

std::optional<std::int32_t> AddedVocabulary::id(const std::string& content) const {
  if (const auto added = ids_.find(content); added != ids_.end()) return added->second;
  return model_.id(content);
}

void AddedVocabulary::add(const TokenSpec& token) {
  if (token.content.empty()) return;
  if (token.special && special_contents_.insert(token.content).second) specials_.push_back(token);
  const auto known = ids_.find(token.content);
  if (known != ids_.end() && by_id_.at(known->second) == token) return;
  const std::int32_t next =
      by_id_.empty() ? model_.size() : std::max(by_id_.rbegin()->first + 1, model_.size());
  const std::int32_t new_id = id(token.content).value_or(next);
  ids_[token.content] = new_id;
  by_id_[new_id] = token;
  if (!special_contents_.contains(token.content)) ordinary_.push_back(token);
}

AddedToken AddedVocabulary::make(const TokenSpec& listed, std::int32_t id) const {
  const TokenSpec& latest = by_id_.at(id);
  return {.content = listed.content,
          .id = id,
          .single_word = latest.single_word,
          .lstrip = latest.lstrip,
          .rstrip = latest.rstrip,
          .normalized = listed.is_normalized(),
          .special = special_contents_.contains(listed.content)};
}

std::vector<AddedToken> AddedVocabulary::tokens() const {
  std::vector<AddedToken> out;
  out.reserve(specials_.size() + ordinary_.size());
  for (const TokenSpec& token : specials_) out.push_back(make(token, ids_.at(token.content)));
  for (const TokenSpec& token : ordinary_) out.push_back(make(token, ids_.at(token.content)));
  return out;
}

std::vector<AddedToken> AddedVocabulary::latest_tokens() const {
  std::vector<AddedToken> out;
  out.reserve(by_id_.size());
  for (const auto& [id, token] : by_id_) out.push_back(make(token, id));
  return out;
}

}  // namespace berta::tokenizer
