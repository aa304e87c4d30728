#include "tokenizer/piece_trie.h"

#include <algorithm>

#include "core/error.h"

namespace berta::tokenizer {
namespace {

constexpr std::uint32_t kBlock = 256;
constexpr std::uint32_t kMaxUnits = 1u << 25;
/// Free places tried for a node of several children before a new block is opened. It bounds the time of
/// building; the last blocks are tried, whose places are mostly free.
constexpr int kTries = 2 * kBlock;

struct SortKey {
  std::uint64_t prefix;  ///< first eight bytes, big-endian
  std::uint32_t index;
};

std::uint64_t prefix_of(std::string_view text) {
  std::uint64_t prefix = 0;
  for (std::size_t i = 0; i < 8; ++i)
    prefix = prefix << 8 | (i < text.size() ? static_cast<unsigned char>(text[i]) : 0u);
  return prefix;
}

/// Indices of the non-empty keys in byte order, of equal keys the last index only.
std::vector<std::uint32_t> sorted(std::span<const PieceTrie::Key> keys) {
  std::vector<SortKey> order;
  order.reserve(keys.size());
  for (std::uint32_t i = 0; i < keys.size(); ++i)
    if (!keys[i].text.empty()) order.push_back({prefix_of(keys[i].text), i});
  std::sort(order.begin(), order.end(), [&](const SortKey& a, const SortKey& b) {
    if (a.prefix != b.prefix) return a.prefix < b.prefix;
    const int compared = keys[a.index].text.compare(keys[b.index].text);
    return compared != 0 ? compared < 0 : a.index < b.index;
  });
  std::vector<std::uint32_t> out;
  out.reserve(order.size());
  for (const SortKey& key : order) {
    if (!out.empty() && keys[out.back()].text == keys[key.index].text)
      out.back() = key.index;
    else
      out.push_back(key.index);
  }
  return out;
}

}  // namespace

/// Lays the nodes out: a queue of ranges of the sorted keys that share a prefix, and a doubly linked list of
/// free places in the order of their positions.
class PieceTrieBuilder {
 public:
  PieceTrieBuilder(PieceTrie& trie, std::span<const PieceTrie::Key> keys)
      : trie_(trie), keys_(keys), order_(sorted(keys)) {
    trie_.units_.clear();
    trie_.ids_.clear();
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

  std::string_view key(std::uint32_t place) const { return keys_[order_[place]].text; }

  void open_block() {
    const auto first = static_cast<std::uint32_t>(trie_.units_.size());
    if (first + kBlock > kMaxUnits) throw UserError("the pieces of the vocabulary need too large a trie");
    trie_.units_.resize(first + kBlock);
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
    if (key(begin).size() == range.depth) {
      trie_.units_[range.node].base_and_end |= PieceTrie::kEnd;
      trie_.units_[range.node].score = keys_[order_[begin]].score;
      trie_.ids_[range.node] = keys_[order_[begin]].id;
      ++begin;
    }
    children_.clear();
    for (std::uint32_t i = begin; i < range.end; ++i) {
      const auto label = static_cast<unsigned char>(key(i)[range.depth]);
      if (children_.empty() || children_.back().label != label) children_.push_back({label, i, i});
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
  std::vector<std::uint32_t> order_;
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
