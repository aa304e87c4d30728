#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace berta::train {

/// The names of a classifier's outputs.
struct LabelChoice {
  std::vector<std::string> names;
  bool by_number = false;  ///< the data's labels are their numbers, from 0
  std::string note;        ///< what the user should know; empty: nothing
};

/// Names by the user's, else by the model's, else by the data's, which are sorted. The model's own hold where
/// the data has no other labels, and where the data's are exactly the numbers 0 to n - 1 of its n names: so a
/// model that knows "negative" and "positive" keeps saying so. "LABEL_0" and the like are no names.
LabelChoice choose_label_names(const std::vector<std::string>& data, const std::vector<std::string>& asked,
                               const std::vector<std::string>& model);

/// "3" as 3, where that is below `count`.
std::optional<std::size_t> label_number(std::string_view label, std::size_t count);

}  // namespace berta::train
