#include "data/columns.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "core/error.h"
#include "io/quote.h"

namespace berta::data {
namespace {

using Names = std::span<const std::string>;

/// Names that come together, of the data sets of GLUE, NLI and ranking.
constexpr std::pair<std::string_view, std::string_view> kPairs[] = {
    {"text", "text_pair"},      {"sentence1", "sentence2"}, {"premise", "hypothesis"},
    {"question1", "question2"}, {"text1", "text2"},         {"text_a", "text_b"},
    {"#1 string", "#2 string"}, {"question", "sentence"},   {"question", "passage"},
    {"query", "document"},      {"query", "passage"},
};
constexpr std::string_view kTexts[] = {"text",    "sentence", "sentence1", "premise",
                                       "content", "review",   "question",  "query"};
constexpr std::string_view kLabels[] = {"label",   "labels",       "gold_label", "score", "similarity_score",
                                        "quality", "is_duplicate", "class",      "target"};

bool equal_letters(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [&](char x, char y) { return lower(x) == lower(y); });
}

std::optional<std::size_t> find_usual(Names names, std::string_view usual) {
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (equal_letters(names[i], usual)) return i;
  }
  return std::nullopt;
}

std::optional<std::size_t> find_usual(Names names, std::span<const std::string_view> usual) {
  for (const std::string_view name : usual) {
    if (const auto place = find_usual(names, name)) return place;
  }
  return std::nullopt;
}

std::string list(Names names) {
  std::string text;
  for (const std::string& name : names) {
    if (text.size() > 400) return text + ", ...";
    text += (text.empty() ? "" : ", ") + io::quoted(name);
  }
  return text.empty() ? "none" : text;
}

/// One of the names, or a number.
std::size_t find_chosen(Names names, const std::string& chosen, bool numbers, const std::string& where) {
  const auto named = std::find(names.begin(), names.end(), chosen);
  if (named != names.end()) return static_cast<std::size_t>(named - names.begin());
  const auto number = numbers ? column_number(chosen) : std::nullopt;
  if (number && *number < names.size()) return *number;
  throw UserError(where + ": expected " + (numbers ? "a column" : "a key") + " named " + io::quoted(chosen) +
                  ", found " + list(names));
}

std::size_t find_number(Names row, const std::string& chosen, const std::string& where) {
  const auto number = column_number(chosen);
  if (number && *number < row.size()) return *number;
  throw UserError(where + ": expected a column from 1 to " + std::to_string(row.size()) +
                  " (there is no header), found " + io::quoted(chosen));
}

/// The places of both.
std::optional<std::pair<std::size_t, std::size_t>> find_usual_pair(Names names) {
  for (const auto& [first, second] : kPairs) {
    const auto text = find_usual(names, first);
    const auto pair = find_usual(names, second);
    if (text && pair) return std::pair(*text, *pair);
  }
  return std::nullopt;
}

void choose_usual_texts(Names names, ColumnPlaces& places, const std::string& where) {
  if (const auto pair = find_usual_pair(names)) {
    places.text = pair->first;
    places.text_pair = pair->second;
  } else if (const auto text = find_usual(names, kTexts)) {
    places.text = *text;
  } else {
    throw UserError(where + ": expected a column of texts, chosen by name, found " + list(names));
  }
}

bool is_name(const std::string& column) {
  return !column.empty() && !column_number(column);
}

bool is_usual_label(std::string_view cell) {
  return std::any_of(std::begin(kLabels), std::end(kLabels),
                     [cell](std::string_view usual) { return equal_letters(cell, usual); });
}

}  // namespace

std::size_t ColumnPlaces::most() const {
  return std::max({text, label, text_pair.value_or(0), weight.value_or(0)});
}

std::optional<std::size_t> column_number(std::string_view column) {
  std::size_t number = 0;
  const char* end = column.data() + column.size();
  const auto [stop, error] = std::from_chars(column.data(), end, number);
  if (error != std::errc() || stop != end || number == 0) return std::nullopt;
  return number - 1;
}

bool is_header(std::span<const std::string> first_row, const ColumnChoice& choice, Header header) {
  if (header != Header::automatic) return header == Header::yes;
  const std::string* chosen[] = {&choice.text, &choice.text_pair, &choice.label, &choice.weight};
  if (std::any_of(std::begin(chosen), std::end(chosen),
                  [](const std::string* one) { return is_name(*one); })) {
    return true;
  }
  const auto label = column_number(choice.label);
  if (label && *label < first_row.size() && is_usual_label(first_row[*label])) return true;
  return choice.text.empty() && (find_usual(first_row, kTexts) || find_usual_pair(first_row));
}

ColumnPlaces choose_columns(std::span<const std::string> names, const ColumnChoice& choice, bool numbers,
                            const std::string& where) {
  const auto find = [&](const std::string& chosen) { return find_chosen(names, chosen, numbers, where); };
  ColumnPlaces places;
  if (choice.text.empty()) {
    choose_usual_texts(names, places, where);
  } else {
    places.text = find(choice.text);
  }
  if (!choice.text_pair.empty()) places.text_pair = find(choice.text_pair);
  if (!choice.weight.empty()) places.weight = find(choice.weight);
  if (!choice.label.empty()) {
    places.label = find(choice.label);
  } else if (const auto label = find_usual(names, kLabels)) {
    places.label = *label;
  } else {
    throw UserError(where + ": expected a column of labels, chosen by name, found " + list(names));
  }
  return places;
}

ColumnPlaces choose_numbers(std::span<const std::string> first_row, const ColumnChoice& choice,
                            const std::string& where) {
  if (choice.text.empty() || choice.label.empty()) {
    throw UserError(where +
                    ": expected columns with known names, or the numbers of those with text and label, "
                    "found " +
                    std::to_string(first_row.size()) + " columns: " + list(first_row));
  }
  ColumnPlaces places{.text = find_number(first_row, choice.text, where),
                      .label = find_number(first_row, choice.label, where)};
  if (!choice.text_pair.empty()) places.text_pair = find_number(first_row, choice.text_pair, where);
  if (!choice.weight.empty()) places.weight = find_number(first_row, choice.weight, where);
  return places;
}

}  // namespace berta::data
