#include "train/heads/label_choice.h"

#include <algorithm>
#include <charconv>

namespace berta::train {
namespace {

bool are_names(const std::vector<std::string>& labels) {
  for (std::size_t i = 0; i < labels.size(); ++i) {
    if (labels[i] != "LABEL_" + std::to_string(i) && labels[i] != std::to_string(i)) return true;
  }
  return false;
}

/// The data's labels are sorted, numbers by their value.
bool are_numbers_of(const std::vector<std::string>& data, std::size_t count) {
  for (std::size_t i = 0; i < data.size(); ++i) {
    if (data[i] != std::to_string(i)) return false;
  }
  return data.size() == count;
}

bool contains_all(const std::vector<std::string>& names, const std::vector<std::string>& some) {
  return std::ranges::all_of(some, [&](const std::string& one) {
    return std::find(names.begin(), names.end(), one) != names.end();
  });
}

std::string list_of(const std::vector<std::string>& labels) {
  constexpr std::size_t kMost = 8;
  std::string list;
  for (std::size_t i = 0; i < std::min(labels.size(), kMost); ++i) list += (i == 0 ? "" : ", ") + labels[i];
  return list + (labels.size() > kMost ? ", ..." : "");
}

}  // namespace

std::optional<std::size_t> label_number(std::string_view label, std::size_t count) {
  std::size_t number = 0;
  const char* end = label.data() + label.size();
  const auto [stop, error] = std::from_chars(label.data(), end, number);
  if (error != std::errc() || stop != end || number >= count) return std::nullopt;
  return number;
}

LabelChoice choose_label_names(const std::vector<std::string>& data, const std::vector<std::string>& asked,
                               const std::vector<std::string>& model) {
  const std::vector<std::string>& names = asked.empty() ? model : asked;
  if (asked.empty() && !are_names(model)) return {.names = data, .by_number = false, .note = {}};
  if (contains_all(names, data)) return {.names = names, .by_number = false, .note = {}};
  if (are_numbers_of(data, names.size())) {
    return {.names = names,
            .by_number = true,
            .note = "the data's labels 0 to " + std::to_string(data.size() - 1) + " are " + list_of(names)};
  }
  if (!asked.empty())
    return {.names = asked, .by_number = false, .note = {}};  // reading the data will refuse
  return {
      .names = data,
      .by_number = false,
      .note =
          "the data's labels (" + list_of(data) + ") take the place of the model's (" + list_of(model) + ")" +
          (data.size() == model.size() ? ", whose classifier goes on in that order; --labels gives another"
                                       : "; its classifier is made anew")};
}

}  // namespace berta::train
