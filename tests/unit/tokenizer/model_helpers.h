#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include "core/error.h"
#include "core/utf8.h"
#include "tokenizer/parts.h"
#include "tokenizer/vocabulary.h"

namespace berta::tokenizer {

inline bool operator==(const WordToken& a, const WordToken& b) {
  return a.id == b.id && a.begin == b.begin && a.end == b.end;
}

inline void PrintTo(const WordToken& token, std::ostream* out) {
  *out << token.id << "[" << token.begin << "," << token.end << ")";
}

/// The names with ids from 0 on.
inline Vocabulary vocabulary_of(const std::vector<std::string>& names) {
  Vocabulary vocabulary;
  for (std::size_t i = 0; i < names.size(); ++i)
    vocabulary.add(names[i], static_cast<std::int64_t>(i), "test");
  return vocabulary;
}

inline std::vector<WordToken> tokens_of(const WordModel& model, std::string_view word) {
  std::vector<WordToken> tokens;
  model.tokenize(decode_utf8(word), tokens);
  return tokens;
}

/// The message of the UserError that `action` throws; fails the test if it throws none.
inline std::string error_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const UserError& error) {
    EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos)
        << "more than one line: " << error.what();
    return error.what();
  }
  ADD_FAILURE() << "expected a UserError";
  return "";
}

/// Expects a UserError that says all of `parts`.
inline void expect_error(const std::function<void()>& action, std::initializer_list<const char*> parts) {
  const std::string message = error_of(action);
  for (const char* part : parts)
    EXPECT_NE(message.find(part), std::string::npos) << message << "\nlacks: " << part;
}

}  // namespace berta::tokenizer
