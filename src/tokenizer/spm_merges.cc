#include "tokenizer/spm_merges.h"

#include <algorithm>
#include <numeric>
#include <string>

#include "core/error.h"

namespace berta::tokenizer {
namespace {

constexpr std::size_t kMostBytes = 256;  // of a piece: its cuts are looked up, which is quadratic
constexpr std::size_t kMostMerges = std::size_t{16} << 20;

bool begins_character(char c) {
  return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
}

/// Code points of valid UTF-8.
auto length_of(std::string_view text) {
  return std::count_if(text.begin(), text.end(), begins_character);
}

/// The cuts of one piece, in no order that matters.
void append_cuts(std::string_view piece, const Vocabulary& vocabulary, std::vector<BpeMerge>& out) {
  for (std::size_t at = 1; at < piece.size(); ++at) {
    if (!begins_character(piece[at])) continue;
    const std::string_view left = piece.substr(0, at), right = piece.substr(at);
    if (vocabulary.id(left) && vocabulary.id(right)) out.push_back({.left = left, .right = right});
  }
}

}  // namespace

std::vector<BpeMerge> spm_merges(const SpmModel& model, const Vocabulary& vocabulary, std::string_view path) {
  std::vector<std::size_t> order(model.pieces.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return model.pieces[a].score > model.pieces[b].score;
  });
  std::vector<BpeMerge> merges;
  for (std::size_t first = 0, last = 0; first < order.size(); first = last) {
    const float score = model.pieces[order[first]].score;
    const auto begin = static_cast<std::ptrdiff_t>(merges.size());
    for (; last < order.size() && model.pieces[order[last]].score == score; ++last) {
      const std::string& piece = model.pieces[order[last]].text;
      if (piece.size() > kMostBytes || merges.size() > kMostMerges) {
        throw UserError(std::string(path) + ": field 'pieces[" + std::to_string(order[last]) +
                        "].piece': expected BPE pieces of at most " + std::to_string(kMostBytes) +
                        " bytes, and at most " + std::to_string(kMostMerges) + " merges");
      }
      append_cuts(piece, vocabulary, merges);
    }
    std::stable_sort(merges.begin() + begin, merges.end(), [](const BpeMerge& a, const BpeMerge& b) {
      const auto left_a = length_of(a.left), left_b = length_of(b.left);
      return left_a != left_b ? left_a > left_b : length_of(a.right) > length_of(b.right);
    });
  }
  for (std::size_t i = 0; i < merges.size(); ++i) merges[i].number = i + 1;
  return merges;
}

}  // namespace berta::tokenizer
