#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "data/labelled_text.h"
#include "data/tagged_sentence.h"

namespace berta::data {

/// The classes of a task: names and their numbers from 0.
class LabelMap {
 public:
  /// In this order. Throws UserError "labels: expected each once, found \"x\" twice", and for none.
  explicit LabelMap(std::vector<std::string> names);

  /// The distinct ones: by value if all are integers of 64 bits, else by bytes. Throws UserError for none.
  static LabelMap sorted(std::vector<std::string> labels);

  std::size_t size() const { return names_.size(); }
  const std::vector<std::string>& names() const& { return names_; }
  std::vector<std::string> names() && { return std::move(names_); }  ///< so that a loop over them is safe
  /// Throws InternalError for a number that is not below size().
  const std::string& name(std::size_t id) const;
  std::optional<std::size_t> find(std::string_view name) const;
  /// Throws UserError "label \"x\": expected one of \"a\", \"b\"".
  std::size_t id(std::string_view name) const;

 private:
  std::vector<std::string> names_;
  std::map<std::string, std::size_t, std::less<>> ids_;
};

/// Of all labels of the samples (or all tags), as LabelMap::sorted().
LabelMap label_map_of(std::span<const LabelledText> samples);
LabelMap label_map_of(std::span<const TaggedSentence> sentences);

}  // namespace berta::data
