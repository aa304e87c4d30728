#include "tokenizer/bpe.h"

#include <fmt/core.h>

#include <algorithm>
#include <functional>

#include "core/error.h"
#include "core/utf8.h"
#include "tokenizer/in_quotes.h"

namespace berta::tokenizer {
namespace {

constexpr char32_t kIndexedCharacters = 0x400;
constexpr std::size_t kShortWord = 48;  // symbols up to which scanning beats the heap

std::uint32_t utf8_length(char32_t c) {
  return c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
}

}  // namespace

/// The unknown that waits to be added, so that the next one can fuse with it.
struct Bpe::Unknown {
  bool waiting = false;
  std::int32_t id = 0;
  std::uint32_t bytes = 0;

  void flush(std::vector<Symbol>& symbols) {
    if (waiting) symbols.push_back({id, bytes, 0, 0});
    waiting = false;
  }
};

/// Buffers of one thread.
struct Bpe::Scratch {
  /// A merge that was possible when it was queued: best on top of the heap.
  struct Candidate {
    std::uint32_t rank;
    std::int32_t position;
    std::int32_t id;
    bool operator>(const Candidate& other) const {
      return rank != other.rank ? rank > other.rank : position > other.position;
    }
  };
  std::vector<Symbol> symbols;
  std::vector<MergeTable::Merge> pairs;  ///< of symbol i and i + 1
  std::vector<Candidate> heap;

  void push(Candidate candidate) {
    heap.push_back(candidate);
    std::push_heap(heap.begin(), heap.end(), std::greater<>());
  }
};

Bpe::Bpe(Vocabulary vocabulary, const std::vector<BpeMerge>& merges, BpeOptions options,
         std::string_view where)
    : vocabulary_(std::move(vocabulary)), options_(std::move(options)), merges_(merges.size()) {
  const std::size_t prefix = options_.continuing_subword_prefix.size();
  std::string name;
  for (std::size_t i = 0; i < merges.size(); ++i) {
    const std::string_view left = merges[i].left;
    const std::string_view right = merges[i].right;
    const auto known = [&](std::string_view part) {
      if (const auto found = vocabulary_.id(part)) return *found;
      throw UserError(
          fmt::format("{} {}: expected parts and a result that the vocabulary has, found no {} for the merge "
                      "of {} and {}",
                      where, merges[i].number, in_quotes(part), in_quotes(left), in_quotes(right)));
    };
    const std::int32_t left_id = known(left);
    const std::int32_t right_id = known(right);
    name.assign(left);
    name += right.substr(std::min(prefix, right.size()));
    merges_.set(left_id, right_id, {static_cast<std::uint32_t>(i), known(name)});
  }
  index_characters();
}

void Bpe::index_characters() {
  if (options_.byte_fallback) {
    for (unsigned byte = 0; byte < 256; ++byte) {
      byte_ids_.push_back(vocabulary_.id(fmt::format("<0x{:02X}>", byte)).value_or(-1));
    }
  }
  if (!options_.continuing_subword_prefix.empty() || !options_.end_of_word_suffix.empty()) return;
  for (char32_t c = 0; c < kIndexedCharacters; ++c) {
    characters_.push_back(vocabulary_.id(symbol_name(c, true, true)).value_or(-1));
  }
}

std::string Bpe::symbol_name(char32_t c, bool first, bool last) const {
  std::string name;
  if (!first) name = options_.continuing_subword_prefix;
  append_utf8(name, c);
  if (last) name += options_.end_of_word_suffix;
  return name;
}

std::optional<std::int32_t> Bpe::character_id(char32_t c, bool first, bool last) const {
  if (c < characters_.size()) {
    const std::int32_t found = characters_[c];
    if (found < 0) return std::nullopt;
    return found;
  }
  return vocabulary_.id(symbol_name(c, first, last));
}

/// Adds the name's bytes as <0xNN> tokens if the vocabulary has them all.
bool Bpe::add_bytes(std::string_view name, std::vector<Symbol>& symbols) const {
  const auto id_of = [this](char byte) { return byte_ids_[static_cast<unsigned char>(byte)]; };
  if (std::any_of(name.begin(), name.end(), [&](char byte) { return id_of(byte) < 0; })) return false;
  for (const char byte : name) symbols.push_back({id_of(byte), 1, 0, 0});
  return true;
}

void Bpe::add_unknown(std::uint32_t bytes, Unknown& unknown, std::vector<Symbol>& symbols) const {
  if (options_.unk_token.empty()) return;
  if (unknown.waiting && options_.fuse_unk) {
    unknown.bytes += bytes;
    return;
  }
  unknown.flush(symbols);
  const auto id = vocabulary_.id(options_.unk_token);
  if (!id) {
    throw UserError(
        fmt::format("expected the unknown token {} (key 'unk_token') in the vocabulary of the BPE "
                    "tokenizer, which a text needs now, found none",
                    in_quotes(options_.unk_token)));
  }
  unknown = {true, *id, bytes};
}

/// The word as symbols of one character. Unknowns wait while bytes are added, as in tokenizers 0.22.2.
void Bpe::start(std::u32string_view word, std::vector<Symbol>& symbols) const {
  symbols.clear();
  Unknown unknown;
  for (std::size_t i = 0; i < word.size(); ++i) {
    const bool first = i == 0;
    const bool last = i + 1 == word.size();
    const std::uint32_t bytes = utf8_length(word[i]);
    if (const auto id = character_id(word[i], first, last)) {
      unknown.flush(symbols);
      symbols.push_back({*id, bytes, 0, 0});
    } else if (!options_.byte_fallback || !add_bytes(symbol_name(word[i], first, last), symbols)) {
      add_unknown(bytes, unknown, symbols);
    }
  }
  unknown.flush(symbols);
}

/// Scans for the best pair again after each merge.
void Bpe::merge_short(Scratch& scratch) const {
  std::vector<Symbol>& symbols = scratch.symbols;
  std::vector<MergeTable::Merge>& pairs = scratch.pairs;
  pairs.clear();
  for (std::size_t i = 0; i + 1 < symbols.size(); ++i) {
    pairs.push_back(merges_.find(symbols[i].id, symbols[i + 1].id));
  }
  while (!pairs.empty()) {
    const auto best = std::min_element(pairs.begin(), pairs.end(),
                                       [](const auto& a, const auto& b) { return a.rank < b.rank; });
    if (best->rank == MergeTable::kNone) return;
    const auto at = best - pairs.begin();
    const auto i = static_cast<std::size_t>(at);
    symbols[i].id = best->id;
    symbols[i].bytes += symbols[i + 1].bytes;
    symbols.erase(symbols.begin() + at + 1);
    pairs.erase(best);
    if (i > 0) pairs[i - 1] = merges_.find(symbols[i - 1].id, symbols[i].id);
    if (i < pairs.size()) pairs[i] = merges_.find(symbols[i].id, symbols[i + 1].id);
  }
}

void Bpe::merge_long(Scratch& scratch) const {
  std::vector<Symbol>& symbols = scratch.symbols;
  const auto count = static_cast<std::int32_t>(symbols.size());
  const auto at = [&](std::int32_t i) -> Symbol& { return symbols[static_cast<std::size_t>(i)]; };
  const auto queue = [&](std::int32_t left, std::int32_t right) {
    if (left < 0 || right >= count) return;
    const MergeTable::Merge merge = merges_.find(at(left).id, at(right).id);
    if (merge.rank != MergeTable::kNone) scratch.push({merge.rank, left, merge.id});
  };
  scratch.heap.clear();
  for (std::int32_t i = 0; i < count; ++i) {
    at(i).previous = i - 1;
    at(i).next = i + 1;
    queue(i, i + 1);
  }
  while (!scratch.heap.empty()) {
    std::pop_heap(scratch.heap.begin(), scratch.heap.end(), std::greater<>());
    const Scratch::Candidate top = scratch.heap.back();
    scratch.heap.pop_back();
    Symbol& left = at(top.position);
    if (left.bytes == 0 || left.next >= count) continue;
    Symbol& right = at(left.next);
    if (merges_.find(left.id, right.id).id != top.id) continue;  // one of the two has changed meanwhile
    left.id = top.id;
    left.bytes += right.bytes;
    right.bytes = 0;
    left.next = right.next;
    if (left.next < count) at(left.next).previous = top.position;
    queue(left.previous, top.position);
    queue(top.position, left.next);
  }
  std::erase_if(symbols, [](const Symbol& symbol) { return symbol.bytes == 0; });
}

void Bpe::tokenize(std::u32string_view word, std::vector<WordToken>& out) const {
  if (word.empty()) return;
  if (options_.ignore_merges) {
    if (const auto id = vocabulary_.id(encode_utf8(word))) {
      out.push_back({*id, 0, static_cast<std::uint32_t>(word.size())});
      return;
    }
  }
  thread_local Scratch scratch;
  start(word, scratch.symbols);
  if (scratch.symbols.size() <= kShortWord) {
    merge_short(scratch);
  } else {
    merge_long(scratch);
  }
  // Byte ranges to the characters that hold their first and last byte.
  std::uint32_t character = 0;
  std::uint32_t character_begin = 0;
  std::uint32_t begin = 0;
  const auto advance = [&](std::uint32_t byte) {
    while (character + 1 < word.size() && byte >= character_begin + utf8_length(word[character])) {
      character_begin += utf8_length(word[character++]);
    }
    return character;
  };
  for (const Symbol& symbol : scratch.symbols) {
    const std::uint32_t first = advance(begin);
    begin += symbol.bytes;
    out.push_back({symbol.id, first, advance(begin - 1) + 1});
  }
}

}  // namespace berta::tokenizer
