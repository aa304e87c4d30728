#include "data/label_map.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <set>
#include <utility>

#include "core/error.h"
#include "io/quote.h"

namespace berta::data {
namespace {

std::optional<std::int64_t> integer_of(std::string_view text) {
  std::int64_t value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || stop != end) return std::nullopt;
  return value;
}

using Distinct = std::set<std::string, std::less<>>;

LabelMap map_of(const Distinct& labels) {
  return LabelMap::sorted({labels.begin(), labels.end()});
}

/// A set of all labels at once would hold each text again.
void add(Distinct& labels, std::string_view label) {
  if (!labels.contains(label)) labels.emplace(label);
}

}  // namespace

LabelMap::LabelMap(std::vector<std::string> names) : names_(std::move(names)) {
  if (names_.empty()) throw UserError("labels: expected at least one, found none");
  for (std::size_t i = 0; i < names_.size(); ++i) {
    if (ids_.emplace(names_[i], i).second) continue;
    throw UserError("labels: expected each once, found " + io::quoted(names_[i]) + " twice");
  }
}

LabelMap LabelMap::sorted(std::vector<std::string> labels) {
  std::sort(labels.begin(), labels.end());
  labels.erase(std::unique(labels.begin(), labels.end()), labels.end());
  const bool integers = std::all_of(labels.begin(), labels.end(),
                                    [](const std::string& one) { return integer_of(one).has_value(); });
  if (integers) {
    std::stable_sort(labels.begin(), labels.end(), [](const std::string& a, const std::string& b) {
      return *integer_of(a) < *integer_of(b);
    });
  }
  return LabelMap(std::move(labels));
}

const std::string& LabelMap::name(std::size_t id) const {
  check_internal(id < names_.size(), "a class beyond the labels");
  return names_[id];
}

std::optional<std::size_t> LabelMap::find(std::string_view name) const {
  const auto found = ids_.find(name);
  if (found == ids_.end()) return std::nullopt;
  return found->second;
}

std::size_t LabelMap::id(std::string_view name) const {
  if (const auto found = find(name)) return *found;
  std::string known;
  for (const std::string& one : names_) {
    if (known.size() > 400) {
      known += ", ...";
      break;
    }
    known += (known.empty() ? "" : ", ") + io::quoted(one);
  }
  throw UserError("label " + io::quoted(name) + ": expected one of " + known);
}

LabelMap label_map_of(std::span<const LabelledText> samples) {
  Distinct labels;
  for (const LabelledText& sample : samples) {
    if (!sample.label.empty()) add(labels, sample.label);
    for (const std::string& label : sample.labels) add(labels, label);
  }
  return map_of(labels);
}

LabelMap label_map_of(std::span<const TaggedSentence> sentences) {
  Distinct labels;
  for (const TaggedSentence& sentence : sentences) {
    for (const std::string& tag : sentence.tags) add(labels, tag);
  }
  return map_of(labels);
}

}  // namespace berta::data
