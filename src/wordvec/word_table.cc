#include "wordvec/word_table.h"

#include <functional>

#include "core/error.h"

namespace berta::wordvec {
namespace {

std::uint64_t hash_of(std::string_view word) {
  // libstdc++'s own hash is good in all bits; the product makes others' so.
  return std::hash<std::string_view>()(word) * 0x9E3779B97F4A7C15u;
}

constexpr std::size_t kFirstSlots = 1024;

}  // namespace

std::uint32_t WordTable::insert(std::string_view word) {
  if (2 * (size() + 1) > slots_.size()) grow();
  const std::uint64_t hash = hash_of(word);
  Slot& slot = slots_[slot_of(word, hash)];
  if (slot.number != 0) return slot.number - 1;
  if (size() >= std::size_t{1} << 31) throw UserError("more than 2147483648 different words");
  begins_.push_back(bytes_.size());
  bytes_ += word;
  slot = {static_cast<std::uint32_t>(hash), static_cast<std::uint32_t>(size())};
  return slot.number - 1;
}

std::optional<std::uint32_t> WordTable::find(std::string_view word) const {
  if (slots_.empty()) return std::nullopt;
  const Slot& slot = slots_[slot_of(word, hash_of(word))];
  if (slot.number == 0) return std::nullopt;
  return slot.number - 1;
}

std::string_view WordTable::word(std::size_t number) const {
  const std::uint64_t begin = begins_[number];
  const std::uint64_t end = number + 1 < size() ? begins_[number + 1] : bytes_.size();
  return std::string_view(bytes_).substr(begin, end - begin);
}

std::size_t WordTable::slot_of(std::string_view word, std::uint64_t hash) const {
  const std::size_t mask = slots_.size() - 1;
  const auto tag = static_cast<std::uint32_t>(hash);
  for (std::size_t at = hash >> 32 & mask;; at = (at + 1) & mask) {
    const Slot& slot = slots_[at];
    if (slot.number == 0 || (slot.tag == tag && this->word(slot.number - 1) == word)) return at;
  }
}

void WordTable::grow() {
  slots_.assign(slots_.empty() ? kFirstSlots : 2 * slots_.size(), {});
  for (std::size_t i = 0; i < size(); ++i) {
    const std::uint64_t hash = hash_of(word(i));
    slots_[slot_of(word(i), hash)] = {static_cast<std::uint32_t>(hash), static_cast<std::uint32_t>(i + 1)};
  }
}

}  // namespace berta::wordvec
