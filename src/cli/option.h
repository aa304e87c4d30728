#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "cli/usage_error.h"

namespace berta::cli {

/// One option of a command: parsing, help, completion, man page and docs are all made from it.
struct Option {
  std::string name;                  ///< "--top-k"
  std::string value;                 ///< "N"; empty: a switch
  std::string help;                  ///< without a full stop; the default is added
  std::string preset;                ///< the default as the help shows it; empty: none
  std::vector<std::string> choices;  ///< the words it takes; empty: anything
  /// Takes the value (a switch: "true"). Throws UsageError that names the option.
  std::function<void(const std::string&)> set;

  /// "BERTA_TOP_K": read where the option is not given.
  std::string environment() const;
};

struct OptionText {
  std::string name;
  std::string value;
  std::string help;
};

struct Range {
  std::int64_t low = 0;
  std::int64_t high = std::numeric_limits<std::int64_t>::max();
};

// Options that set a variable, whose present value is the default. The variable must outlive the option.
Option make_switch(OptionText text, bool& target);
Option make_text(OptionText text, std::string& target);
Option make_integer(OptionText text, std::int64_t& target, Range range = {});
/// Words separated by commas; blanks around them are dropped. An empty value is no words.
Option make_list(OptionText text, std::vector<std::string>& target);
/// Names of files: each use of the option adds one.
Option make_files(OptionText text, std::vector<std::string>& target);
Option make_number(OptionText text, double& target, double low, double high);

template <class E>
Option make_choice(const std::string& name, const std::string& help, E& target,
                   std::vector<std::pair<std::string, E>> words) {
  Option option{.name = name, .value = "", .help = help, .preset = "", .choices = {}, .set = nullptr};
  for (const auto& [word, value] : words) {
    option.choices.push_back(word);
    option.value += (option.value.empty() ? "" : "|") + word;
    if (value == target && option.preset.empty()) option.preset = word;
  }
  option.set = [name, &target, words = std::move(words)](const std::string& given) {
    for (const auto& [word, value] : words) {
      if (word == given) {
        target = value;
        return;
      }
    }
    std::string list;
    for (const auto& entry : words) list += (list.empty() ? "" : ", ") + entry.first;
    throw UsageError(name + ": expected one of " + list + ", found '" + given + "'");
  };
  return option;
}

}  // namespace berta::cli
