#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace berta::tokenizer {

/// A byte trie of scored keys as a double array: the child of node n by byte b lies at base(n) ^ b and names
/// n as its parent. A node is its position; 0 is the root.
class PieceTrie {
 public:
  struct Key {
    std::string_view text;
    double score = 0;
    std::int32_t id = 0;
  };

  PieceTrie() = default;

  /// Empty keys are left out; of equal keys the last one counts. Throws UserError where the array would
  /// become larger than any real vocabulary's (kMaxUnits).
  explicit PieceTrie(std::span<const Key> keys);

  /// Moves to the child by `byte`; false (and `node` is lost) if there is none.
  bool step(std::uint32_t& node, unsigned char byte) const {
    const std::uint32_t child = (units_[node].base_and_end & ~kEnd) ^ byte;
    const bool found = units_[child].parent == node;
    node = child;
    return found;
  }

  /// The same by all UTF-8 bytes of a code point.
  bool step_code_point(std::uint32_t& node, char32_t c) const {
    if (c < 0x80) return step(node, static_cast<unsigned char>(c));
    if (c < 0x800) return step(node, byte(0xC0 | c >> 6)) && step(node, continuation(c));
    if (c < 0x10000)
      return step(node, byte(0xE0 | c >> 12)) && step(node, continuation(c >> 6)) &&
             step(node, continuation(c));
    return step(node, byte(0xF0 | c >> 18)) && step(node, continuation(c >> 12)) &&
           step(node, continuation(c >> 6)) && step(node, continuation(c));
  }

  /// Whether a key ends at this node; then its score and id.
  bool ends(std::uint32_t node) const { return (units_[node].base_and_end & kEnd) != 0; }
  double score(std::uint32_t node) const { return scores_[node]; }
  std::int32_t id(std::uint32_t node) const { return ids_[node]; }

  /// The id of exactly this key, or -1.
  std::int32_t find(std::string_view key) const;

 private:
  static constexpr std::uint32_t kEnd = 0x80000000;
  static constexpr std::uint32_t kNoParent = 0xFFFFFFFF;
  friend class PieceTrieBuilder;

  struct Unit {
    std::uint32_t base_and_end = 0;
    std::uint32_t parent = kNoParent;
  };

  static unsigned char byte(char32_t value) { return static_cast<unsigned char>(value); }
  static unsigned char continuation(char32_t value) { return byte(0x80 | (value & 0x3F)); }

  std::vector<Unit> units_ = std::vector<Unit>(256);
  // Apart from the units, which a walk touches at every step: they shall fit into the caches.
  std::vector<double> scores_ = std::vector<double>(256);
  std::vector<std::int32_t> ids_ = std::vector<std::int32_t>(256, -1);
};

}  // namespace berta::tokenizer
