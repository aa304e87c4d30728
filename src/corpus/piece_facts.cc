#include "corpus/piece_facts.h"

#include <algorithm>
#include <string>
#include <string_view>

#include "core/error.h"
#include "core/utf8.h"
#include "tokenizer/unicode.h"

namespace berta::corpus {
namespace {

constexpr std::string_view kWordMark = "\xE2\x96\x81";  // U+2581, SentencePiece's blank
constexpr std::string_view kByteBlank = "\xC4\xA0";     // U+0120, the byte level's blank

enum class Kind { sentencepiece, byte_level, wordpiece };

/// Which spelling of a word's begin the vocabulary has: a tokenizer.json does not tell more.
Kind kind_of(const tokenizer::Tokenizer& tokenizer) {
  if (tokenizer.has_subword_prefix()) return Kind::wordpiece;
  std::size_t marks = 0, blanks = 0;
  for (std::int32_t id = 0; id < tokenizer.size(); ++id) {
    const std::string name = tokenizer.token(id);
    marks += name.starts_with(kWordMark);
    blanks += name.starts_with(kByteBlank);
  }
  return blanks > marks ? Kind::byte_level : Kind::sentencepiece;
}

/// _is_whitespace, _is_control or _is_punctuation of Microsoft's tokenizers: blanks, Zs, C*, P* and all of
/// ASCII that is neither letter nor digit.
bool stands_alone(char32_t c) {
  constexpr char32_t kLineSeparator = 0x2028, kParagraphSeparator = 0x2029, kReplacement = 0xFFFD;
  if (c == kLineSeparator || c == kParagraphSeparator || c == kReplacement) return false;
  return tokenizer::is_white_space(c) || tokenizer::is_bert_control(c) || tokenizer::is_bert_punctuation(c);
}

bool is_lone_mark(std::string_view text) {
  if (text.empty()) return false;
  std::size_t position = 0;
  const char32_t c = next_code_point(text, position);
  return position == text.size() && stands_alone(c);
}

bool continues(const tokenizer::Tokenizer& tokenizer, Kind kind, const std::string& name) {
  if (kind == Kind::wordpiece) return name.starts_with("##");
  if (kind == Kind::sentencepiece) return !name.starts_with(kWordMark) && !is_lone_mark(name);
  const std::string text = tokenizer.join({name});
  return !text.starts_with(' ') && !is_lone_mark(text);
}

}  // namespace

PieceFacts::PieceFacts(const tokenizer::Tokenizer& tokenizer) {
  const tokenizer::SpecialIds& specials = tokenizer.specials();
  if (!specials.mask) throw UserError("the tokenizer has no [MASK]: it can't be used for masking");
  mask_ = *specials.mask;
  const Kind kind = kind_of(tokenizer);
  flags_.resize(static_cast<std::size_t>(std::max(tokenizer.size(), mask_ + 1)));
  for (std::size_t i = 0; i < flags_.size(); ++i) {
    const std::string name = tokenizer.token(static_cast<std::int32_t>(i));
    if (continues(tokenizer, kind, name)) flags_[i] = kContinues;
  }
  for (const auto& id : {specials.pad, specials.cls, specials.sep, specials.unk, specials.mask}) {
    if (id && contains(*id)) flags_[static_cast<std::size_t>(*id)] = kSpecial;
  }
}

PieceFacts::PieceFacts(const std::vector<bool>& special, const std::vector<bool>& continues,
                       std::int32_t mask)
    : flags_(special.size()), mask_(mask) {
  check_internal(special.size() == continues.size() && contains(mask), "facts of another vocabulary");
  for (std::size_t i = 0; i < flags_.size(); ++i) {
    if (continues[i]) flags_[i] |= kContinues;
    if (special[i]) flags_[i] |= kSpecial;
  }
}

}  // namespace berta::corpus
