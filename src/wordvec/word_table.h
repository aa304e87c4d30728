#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace berta::wordvec {

/// Distinct words, any bytes, numbered from 0 in the order in which they came. Some 16 bytes a word beside
/// its own.
class WordTable {
 public:
  /// The number of `word`, which is new if it was not there. Throws UserError for more than 2^31 words.
  std::uint32_t insert(std::string_view word);
  std::optional<std::uint32_t> find(std::string_view word) const;

  std::size_t size() const { return begins_.size(); }
  /// Holds until the next insert.
  std::string_view word(std::size_t number) const;

 private:
  struct Slot {
    std::uint32_t tag = 0;     ///< other bits of the hash than those that choose the slot
    std::uint32_t number = 0;  ///< of the word, plus 1; 0: empty
  };
  /// The slot of `word`, or the empty one where it belongs.
  std::size_t slot_of(std::string_view word, std::uint64_t hash) const;
  void grow();

  std::string bytes_;  // all words, one behind the other
  std::vector<std::uint64_t> begins_;
  std::vector<Slot> slots_;  // a power of two, at most half full
};

}  // namespace berta::wordvec
