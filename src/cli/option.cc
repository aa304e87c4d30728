#include "cli/option.h"

#include <charconv>
#include <cmath>

namespace berta::cli {
namespace {

/// The whole of `given` as a number.
template <class T>
T parse_number(const std::string& name, const std::string& given, const char* kind) {
  T value{};
  const char* end = given.data() + given.size();
  const auto [stop, error] = std::from_chars(given.data(), end, value);
  if (error != std::errc() || stop != end) {
    throw UsageError(name + ": expected " + kind + ", found '" + given + "'");
  }
  return value;
}

std::string show(double value) {
  char text[32];
  return {text, std::to_chars(text, text + sizeof(text), value).ptr};
}

std::string strip(const std::string& word) {
  const auto first = word.find_first_not_of(" \t");
  if (first == std::string::npos) return "";
  return word.substr(first, word.find_last_not_of(" \t") - first + 1);
}

Option make(OptionText text, std::string preset, std::function<void(const std::string&)> set) {
  return {std::move(text.name), std::move(text.value), std::move(text.help), std::move(preset), {},
          std::move(set)};
}

}  // namespace

std::string Option::environment() const {
  std::string variable = "BERTA_";
  for (const char c : name.substr(2)) {
    if (c == '-') {
      variable += '_';
    } else {
      variable += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    }
  }
  return variable;
}

Option make_switch(OptionText text, bool& target) {
  const std::string name = text.name;
  return make(std::move(text), "", [name, &target](const std::string& given) {
    if (given != "true" && given != "false") {
      throw UsageError(name + ": expected true or false, found '" + given + "'");
    }
    target = given == "true";
  });
}

Option make_text(OptionText text, std::string& target) {
  return make(std::move(text), target, [&target](const std::string& given) { target = given; });
}

Option make_integer(OptionText text, std::int64_t& target, Range range) {
  const std::string name = text.name;
  return make(std::move(text), std::to_string(target), [name, &target, range](const std::string& given) {
    const auto value = parse_number<std::int64_t>(name, given, "an integer");
    if (value < range.low || value > range.high) {
      const bool open = range.high == std::numeric_limits<std::int64_t>::max();
      throw UsageError(name + ": expected " +
                       (open ? "at least " + std::to_string(range.low)
                             : std::to_string(range.low) + " to " + std::to_string(range.high)) +
                       ", found " + given);
    }
    target = value;
  });
}

Option make_files(OptionText text, std::vector<std::string>& target) {
  return make(std::move(text), "", [&target](const std::string& given) { target.push_back(given); });
}

Option make_number(OptionText text, double& target, double low, double high) {
  const std::string name = text.name;
  return make(std::move(text), show(target), [name, &target, low, high](const std::string& given) {
    const auto value = parse_number<double>(name, given, "a number");
    if (!std::isfinite(value) || value < low || value > high) {
      throw UsageError(name + ": expected " + show(low) + " to " + show(high) + ", found " + given);
    }
    target = value;
  });
}

Option make_list(OptionText text, std::vector<std::string>& target) {
  const std::string name = text.name;
  std::string preset;
  for (const std::string& word : target) preset += (preset.empty() ? "" : ",") + word;
  return make(std::move(text), std::move(preset), [name, &target](const std::string& given) {
    target.clear();
    if (given.empty()) return;
    for (std::size_t begin = 0; begin <= given.size();) {
      const std::size_t comma = std::min(given.find(',', begin), given.size());
      const std::string word = strip(given.substr(begin, comma - begin));
      if (word.empty())
        throw UsageError(name + ": expected words separated by commas, found '" + given + "'");
      target.push_back(word);
      begin = comma + 1;
    }
  });
}

}  // namespace berta::cli
