#include "tokenizer/charsmap.h"

#include <algorithm>
#include <cstring>

#include "core/error.h"
#include "core/utf8.h"
#include "tokenizer/aligned_text.h"
#include "tokenizer/unicode.h"

namespace berta::tokenizer {
namespace {

// Fields of a Darts-clone unit (deberta.md 3.2).
constexpr std::uint32_t offset_of(std::uint32_t unit) {
  return (unit >> 10) << ((unit & 512) >> 6);
}
constexpr std::uint32_t label_of(std::uint32_t unit) {
  return unit & 0x800000FF;
}
constexpr bool has_leaf(std::uint32_t unit) {
  return (unit & 256) != 0;
}
constexpr bool is_value(std::uint32_t unit) {
  return (unit & 0x80000000) != 0;
}
constexpr std::uint32_t value_of(std::uint32_t unit) {
  return unit & 0x7FFFFFFF;
}

std::uint32_t little_endian(const char* bytes) {
  std::uint32_t value = 0;
  for (int i = 3; i >= 0; --i) value = value << 8 | static_cast<unsigned char>(bytes[i]);
  return value;
}

}  // namespace

Charsmap::Charsmap(std::string_view bytes, const std::string& where) {
  if (bytes.size() < 4)
    throw UserError(where + ": expected at least 4 bytes, found " + std::to_string(bytes.size()));
  const std::uint32_t size = little_endian(bytes.data());
  if (size == 0 || size % 4 != 0 || size > bytes.size() - 4)
    throw UserError(where + ": expected a trie of a multiple of 4 bytes within the " +
                    std::to_string(bytes.size() - 4) + " that follow, found a size of " +
                    std::to_string(size));
  units_.resize(size / 4);
  for (std::size_t i = 0; i < units_.size(); ++i) units_[i] = little_endian(bytes.data() + 4 + 4 * i);
  values_ = bytes.substr(4 + size);
  check_values(where);
  for (unsigned b = 1; b < 256; ++b) {
    Node node{0, unit(0)};
    begins_[b] = step(node, static_cast<unsigned char>(b));
    is_key_[b] = begins_[b] && has_leaf(node.unit);
  }
}

void Charsmap::check_values(const std::string& where) const {
  if (values_.empty() || values_.back() != '\0')
    throw UserError(where + ": expected values that end in a zero byte, found " +
                    (values_.empty() ? "none" : "another byte at the end"));
  if (const auto bad = find_invalid_utf8(values_))
    throw UserError(where + ": expected values in UTF-8, found an invalid byte at position " +
                    std::to_string(*bad) + " of the values");
  for (std::size_t i = 0; i < units_.size(); ++i) {
    if (is_value(units_[i]) || !has_leaf(units_[i])) continue;
    const std::size_t leaf = i ^ offset_of(units_[i]);
    if (leaf >= units_.size() || value_of(units_[leaf]) >= values_.size())
      throw UserError(where + ": expected unit " + std::to_string(i) +
                      " of the trie to lead to a value, found " +
                      (leaf >= units_.size() ? "a unit" : "a position") + " that lies outside");
  }
}

std::uint32_t Charsmap::unit(std::size_t position) const {
  // A unit outside reads as a value: no label equals it, so the walk ends there.
  return position < units_.size() ? units_[position] : 0x80000000;
}

bool Charsmap::step(Node& node, unsigned char byte) const {
  const std::size_t position = node.position ^ offset_of(node.unit) ^ byte;
  const std::uint32_t next = unit(position);
  if (label_of(next) != byte) return false;
  node = {position, next};
  return true;
}

std::string_view Charsmap::value(const Node& node) const {
  const std::uint32_t begin = value_of(unit(node.position ^ offset_of(node.unit)));
  if (begin >= values_.size()) return {};
  return values_.c_str() + begin;
}

std::optional<Charsmap::Match> Charsmap::shortest(std::string_view text) const {
  Node node{0, unit(0)};
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\0' || !step(node, static_cast<unsigned char>(text[i]))) return std::nullopt;
    if (has_leaf(node.unit)) return Match{i + 1, value(node)};
  }
  return std::nullopt;
}

std::optional<Charsmap::Match> Charsmap::longest(std::string_view text) const {
  std::optional<Match> found;
  Node node{0, unit(0)};
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\0' || !step(node, static_cast<unsigned char>(text[i]))) break;
    if (has_leaf(node.unit)) found = Match{i + 1, value(node)};
  }
  return found;
}

namespace {

/// UTF-8 of a few code points without an allocation.
std::string_view encode(std::u32string_view text, std::string& buffer) {
  buffer.clear();
  for (const char32_t c : text) append_utf8(buffer, c);
  return buffer;
}

/// The normaliser's walk over one text.
class ByCluster {
 public:
  ByCluster(const Charsmap& map, const std::u32string& text) : map_(map), text_(text) {}

  /// False if nothing changes.
  bool run(Rewrite& rewrite) {
    rewrite.reserve(text_.size() + 8);
    bool modified = false;
    for (std::size_t i = 0; i < text_.size();) {
      if (is_plain(i)) {
        rewrite.push(text_[i++], 0);
        continue;
      }
      const std::u32string_view rest = std::u32string_view(text_).substr(i);
      const std::u32string_view cluster = rest.substr(0, grapheme_length(rest));
      modified = add_cluster(cluster, rewrite) || modified;
      i += cluster.size();
    }
    return modified;
  }

 private:
  /// An ASCII character that is no key and surely a cluster of its own.
  bool is_plain(std::size_t i) const {
    return text_[i] < 0x80 && text_[i] != U'\r' && !map_.is_key(static_cast<unsigned char>(text_[i])) &&
           (i + 1 == text_.size() || text_[i + 1] < 0x300);
  }

  bool add_cluster(std::u32string_view cluster, Rewrite& rewrite) {
    constexpr std::size_t kWholeBelow = 6;  // bytes
    if (cluster.size() < kWholeBelow) {
      const std::string_view bytes = encode(cluster, buffer_);
      if (bytes.size() < kWholeBelow && add_value(bytes, cluster.size(), rewrite)) return true;
    }
    bool modified = false;
    for (const char32_t c : cluster) {
      if (add_value(encode({&c, 1}, buffer_), 1, rewrite))
        modified = true;
      else
        rewrite.push(c, 0);
    }
    return modified;
  }

  bool add_value(std::string_view key, std::size_t code_points, Rewrite& rewrite) const {
    const auto match = map_.shortest(key);
    if (!match) return false;
    rewrite.replace(code_points, decode_utf8(match->value));
    return true;
  }

  const Charsmap& map_;
  const std::u32string& text_;
  std::string buffer_;
};

}  // namespace

void CharsmapNormalizer::normalize(AlignedText& text) const {
  Rewrite rewrite;
  if (ByCluster(*map_, text.text).run(rewrite)) rewrite.apply(text);
}

}  // namespace berta::tokenizer
