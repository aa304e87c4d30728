#include "tokenizer/protobuf.h"

#include <bit>
#include <limits>

#include "core/error.h"

namespace berta::tokenizer {
namespace {

constexpr std::uint32_t kVarint = 0, kFixed64 = 1, kLengthDelimited = 2, kFixed32 = 5;

std::uint64_t little_endian(std::string_view bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = bytes.size(); i-- > 0;) value = value << 8 | static_cast<unsigned char>(bytes[i]);
  return value;
}

}  // namespace

void ProtobufReader::fail(const std::string& what) const {
  throw UserError(where("") + ": " + what);
}

std::string ProtobufReader::where(std::string_view field) const {
  std::string full(name_.field);
  if (name_.index >= 0) full += "[" + std::to_string(name_.index) + "]";
  if (!full.empty() && !field.empty()) full += ".";
  full += field;
  return std::string(name_.path) + (full.empty() ? "" : ": field '" + full + "'");
}

std::uint64_t ProtobufReader::read_varint() {
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < 64; shift += 7) {
    if (position_ == bytes_.size()) fail("expected the rest of a number, found the end of the message");
    const auto byte = static_cast<unsigned char>(bytes_[position_++]);
    value |= static_cast<std::uint64_t>(byte & 0x7F) << shift;
    if (byte < 0x80) return value;
  }
  fail("expected a number of at most 10 bytes, found a longer one at byte " + std::to_string(position_));
}

std::string_view ProtobufReader::take(std::uint64_t count) {
  if (count > bytes_.size() - position_)
    fail("expected " + std::to_string(count) + " bytes at byte " + std::to_string(position_) + ", found " +
         std::to_string(bytes_.size() - position_));
  const std::string_view taken = bytes_.substr(position_, static_cast<std::size_t>(count));
  position_ += taken.size();
  return taken;
}

std::optional<std::uint32_t> ProtobufReader::next() {
  if (position_ == bytes_.size()) return std::nullopt;
  const std::size_t start = position_;
  const std::uint64_t tag = read_varint();
  const std::uint64_t field = tag >> 3;
  constexpr std::uint64_t kMaxField = (1u << 29) - 1;
  if (field == 0 || field > kMaxField)
    fail("expected a field number, found " + std::to_string(field) + " at byte " + std::to_string(start));
  wire_type_ = static_cast<std::uint32_t>(tag & 7);
  if (wire_type_ == kVarint)
    number_ = read_varint();
  else if (wire_type_ == kFixed64)
    number_ = little_endian(take(8));
  else if (wire_type_ == kFixed32)
    number_ = little_endian(take(4));
  else if (wire_type_ == kLengthDelimited)
    text_ = take(read_varint());
  else
    fail("expected wire type 0, 1, 2 or 5, found " + std::to_string(wire_type_) + " at byte " +
         std::to_string(start));
  return static_cast<std::uint32_t>(field);
}

void ProtobufReader::expect(std::uint32_t wire_type, std::string_view field, const char* what) const {
  if (wire_type_ != wire_type)
    throw UserError(where(field) + ": expected " + what + ", found wire type " + std::to_string(wire_type_));
}

std::uint64_t ProtobufReader::varint(std::string_view field) const {
  expect(kVarint, field, "a number");
  return number_;
}

std::int32_t ProtobufReader::int32(std::string_view field) const {
  const auto value = static_cast<std::int64_t>(varint(field));
  if (value < std::numeric_limits<std::int32_t>::min() || value > std::numeric_limits<std::int32_t>::max())
    throw UserError(where(field) + ": expected a 32-bit number, found " + std::to_string(value));
  return static_cast<std::int32_t>(value);
}

float ProtobufReader::float32(std::string_view field) const {
  expect(kFixed32, field, "a float");
  return std::bit_cast<float>(static_cast<std::uint32_t>(number_));
}

std::string_view ProtobufReader::bytes(std::string_view field) const {
  expect(kLengthDelimited, field, "bytes");
  return text_;
}

}  // namespace berta::tokenizer
