#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace berta::tokenizer {

/// Writes protobuf fields for the tests' hand-made models.
class ProtobufWriter {
 public:
  ProtobufWriter& varint(std::uint32_t field, std::uint64_t value) {
    number(std::uint64_t{field} << 3);
    number(value);
    return *this;
  }
  ProtobufWriter& float32(std::uint32_t field, float value) {
    number(std::uint64_t{field} << 3 | 5);
    std::uint32_t bits = 0;
    std::memcpy(&bits, &value, 4);
    for (int i = 0; i < 4; ++i) out_.push_back(static_cast<char>(bits >> (8 * i) & 0xFF));
    return *this;
  }
  ProtobufWriter& bytes(std::uint32_t field, std::string_view value) {
    number(std::uint64_t{field} << 3 | 2);
    number(value.size());
    out_ += value;
    return *this;
  }
  const std::string& text() const { return out_; }

 private:
  void number(std::uint64_t value) {
    for (; value > 127; value >>= 7) out_.push_back(static_cast<char>((value & 0x7F) | 0x80));
    out_.push_back(static_cast<char>(value));
  }
  std::string out_;
};

/// One piece of spm.model; types as in the file: 1 normal, 2 unknown, 3 control, 4 user-defined, 6 byte.
inline std::string spm_piece(std::string_view text, float score, std::uint64_t type) {
  return ProtobufWriter().bytes(1, text).float32(2, score).varint(3, type).text();
}

/// A small good model: [PAD] [CLS] [SEP] [UNK], the mark, the letters a to z, two words.
inline std::string small_spm_model(std::string_view charsmap = {}) {
  ProtobufWriter model;
  const char* reserved[] = {"[PAD]", "[CLS]", "[SEP]", "[UNK]"};
  for (int i = 0; i < 4; ++i) model.bytes(1, spm_piece(reserved[i], 0, i == 3 ? 2 : 3));
  model.bytes(1, spm_piece("\xE2\x96\x81", -2, 1));
  for (char c = 'a'; c <= 'z'; ++c) model.bytes(1, spm_piece(std::string(1, c), -5, 1));
  model.bytes(1, spm_piece("\xE2\x96\x81the", -3, 1)).bytes(1, spm_piece("ing", -4, 1));
  model.bytes(2, ProtobufWriter().varint(3, 1).varint(40, 3).text());
  ProtobufWriter normalizer;
  if (!charsmap.empty()) normalizer.bytes(2, charsmap);
  return model.bytes(3, normalizer.varint(3, 1).varint(4, 1).varint(5, 1).text()).text();
}

}  // namespace berta::tokenizer
