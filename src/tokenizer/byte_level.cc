#include "tokenizer/byte_level.h"

#include <array>
#include <cstdint>
#include <utility>

#include "core/utf8.h"
#include "tokenizer/unicode.h"

namespace berta::tokenizer {
namespace {

constexpr bool is_printable(unsigned byte) {
  return (byte >= 0x21 && byte <= 0x7E) || (byte >= 0xA1 && byte != 0xAD);
}

constexpr char32_t kAlphabetEnd = 0x144;

constexpr std::array<char32_t, 256> make_alphabet() {
  std::array<char32_t, 256> alphabet{};
  char32_t next = 0x100;
  for (unsigned byte = 0; byte < 256; ++byte) alphabet[byte] = is_printable(byte) ? byte : next++;
  return alphabet;
}

constexpr std::array<char32_t, 256> kAlphabet = make_alphabet();

constexpr std::array<std::int16_t, kAlphabetEnd> make_bytes() {
  std::array<std::int16_t, kAlphabetEnd> bytes{};
  for (auto& byte : bytes) byte = -1;
  for (unsigned byte = 0; byte < 256; ++byte) bytes[kAlphabet[byte]] = static_cast<std::int16_t>(byte);
  return bytes;
}

constexpr std::array<std::int16_t, kAlphabetEnd> kBytes = make_bytes();

enum class Kind : std::uint8_t { space, letter, number, other };

Kind kind(char32_t c) {
  const CodePointProperties& properties = code_point_properties(c);
  if (properties.has(CodePointFlag::letter)) return Kind::letter;
  if (properties.has(CodePointFlag::white_space)) return Kind::space;
  return properties.has(CodePointFlag::number) ? Kind::number : Kind::other;
}

std::size_t run_end(std::u32string_view text, std::size_t begin, Kind wanted) {
  while (begin < text.size() && kind(text[begin]) == wanted) ++begin;
  return begin;
}

/// Length of 's, 't, 'm, 'd, 're, 've, 'll (in lower case) at the start; 0 if there is none.
std::size_t contraction(std::u32string_view text) {
  if (text.size() < 2 || text[0] != U'\'') return 0;
  const char32_t first = text[1];
  if (first == U's' || first == U't' || first == U'm' || first == U'd') return 2;
  if (text.size() < 3) return 0;
  const bool pair = text[2] == U'e' ? first == U'r' || first == U'v' : first == U'l' && text[2] == U'l';
  return pair ? 3 : 0;
}

/// Appends the byte alphabet's code points of text[begin, end), each with the range of its character.
void append_bytes(const AlignedText& text, std::size_t begin, std::size_t end, AlignedText& out) {
  for (std::size_t i = begin; i < end; ++i) {
    const char32_t c = text.text[i];
    if (c < 0x80) {
      out.text.push_back(kAlphabet[c]);
      out.origins.push_back(text.origins[i]);
      continue;
    }
    std::string bytes;
    append_utf8(bytes, c);
    for (const char byte : bytes) out.text.push_back(kAlphabet[static_cast<unsigned char>(byte)]);
    out.origins.insert(out.origins.end(), bytes.size(), text.origins[i]);
  }
}

AlignedText byte_word(const AlignedText& text, std::size_t begin, std::size_t end) {
  AlignedText word;
  word.text.reserve(end - begin);
  word.origins.reserve(end - begin);
  append_bytes(text, begin, end, word);
  return word;
}

/// Length of the UTF-8 sequence at `position`, or of the longest part of one that stands there (at least 1):
/// what counts as one U+FFFD.
std::size_t sequence_length(std::string_view text, std::size_t position, bool& valid) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(position);
  const std::size_t wanted = lead < 0x80   ? 1
                             : lead < 0xC2 ? 0
                             : lead < 0xE0 ? 2
                             : lead < 0xF0 ? 3
                             : lead < 0xF5 ? 4
                                           : 0;
  std::size_t length = 1;
  while (length < wanted && position + length < text.size()) {
    const unsigned char next = byte(position + length);
    unsigned char low = 0x80, high = 0xBF;
    if (length == 1) {
      if (lead == 0xE0) low = 0xA0;
      if (lead == 0xED) high = 0x9F;
      if (lead == 0xF0) low = 0x90;
      if (lead == 0xF4) high = 0x8F;
    }
    if (next < low || next > high) break;
    ++length;
  }
  valid = length == wanted;
  return length;
}

/// The text with each part that is not UTF-8 replaced by U+FFFD.
std::string replace_invalid(std::string_view bytes) {
  if (!find_invalid_utf8(bytes)) return std::string(bytes);
  std::string out;
  for (std::size_t position = 0; position < bytes.size();) {
    bool valid = false;
    const std::size_t length = sequence_length(bytes, position, valid);
    if (valid) {
      out += bytes.substr(position, length);
    } else {
      append_utf8(out, 0xFFFD);
    }
    position += length;
  }
  return out;
}

}  // namespace

char32_t byte_to_character(unsigned char byte) {
  return kAlphabet[byte];
}

std::optional<unsigned char> character_to_byte(char32_t c) {
  if (c >= kAlphabetEnd || kBytes[c] < 0) return std::nullopt;
  return static_cast<unsigned char>(kBytes[c]);
}

std::size_t gpt2_word_end(std::u32string_view text, std::size_t begin) {
  if (const std::size_t length = contraction(text.substr(begin)); length > 0) return begin + length;
  const std::size_t start = text[begin] == U' ' ? begin + 1 : begin;
  if (start < text.size()) {
    const Kind first = kind(text[start]);
    if (first != Kind::space) return run_end(text, start + 1, first);
  }
  const std::size_t end = run_end(text, begin, Kind::space);
  // \s+(?!\S) leaves the last blank of a run to the word behind it.
  return end < text.size() && end - begin > 1 ? end - 1 : end;
}

void ByteLevel::split(std::vector<AlignedText>& words) const {
  std::vector<AlignedText> out;
  for (AlignedText& text : words) {
    if (text.text.empty()) continue;
    if (options_.add_prefix_space && text.text.front() != U' ') {
      text.text.insert(text.text.begin(), U' ');
      const Offset first = text.origins.front();
      text.origins.insert(text.origins.begin(), first);
    }
    if (!options_.use_regex) {
      out.push_back(byte_word(text, 0, text.text.size()));
      continue;
    }
    out.reserve(out.size() + text.text.size() / 4);
    for (std::size_t begin = 0; begin < text.text.size();) {
      const std::size_t end = gpt2_word_end(text.text, begin);
      out.push_back(byte_word(text, begin, end));
      begin = end;
    }
  }
  words = std::move(out);
}

void ByteLevelNormalizer::normalize(AlignedText& text) const {
  text = byte_word(text, 0, text.text.size());
}

void ByteLevelDecoder::decode_chain(std::vector<std::string>& tokens) const {
  std::string bytes;
  for (const std::string& token : tokens) {
    const std::size_t before = bytes.size();
    for (std::size_t position = 0; position < token.size();) {
      const auto byte = character_to_byte(next_code_point(token, position));
      if (!byte) {
        bytes.resize(before);
        bytes += token;
        break;
      }
      bytes.push_back(static_cast<char>(*byte));
    }
  }
  tokens.assign(1, replace_invalid(bytes));
}

}  // namespace berta::tokenizer
