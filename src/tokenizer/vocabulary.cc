#include "tokenizer/vocabulary.h"

#include <fmt/core.h>

#include <algorithm>
#include <bit>

#include "core/error.h"
#include "tokenizer/in_quotes.h"

namespace berta::tokenizer {
namespace {

std::size_t spread(std::uint64_t hash) {
  return static_cast<std::size_t>(hash ^ (hash >> 29));
}

}  // namespace

void Vocabulary::reserve(std::size_t tokens, std::size_t bytes) {
  names_.reserve(bytes);
  entries_.reserve(tokens);
  by_id_.reserve(tokens);
  grow(std::bit_ceil(tokens * 2 + 16));
}

std::size_t Vocabulary::find_slot(std::string_view wanted, std::uint64_t hash) const {
  const std::size_t mask = slots_.size() - 1;
  std::size_t slot = spread(hash) & mask;
  while (slots_[slot] != 0) {
    const Entry& entry = entries_[slots_[slot] - 1];
    if (entry.hash == hash && name(entry) == wanted) break;
    slot = (slot + 1) & mask;
  }
  return slot;
}

void Vocabulary::grow(std::size_t slots) {
  slots_.assign(slots, 0);
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    slots_[find_slot(name(entries_[i]), entries_[i].hash)] = static_cast<std::uint32_t>(i + 1);
  }
}

void Vocabulary::add(std::string_view token_name, std::int64_t id, std::string_view where) {
  if (id < 0 || id > kLargestId) {
    throw UserError(fmt::format("{}: expected ids from 0 to {}, found {} for {}", where, kLargestId, id,
                                in_quotes(token_name)));
  }
  if (names_.size() + token_name.size() > 0xFFFFFFF0u) {
    throw UserError(fmt::format("{}: expected token names of less than 4 GiB together", where));
  }
  if (slots_.size() < entries_.size() * 2 + 2) grow(std::bit_ceil(entries_.size() * 4 + 16));
  const std::uint64_t name_hash = hash(token_name);
  const std::size_t slot = find_slot(token_name, name_hash);
  const auto small_id = static_cast<std::int32_t>(id);
  if (slots_[slot] == 0) {
    entries_.push_back({static_cast<std::uint32_t>(names_.size()),
                        static_cast<std::uint32_t>(token_name.size()), name_hash, small_id});
    names_ += token_name;
    longest_ = std::max(longest_, token_name.size());
    slots_[slot] = static_cast<std::uint32_t>(entries_.size());
  }
  entries_[slots_[slot] - 1].id = small_id;
  if (by_id_.size() <= static_cast<std::size_t>(id)) by_id_.resize(static_cast<std::size_t>(id) + 1, 0);
  by_id_[static_cast<std::size_t>(id)] = slots_[slot];
}

std::optional<std::int32_t> Vocabulary::id(std::string_view token_name, std::uint64_t hash) const {
  if (slots_.empty()) return std::nullopt;
  const std::size_t slot = find_slot(token_name, hash);
  if (slots_[slot] == 0) return std::nullopt;
  return entries_[slots_[slot] - 1].id;
}

std::optional<std::string_view> Vocabulary::token(std::int32_t id) const {
  if (id < 0 || id >= size() || by_id_[static_cast<std::size_t>(id)] == 0) return std::nullopt;
  return name(entries_[by_id_[static_cast<std::size_t>(id)] - 1]);
}

}  // namespace berta::tokenizer
