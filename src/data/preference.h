#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "data/labelled_text.h"

namespace berta::data {

/// Two answers of which people preferred the first.
struct Preference {
  std::string prompt{};  ///< may be empty: then both texts hold it, or there is none
  std::string chosen{};
  std::string rejected{};
};

/// Reads JSON lines (or an array) of "chosen" and "rejected", and "prompt" where it is there.
/// Throws UserError "FILE: line 7: expected ..., found ..."; and for a file without pairs.
std::vector<Preference> read_preferences(const std::string& path, std::size_t max_samples = kNoLimit);

}  // namespace berta::data
