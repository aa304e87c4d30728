#include "cli/parse.h"

#include <algorithm>
#include <cstdlib>
#include <numeric>

// Own code, since CLI11 2.1 takes a text such as "[CLS] fine [SEP]" apart as a list.

namespace berta::cli {
namespace {

const Option* find_option(std::span<const Option> options, std::string_view name) {
  const auto found =
      std::find_if(options.begin(), options.end(), [&](const Option& option) { return option.name == name; });
  return found == options.end() ? nullptr : &*found;
}

/// A negative number is a text like any other.
bool looks_like_option(std::string_view word) {
  return word.size() > 1 && word[0] == '-' && !(word[1] >= '0' && word[1] <= '9') && word[1] != '.';
}

[[noreturn]] void refuse_unknown(std::span<const Option> options, const std::string& word) {
  std::vector<std::string> names;
  for (const Option& option : options) names.push_back(option.name);
  const std::string close = closest(word, names);
  throw UsageError("unknown option '" + word + "'" + (close.empty() ? "" : "; did you mean " + close + "?") +
                   " (texts that begin with '-' go behind '--')");
}

class Parser {
 public:
  Parser(std::span<const Option> options, std::span<const char* const> words)
      : options_(options), words_(words) {}

  /// What is no option, in order.
  std::vector<std::string> run() {
    std::vector<std::string> rest;
    bool options_end = false;
    while (at_ < words_.size()) {
      const std::string word = words_[at_++];
      if (!options_end && word == "--") {
        options_end = true;
      } else if (!options_end && looks_like_option(word)) {
        take_option(word);
      } else {
        rest.push_back(word);
      }
    }
    return rest;
  }

  bool given(const std::string& name) const {
    return std::find(given_.begin(), given_.end(), name) != given_.end();
  }

 private:
  void take_option(const std::string& word) {
    const std::size_t equals = word.find('=');
    const std::string name = word.substr(0, equals);
    const Option* option = find_option(options_, name);
    if (option == nullptr) refuse_unknown(options_, name);
    given_.push_back(name);
    if (equals != std::string::npos) return option->set(word.substr(equals + 1));
    if (option->value.empty()) return option->set("true");
    if (at_ == words_.size() || find_option(options_, words_[at_]) != nullptr) {
      throw UsageError(name + ": expected a value " + option->value);
    }
    option->set(words_[at_++]);
  }

  std::span<const Option> options_;
  std::span<const char* const> words_;
  std::size_t at_ = 0;
  std::vector<std::string> given_;
};

/// Of a switch, "true" for 1, true, yes, on.
std::string switch_word(std::string value) {
  std::transform(value.begin(), value.end(), value.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  for (const char* word : {"1", "true", "yes", "on"}) {
    if (value == word) return "true";
  }
  for (const char* word : {"0", "false", "no", "off"}) {
    if (value == word) return "false";
  }
  return value;
}

void read_environment(const Parser& parser, std::span<const Option> options) {
  for (const Option& option : options) {
    const std::string variable = option.environment();
    const char* value = std::getenv(variable.c_str());
    if (value == nullptr || *value == '\0' || parser.given(option.name)) continue;
    try {
      option.set(option.value.empty() ? switch_word(value) : value);
    } catch (const UsageError& error) {
      throw UsageError("environment variable " + variable + ": " + error.what());
    }
  }
}

}  // namespace

std::string closest(const std::string& word, std::span<const std::string> known) {
  std::string best;
  std::size_t best_distance = 3;
  for (const std::string& candidate : known) {
    std::vector<std::size_t> row(candidate.size() + 1);  // of the table of edit distances
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (const char c : word) {
      std::size_t diagonal = row[0]++;
      for (std::size_t i = 0; i < candidate.size(); ++i) {
        const std::size_t change = diagonal + (candidate[i] == c ? 0 : 1);
        diagonal = row[i + 1];
        row[i + 1] = std::min({change, row[i] + 1, diagonal + 1});
      }
    }
    if (row.back() < best_distance) {
      best = candidate;
      best_distance = row.back();
    }
  }
  return best;
}

Arguments parse_arguments(const CommandText& text, std::span<const Option> options,
                          std::span<const char* const> words) {
  Parser parser(options, words);
  std::vector<std::string> rest = parser.run();
  read_environment(parser, options);
  Arguments arguments;
  if (text.operands.empty()) {
    if (!rest.empty()) throw UsageError("unexpected argument '" + rest.front() + "'");
    return arguments;
  }
  const bool optional = text.operands.starts_with("[");
  if (rest.empty() && !optional) throw UsageError("expected " + text.operands);
  if (rest.empty()) return arguments;
  arguments.model = std::move(rest.front());
  arguments.texts.assign(std::make_move_iterator(rest.begin() + 1), std::make_move_iterator(rest.end()));
  if (!arguments.texts.empty() && text.operands.find("...") == std::string::npos) {
    throw UsageError("unexpected argument '" + arguments.texts.front() + "'");
  }
  return arguments;
}

}  // namespace berta::cli
