#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace berta::tokenizer {

/// Token names and their ids, both ways. Holds all names in one string and finds them in an open-addressed
/// table, so that 128,000 tokens load in milliseconds.
class Vocabulary {
 public:
  /// Ids above this are refused: no real vocabulary comes near, and tables indexed by id stay small.
  static constexpr std::int32_t kLargestId = 4'000'000;

  /// Hash of a name, which can be continued byte by byte: hash(ab) == hash(b, hash(a)).
  static constexpr std::uint64_t kEmptyHash = 0xCBF29CE484222325u;
  static std::uint64_t hash(std::string_view bytes, std::uint64_t so_far = kEmptyHash) {
    for (const char c : bytes) so_far = (so_far ^ static_cast<unsigned char>(c)) * 0x100000001B3u;
    return so_far;
  }

  void reserve(std::size_t tokens, std::size_t bytes);

  /// Adds a token. A known name gets the new id; of two names with one id, token() gives the later one (as a
  /// hash map read in order would). Throws UserError beginning with `where` for an id out of range.
  void add(std::string_view name, std::int64_t id, std::string_view where);

  std::optional<std::int32_t> id(std::string_view name) const { return id(name, hash(name)); }
  std::optional<std::int32_t> id(std::string_view name, std::uint64_t hash) const;
  std::optional<std::string_view> token(std::int32_t id) const;

  std::int32_t size() const { return static_cast<std::int32_t>(by_id_.size()); }  ///< largest id + 1
  std::size_t count() const { return entries_.size(); }                           ///< number of names
  std::size_t longest() const { return longest_; }  ///< bytes of the longest name

 private:
  struct Entry {
    std::uint32_t begin;
    std::uint32_t length;
    std::uint64_t hash;
    std::int32_t id;
  };

  std::string_view name(const Entry& entry) const {
    return std::string_view(names_).substr(entry.begin, entry.length);
  }
  std::size_t find_slot(std::string_view name, std::uint64_t hash) const;
  void grow(std::size_t slots);

  std::string names_;
  std::vector<Entry> entries_;
  std::vector<std::uint32_t> slots_;  // index into entries_ + 1; 0: free. Size is a power of two.
  std::vector<std::uint32_t> by_id_;  // the same
  std::size_t longest_ = 0;
};

}  // namespace berta::tokenizer
