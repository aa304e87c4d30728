#include "tokenizer/vocabulary_files.h"

#include <fmt/core.h>

#include <algorithm>

#include "core/error.h"
#include "core/utf8.h"
#include "tokenizer/in_quotes.h"

namespace berta::tokenizer {
namespace {

/// Calls `visit(line, number)` for each line, numbers from 1. A line ends at \n, \r\n or \r.
template <typename Visit>
void for_each_line(std::string_view text, Visit visit) {
  std::size_t number = 1;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find_first_of("\r\n"), text.size());
    visit(text.substr(0, end), number++);
    const bool both = text.substr(end).starts_with("\r\n");
    text.remove_prefix(std::min(end + (both ? 2 : 1), text.size()));
  }
}

void check_utf8(std::string_view text, const std::string& name) {
  const auto bad = find_invalid_utf8(text);
  if (!bad) return;
  const auto line = 1 + std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(*bad), '\n');
  throw UserError(fmt::format("{}: line {}: expected UTF-8, found an invalid byte at {}", name, line, *bad));
}

}  // namespace

Vocabulary read_vocabulary(const JsonNode& node) {
  const std::string where = node.where();
  const io::Json::Object& members = node.json().as_object(where);
  Vocabulary vocabulary;
  vocabulary.reserve(members.size(), members.size() * 8);
  for (const auto& [name, id] : members) {
    if (!id.is_integer()) id.as_integer(fmt::format("{}: token {}", where, in_quotes(name)));
    const std::int64_t value = id.as_integer(where);
    if (value >= 0 && value < vocabulary.size()) {
      if (const auto other = vocabulary.token(static_cast<std::int32_t>(value))) {
        throw UserError(fmt::format("{}: expected one token for each id, found {} for {} and {}", where,
                                    value, in_quotes(*other), in_quotes(name)));
      }
    }
    vocabulary.add(name, value, where);
  }
  return vocabulary;
}

std::vector<BpeMerge> read_merges(std::string_view text, const std::string& name) {
  check_utf8(text, name);
  std::vector<BpeMerge> merges;
  merges.reserve(text.size() / 9);
  for_each_line(text, [&](std::string_view line, std::size_t number) {
    if (line.empty() || line.starts_with("#version")) return;
    const std::size_t blank = line.find(' ');
    if (blank == 0 || blank >= line.size() - 1 || line.find(' ', blank + 1) != std::string_view::npos) {
      throw UserError(fmt::format("{}: line {}: expected two tokens with a blank between, found {}", name,
                                  number, in_quotes(line)));
    }
    merges.push_back({line.substr(0, blank), line.substr(blank + 1), number});
  });
  return merges;
}

Vocabulary read_vocabulary_lines(std::string_view text, const std::string& name) {
  check_utf8(text, name);
  Vocabulary vocabulary;
  vocabulary.reserve(text.size() / 8, text.size());
  for_each_line(text, [&](std::string_view line, std::size_t number) {
    vocabulary.add(line, static_cast<std::int64_t>(number) - 1, fmt::format("{}: line {}", name, number));
  });
  if (vocabulary.count() == 0)
    throw UserError(fmt::format("{}: expected a token in each line, found no line", name));
  return vocabulary;
}

}  // namespace berta::tokenizer
