#include "report/proto_writer.h"

#include <bit>

#include "core/utf8.h"

namespace berta::report {
namespace {

constexpr std::uint32_t kVarint = 0;
constexpr std::uint32_t kFixed64 = 1;
constexpr std::uint32_t kLengthDelimited = 2;
constexpr std::uint32_t kFixed32 = 5;

}  // namespace

void append_little_endian(std::string& out, std::uint64_t value, int bytes) {
  for (int i = 0; i < bytes; ++i) out += static_cast<char>(value >> (8 * i) & 255);
}

void ProtoWriter::varint(std::uint64_t value) {
  for (; value >= 128; value >>= 7) out_ += static_cast<char>((value & 127) | 128);
  out_ += static_cast<char>(value);
}

void ProtoWriter::key(std::uint32_t field, std::uint32_t wire_type) {
  varint(std::uint64_t{field} << 3 | wire_type);
}

ProtoWriter& ProtoWriter::integer(std::uint32_t field, std::int64_t value) {
  key(field, kVarint);
  varint(static_cast<std::uint64_t>(value));
  return *this;
}

ProtoWriter& ProtoWriter::real(std::uint32_t field, double value) {
  key(field, kFixed64);
  append_little_endian(out_, std::bit_cast<std::uint64_t>(value), 8);
  return *this;
}

ProtoWriter& ProtoWriter::real(std::uint32_t field, float value) {
  key(field, kFixed32);
  append_little_endian(out_, std::bit_cast<std::uint32_t>(value), 4);
  return *this;
}

ProtoWriter& ProtoWriter::bytes(std::uint32_t field, std::string_view value) {
  key(field, kLengthDelimited);
  varint(value.size());
  out_ += value;
  return *this;
}

ProtoWriter& ProtoWriter::text(std::uint32_t field, std::string_view value) {
  if (find_invalid_utf8(value)) return bytes(field, encode_utf8(decode_utf8(value)));
  return bytes(field, value);
}

}  // namespace berta::report
