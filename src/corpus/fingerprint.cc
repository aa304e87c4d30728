#include "corpus/fingerprint.h"

#include <fmt/format.h>

#include <array>
#include <cstdint>
#include <string_view>

namespace berta::corpus {
namespace {

/// FNV-1a of 64 bits.
class Hash {
 public:
  void add(std::string_view text) {
    add(static_cast<std::int64_t>(text.size()));
    for (const char c : text) add_byte(static_cast<unsigned char>(c));
  }
  void add(std::int64_t number) {
    for (int shift = 0; shift < 64; shift += 8) {
      add_byte(static_cast<unsigned char>(static_cast<std::uint64_t>(number) >> shift));
    }
  }
  std::uint64_t value() const { return value_; }

 private:
  void add_byte(unsigned char byte) { value_ = (value_ ^ byte) * 0x100000001B3u; }

  std::uint64_t value_ = 0xCBF29CE484222325u;
};

// Letter case, accents, full-width forms, ligatures, marks, blanks of all kinds, punctuation, emoji, other
// scripts, a special's name.
constexpr std::array<std::string_view, 8> kProbes = {
    "The Quick brown fox's 1,234.50 jumps!!",
    "  two  blanks\tand\ttabs \n a line ",
    "na\xC3\xAFve cafe\xCC\x81 A\xCC\x82\xCC\x80",
    "\xEF\xBC\xA1\xEF\xBC\xA2 \xEF\xAC\x81n\xE2\x80\xA6 \xC2\xBD \xE2\x84\xA2",
    "a\xC2\xA0z\xE2\x80\x8Bx \xE2\x96\x81y",
    "\xE8\xB0\x9B\xE5\xAD\x97 \xD0\x9F\xD1\x80\xD0\xB8 \xF0\x9F\xA5\xB3",
    "x [MASK] [UNK] y",
    "don't re-do (it) \"now\"; e.g. C++ #1 a_b @c",
};

}  // namespace

std::string fingerprint(const tokenizer::Tokenizer& tokenizer) {
  Hash hash;
  hash.add(tokenizer.size());
  for (std::int32_t id = 0; id < tokenizer.size(); ++id) hash.add(tokenizer.token(id));
  const tokenizer::SpecialIds& specials = tokenizer.specials();
  for (const auto& id : {specials.pad, specials.cls, specials.sep, specials.unk, specials.mask}) {
    hash.add(id.value_or(-1));
  }
  for (const std::string_view probe : kProbes) {
    const auto encoding = tokenizer.encode(probe, {.add_special_tokens = false});
    hash.add(static_cast<std::int64_t>(encoding.ids.size()));
    for (const std::int32_t id : encoding.ids) hash.add(id);
  }
  return fmt::format("{:016x}", hash.value());
}

}  // namespace berta::corpus
