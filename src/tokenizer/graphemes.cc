#include <cstddef>

#include "tokenizer/unicode.h"

namespace berta::tokenizer {
namespace {

using Break = GraphemeBreak;

bool is_control(Break b) {
  return b == Break::control || b == Break::carriage_return || b == Break::line_feed;
}

/// What the rules with a left context have to remember of the cluster so far.
struct ClusterState {
  Break last = Break::other;
  bool pictographic = false;         ///< GB11: Extended_Pictographic Extend*
  bool pictographic_joined = false;  ///< ... ZWJ
  bool odd_indicators = false;       ///< GB12/13: an odd number of regional indicators ends here
  bool consonant = false;            ///< GB9c: Consonant [Extend Linker]*
  bool consonant_linked = false;     ///< ... with a Linker in it

  void add(const CodePointProperties& p) {
    const Break b = p.grapheme;
    pictographic_joined = b == Break::zero_width_joiner && pictographic;
    pictographic = b == Break::extended_pictographic || (b == Break::extend && pictographic);
    odd_indicators = b == Break::regional_indicator && !odd_indicators;
    if (p.conjunct == ConjunctBreak::consonant) {
      consonant = true;
      consonant_linked = false;
    } else if (p.conjunct == ConjunctBreak::none) {
      consonant = consonant_linked = false;
    } else if (p.conjunct == ConjunctBreak::linker) {
      consonant_linked = consonant;
    }
    last = b;
  }
};

/// GB6-8: Hangul syllables stay together.
bool joins_hangul(Break left, Break right) {
  switch (left) {
    case Break::hangul_l:
      return right == Break::hangul_l || right == Break::hangul_v || right == Break::hangul_lv ||
             right == Break::hangul_lvt;
    case Break::hangul_lv:
    case Break::hangul_v:
      return right == Break::hangul_v || right == Break::hangul_t;
    case Break::hangul_lvt:
    case Break::hangul_t:
      return right == Break::hangul_t;
    default:
      return false;
  }
}

/// True if no boundary lies between the cluster so far and `next` (UAX #29, GB3 to GB999).
bool joins(const ClusterState& state, const CodePointProperties& next) {
  const Break left = state.last, right = next.grapheme;
  if (left == Break::carriage_return) return right == Break::line_feed;
  if (is_control(left) || is_control(right)) return false;
  if (right == Break::extend || right == Break::zero_width_joiner || right == Break::spacing_mark)
    return true;
  if (left == Break::prepend || joins_hangul(left, right)) return true;
  if (state.consonant_linked && next.conjunct == ConjunctBreak::consonant) return true;
  if (state.pictographic_joined && right == Break::extended_pictographic) return true;
  return state.odd_indicators && right == Break::regional_indicator;
}

}  // namespace

std::size_t grapheme_length(std::u32string_view text) {
  if (text.empty()) return 0;
  ClusterState state;
  state.add(code_point_properties(text[0]));
  std::size_t length = 1;
  for (; length < text.size(); ++length) {
    const CodePointProperties& next = code_point_properties(text[length]);
    if (!joins(state, next)) break;
    state.add(next);
  }
  return length;
}

}  // namespace berta::tokenizer
