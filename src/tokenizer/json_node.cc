#include "tokenizer/json_node.h"

#include <fmt/core.h>

#include "core/error.h"
#include "core/utf8.h"
#include "tokenizer/in_quotes.h"

namespace berta::tokenizer {

std::string JsonNode::where() const {
  return path_.empty() ? std::string(file_) : fmt::format("{}: key '{}'", file_, path_);
}

std::string JsonNode::path_of(std::string_view key) const {
  return path_.empty() ? std::string(key) : fmt::format("{}.{}", path_, key);
}

std::optional<JsonNode> JsonNode::find(std::string_view key) const {
  json_->as_object(where());
  const io::Json* member = json_->find(key);
  if (member == nullptr || member->is_null()) return std::nullopt;
  return JsonNode(*member, *this, path_of(key));
}

JsonNode JsonNode::at(std::string_view key) const {
  if (auto member = find(key)) return *std::move(member);
  throw UserError(fmt::format("{}: key '{}': expected a value, found {}", file_, path_of(key),
                              json_->find(key) == nullptr ? "no such key" : "null"));
}

std::vector<JsonNode> JsonNode::items() const {
  std::vector<JsonNode> nodes;
  for (const io::Json& item : json_->as_array(where())) {
    nodes.push_back(JsonNode(item, *this, fmt::format("{}[{}]", path_, nodes.size())));
  }
  return nodes;
}

std::uint64_t JsonNode::count() const {
  const std::int64_t value = integer();
  if (value < 0) fail("an integer from 0 on", std::to_string(value));
  return static_cast<std::uint64_t>(value);
}

std::u32string JsonNode::points() const {
  return decode_utf8(text());
}

char32_t JsonNode::character() const {
  const std::u32string value = points();
  if (value.size() != 1) fail("a string of one character", in_quotes(text()));
  return value[0];
}

bool JsonNode::flag(std::string_view key, bool otherwise) const {
  const auto member = find(key);
  return member ? member->flag() : otherwise;
}

std::string JsonNode::text(std::string_view key, std::string_view otherwise) const {
  const auto member = find(key);
  return member ? member->text() : std::string(otherwise);
}

void JsonNode::claim_part() const {
  constexpr std::size_t kMostParts = 256;
  if (++*parts_ > kMostParts)
    fail(fmt::format("at most {} parts of pipelines in the file", kMostParts), "one more");
}

void JsonNode::fail(std::string_view expected, std::string_view found) const {
  throw UserError(fmt::format("{}: expected {}, found {}", where(), expected, found));
}

}  // namespace berta::tokenizer
