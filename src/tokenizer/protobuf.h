#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace berta::tokenizer {

/// Reads the fields of one protobuf message (wire format, without groups) from bytes that may hold anything.
/// The caller asks for the next field, then for its value by the type that it expects.
class ProtobufReader {
 public:
  /// What errors call the message: the file, and the field of it that the message is ("" for the file
  /// itself), with an index if that is not negative.
  struct Name {
    std::string_view path;
    std::string_view field = {};
    std::int64_t index = -1;
  };

  /// `bytes` and the name must outlive the reader.
  ProtobufReader(std::string_view bytes, Name name) : bytes_(bytes), name_(name) {}

  /// Moves to the next field and returns its number; nothing at the end. Throws UserError: truncated or
  /// malformed.
  std::optional<std::uint32_t> next();

  // The value of the field that next() found, called `field` in errors. Throws UserError if it has another
  // wire type.
  std::uint64_t varint(std::string_view field) const;
  bool boolean(std::string_view field) const { return varint(field) != 0; }
  /// An int32, which negative values make a ten-byte varint.
  std::int32_t int32(std::string_view field) const;
  float float32(std::string_view field) const;
  std::string_view bytes(std::string_view field) const;

  /// "PATH: field 'pieces[3].score'"; for "" the message itself.
  std::string where(std::string_view field) const;

 private:
  [[noreturn]] void fail(const std::string& what) const;
  std::uint64_t read_varint();
  std::string_view take(std::uint64_t count);
  void expect(std::uint32_t wire_type, std::string_view field, const char* what) const;

  std::string_view bytes_;
  Name name_;
  std::size_t position_ = 0;
  std::uint32_t wire_type_ = 0;
  std::uint64_t number_ = 0;  ///< value of a varint or fixed field
  std::string_view text_;     ///< value of a length-delimited field
};

}  // namespace berta::tokenizer
