#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace berta::report {

/// Writes the wire format of Protocol Buffers (field numbers are the schema's; defaults are written too).
/// A message within a message is another writer's text.
class ProtoWriter {
 public:
  /// int64 and enum; negative numbers take ten bytes, as int64 does.
  ProtoWriter& integer(std::uint32_t field, std::int64_t value);
  ProtoWriter& real(std::uint32_t field, double value);
  ProtoWriter& real(std::uint32_t field, float value);
  /// bytes and messages.
  ProtoWriter& bytes(std::uint32_t field, std::string_view value);
  /// string: must be UTF-8, so invalid bytes become U+FFFD; readers would refuse the whole message.
  ProtoWriter& text(std::uint32_t field, std::string_view value);
  ProtoWriter& message(std::uint32_t field, const ProtoWriter& value) { return bytes(field, value.out_); }

  const std::string& str() const { return out_; }

 private:
  void key(std::uint32_t field, std::uint32_t wire_type);
  void varint(std::uint64_t value);

  std::string out_;
};

/// Appends the bytes of an integer, the lowest first.
void append_little_endian(std::string& out, std::uint64_t value, int bytes);

}  // namespace berta::report
