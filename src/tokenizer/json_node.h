#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "io/json.h"

namespace berta::tokenizer {

/// A value of a configuration file and the way to it, so that every error can say where: "FILE: key
/// 'a.b[3]'". All accessors throw UserError for a value of another type.
class JsonNode {
 public:
  JsonNode(const io::Json& json, std::string_view file)
      : json_(&json), file_(file), parts_(std::make_shared<std::size_t>(0)) {}

  const io::Json& json() const { return *json_; }
  std::string where() const;  ///< "FILE: key 'a.b[3]'", "FILE" at the top

  /// Member of an object; find: nothing if it is missing or null, at: UserError then.
  std::optional<JsonNode> find(std::string_view key) const;
  JsonNode at(std::string_view key) const;
  std::vector<JsonNode> items() const;  ///< elements of an array

  bool flag() const { return json_->as_bool(where()); }
  const std::string& text() const { return json_->as_string(where()); }
  std::int64_t integer() const { return json_->as_integer(where()); }
  std::uint64_t count() const;    ///< an integer that is not negative
  char32_t character() const;     ///< a string of one code point
  std::u32string points() const;  ///< a string as code points

  /// The member's value; `otherwise` if it is missing or null.
  bool flag(std::string_view key, bool otherwise) const;
  std::string text(std::string_view key, std::string_view otherwise) const;

  /// Counts this node as a part of a pipeline. UserError from the 257th of a file on, so that a file can't
  /// ask for more work than its size lets expect.
  void claim_part() const;

  /// UserError "FILE: key 'a': expected EXPECTED, found FOUND".
  [[noreturn]] void fail(std::string_view expected, std::string_view found) const;

 private:
  JsonNode(const io::Json& json, const JsonNode& parent, std::string path)
      : json_(&json), file_(parent.file_), path_(std::move(path)), parts_(parent.parts_) {}
  std::string path_of(std::string_view key) const;

  const io::Json* json_;
  std::string_view file_;
  std::string path_;
  std::shared_ptr<std::size_t> parts_;  ///< claimed so far, for all nodes of the file
};

}  // namespace berta::tokenizer
