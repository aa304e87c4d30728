#include "tokenizer/piece_trie.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "core/error.h"

namespace berta::tokenizer {
namespace {

constexpr std::uint32_t kBlock = 256;
constexpr std::uint32_t kMaxUnits = 1u << 25;
/// Free places tried for a node of several children before a new block is opened. It bounds the time of
/// building; the last places are tried, which are mostly free. The others go to nodes of one child.
constexpr int kTries = 64;

/// A key with its first sixteen bytes as two big-endian numbers, which decide nearly every comparison of real
/// pieces and spare the way to their texts.
struct SortKey {
  std::uint64_t high, low;
  std::uint32_t index, length;
};

std::uint64_t eight_bytes(std::string_view text, std::size_t from) {
  std::uint64_t value = 0;
  if (text.size() >= from + 8) {
    std::memcpy(&value, text.data() + from, 8);
    return std::endian::native == std::endian::little ? __builtin_bswap64(value) : value;
  }
  for (std::size_t i = from; i < from + 8; ++i)
    value = value << 8 | (i < text.size() ? static_cast<unsigned char>(text[i]) : 0u);
  return value;
}

/// The non-empty keys in byte order, of equal keys the last one only.
std::vector<SortKey> sorted(std::span<const PieceTrie::Key> keys) {
  std::vector<SortKey> order;
  order.reserve(keys.size());
  for (std::uint32_t i = 0; i < keys.size(); ++i) {
    const std::string_view text = keys[i].text;
    if (!text.empty())
      order.push_back(
          {eight_bytes(text, 0), eight_bytes(text, 8), i, static_cast<std::uint32_t>(text.size())});
  }
  const auto compare = [&](const SortKey& a, const SortKey& b) {
    if (a.high != b.high) return a.high < b.high ? -1 : 1;
    if (a.low != b.low) return a.low < b.low ? -1 : 1;
    if (a.length > 16 && b.length > 16) return keys[a.index].text.compare(keys[b.index].text);
    return static_cast<int>(a.length > b.length) - static_cast<int>(a.length < b.length);
  };
  std::sort(order.begin(), order.end(), [&](const SortKey& a, const SortKey& b) {
    const int compared = compare(a, b);
    return compared != 0 ? compared < 0 : a.index < b.index;
  });
  std::size_t kept = 0;
  for (const SortKey& key : order) {
    if (kept > 0 && compare(order[kept - 1], key) == 0)
      order[kept - 1] = key;
    else
      order[kept++] = key;
  }
  order.resize(kept);
  return order;
}

}  // namespace

/// Lays the nodes out: a queue of ranges of the sorted keys that share a prefix, and a doubly linked list of
/// free places in the order of their positions.
class PieceTrieBuilder {
 public:
  PieceTrieBuilder(PieceTrie& trie, std::span<const PieceTrie::Key> keys)
      : trie_(trie), keys_(keys), order_(sorted(keys)) {
    trie_.units_.clear();
    trie_.scores_.clear();
    trie_.ids_.clear();
    const std::size_t guess = std::min<std::size_t>(3 * order_.size(), kMaxUnits);
    trie_.units_.reserve(guess);
    trie_.scores_.reserve(guess);
    trie_.ids_.reserve(guess);
    next_.reserve(guess);
    previous_.reserve(guess);
  }

  void build() {
    open_block();
    take(0, PieceTrie::kNoParent);
    if (order_.empty()) return;
    queue_.push_back({0, 0, static_cast<std::uint32_t>(order_.size()), 0});
    while (!queue_.empty()) {
      const Range range = queue_.back();
      queue_.pop_back();
      place(range);
    }
  }

 private:
  struct Range {
    std::uint32_t node, begin, end, depth;
  };
  struct Child {
    unsigned char label;
    std::uint32_t begin, end;
  };
  static constexpr std::uint32_t kNone = 0xFFFFFFFF;

  unsigned char label(std::uint32_t place, std::uint32_t depth) const {
    const SortKey& key = order_[place];
    if (depth < 8) return static_cast<unsigned char>(key.high >> (56 - 8 * depth));
    if (depth < 16) return static_cast<unsigned char>(key.low >> (120 - 8 * depth));
    return static_cast<unsigned char>(keys_[key.index].text[depth]);
  }

  void open_block() {
    const auto first = static_cast<std::uint32_t>(trie_.units_.size());
    if (first + kBlock > kMaxUnits) throw UserError("the pieces of the vocabulary need too large a trie");
    trie_.units_.resize(first + kBlock);
    trie_.scores_.resize(first + kBlock);
    trie_.ids_.resize(first + kBlock, -1);
    next_.resize(first + kBlock);
    previous_.resize(first + kBlock);
    for (std::uint32_t i = first; i < first + kBlock; ++i) {
      next_[i] = i + 1 < first + kBlock ? i + 1 : kNone;
      previous_[i] = i > first ? i - 1 : tail_;
    }
    (tail_ == kNone ? head_ : next_[tail_]) = first;
    tail_ = first + kBlock - 1;
  }

  /// Node `position` gets its parent and leaves the list of free places.
  void take(std::uint32_t position, std::uint32_t parent) {
    trie_.units_[position].parent = parent;
    (previous_[position] == kNone ? head_ : next_[previous_[position]]) = next_[position];
    (next_[position] == kNone ? tail_ : previous_[next_[position]]) = previous_[position];
  }

  bool is_free(std::uint32_t position) const {
    return position != 0 && trie_.units_[position].parent == PieceTrie::kNoParent;
  }

  /// A base that puts all children on free places.
  std::uint32_t find_base() {
    if (children_.size() == 1 && head_ != kNone) return head_ ^ children_[0].label;
    std::uint32_t position = tail_;
    for (int i = 0; i < kTries && position != kNone; ++i, position = previous_[position]) {
      const std::uint32_t base = position ^ children_[0].label;
      if (std::all_of(children_.begin(), children_.end(),
                      [&](const Child& child) { return is_free(base ^ child.label); }))
        return base;
    }
    open_block();
    return tail_ & ~(kBlock - 1);
  }

  void place(const Range& range) {
    std::uint32_t begin = range.begin;
    if (order_[begin].length == range.depth) {
      const PieceTrie::Key& key = keys_[order_[begin].index];
      trie_.units_[range.node].base_and_end |= PieceTrie::kEnd;
      trie_.scores_[range.node] = key.score;
      trie_.ids_[range.node] = key.id;
      ++begin;
    }
    children_.clear();
    for (std::uint32_t i = begin; i < range.end; ++i) {
      const unsigned char byte = label(i, range.depth);
      if (children_.empty() || children_.back().label != byte) children_.push_back({byte, i, i});
      children_.back().end = i + 1;
    }
    if (children_.empty()) return;
    const std::uint32_t base = find_base();
    trie_.units_[range.node].base_and_end |= base;
    for (const Child& child : children_) {
      take(base ^ child.label, range.node);
      queue_.push_back({base ^ child.label, child.begin, child.end, range.depth + 1});
    }
  }

  PieceTrie& trie_;
  std::span<const PieceTrie::Key> keys_;
  std::vector<SortKey> order_;
  std::vector<Range> queue_;
  std::vector<Child> children_;
  std::vector<std::uint32_t> next_, previous_;
  std::uint32_t head_ = kNone, tail_ = kNone;
};

PieceTrie::PieceTrie(std::span<const Key> keys) {
  PieceTrieBuilder(*this, keys).build();
}

std::int32_t PieceTrie::find(std::string_view key) const {
  std::uint32_t node = 0;
  for (const char c : key)
    if (!step(node, static_cast<unsigned char>(c))) return -1;
  return node != 0 && ends(node) ? ids_[node] : -1;
}

}  // namespace berta::tokenizer
