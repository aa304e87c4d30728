#include "metrics/entities.h"

#include <algorithm>
#include <limits>
#include <map>
#include <string_view>

#include "core/error.h"
#include "core/utf8.h"

namespace berta::metrics {
namespace {

/// A tag as the rules see it: its first character, and what stands behind the first hyphen after that.
struct Tag {
  char32_t prefix = U'O';
  std::string_view type = "_";

  /// Belongs to an entity. A lone full stop is a word of none, as in the original evaluation.
  bool inside() const { return prefix != U'O' && prefix != U'.'; }
  /// Nothing of the same entity can stand before it.
  bool opens() const { return prefix == U'B' || prefix == U'S'; }
  /// Nothing of the same entity can stand behind it.
  bool closes() const { return prefix == U'E' || prefix == U'S'; }
  bool continues() const { return prefix == U'I' || prefix == U'E'; }
};

Tag parse_tag(std::string_view text) {
  std::size_t position = 0;
  Tag tag{.prefix = next_code_point(text, position)};
  std::string_view type = text.substr(position);
  const std::size_t hyphen = type.find('-');
  if (hyphen != std::string_view::npos) type.remove_prefix(hyphen + 1);
  if (!type.empty()) tag.type = type;
  return tag;
}

bool ends_between(const Tag& before, const Tag& after) {
  if (before.closes()) return true;
  const bool open = before.prefix == U'B' || before.prefix == U'I';
  if (open && (after.opens() || after.prefix == U'O')) return true;
  return before.inside() && before.type != after.type;
}

bool begins_between(const Tag& before, const Tag& after) {
  if (after.opens()) return true;
  if (after.continues() && (before.closes() || before.prefix == U'O')) return true;
  return after.inside() && before.type != after.type;
}

/// Takes the tags one after another. A begin stays until the next one, over the ends of sentences too: of
/// tags that belong to no scheme ("-", ".") seqeval makes such entities, and the scores are to be its own.
class EntityFinder {
 public:
  /// Throws UserError "word 3: expected a tag, found an empty one".
  void add_sentence(std::span<const std::string> tags) {
    for (std::size_t i = 0; i < tags.size(); ++i) {
      if (tags[i].empty()) {
        throw UserError("word " + std::to_string(i + 1) + ": expected a tag, found an empty one");
      }
      add(parse_tag(tags[i]));
    }
    add(Tag{});
  }

  /// Places count the words so far and one for each end of a sentence.
  std::vector<TaggedEntity> take() { return std::move(entities_); }

 private:
  void add(const Tag& tag) {
    if (ends_between(before_, tag)) {
      entities_.push_back({.type = std::string(before_.type), .begin = begin_, .end = place_});
    }
    if (begins_between(before_, tag)) begin_ = place_;
    before_ = tag;
    ++place_;
  }

  std::vector<TaggedEntity> entities_;
  Tag before_;
  std::size_t begin_ = 0;
  std::size_t place_ = 0;
};

std::vector<TaggedEntity> find_all(std::span<const Tags> sentences) {
  EntityFinder finder;
  for (std::size_t i = 0; i < sentences.size(); ++i) {
    try {
      finder.add_sentence(sentences[i]);
    } catch (const UserError& error) {
      throw UserError("sentence " + std::to_string(i + 1) + ": " + error.what());
    }
  }
  return finder.take();
}

using TypeTallies = std::map<std::string, ClassTally>;

TypeTallies count_types(std::span<const Tags> expected, std::span<const Tags> predicted) {
  TypeTallies tallies;
  std::vector<TaggedEntity> wanted = find_all(expected);
  std::sort(wanted.begin(), wanted.end());
  for (const TaggedEntity& entity : wanted) ++tallies[entity.type].expected;
  for (const TaggedEntity& entity : find_all(predicted)) {
    ClassTally& tally = tallies[entity.type];
    ++tally.predicted;
    if (std::binary_search(wanted.begin(), wanted.end(), entity)) ++tally.correct;
  }
  return tallies;
}

/// Share of words with the right tag; NaN for no words.
double tag_accuracy(std::span<const Tags> expected, std::span<const Tags> predicted) {
  std::uint64_t words = 0;
  std::uint64_t right = 0;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    if (expected[i].size() != predicted[i].size()) {
      throw UserError("sentence " + std::to_string(i + 1) + ": expected " +
                      std::to_string(expected[i].size()) + " tags, found " +
                      std::to_string(predicted[i].size()));
    }
    words += expected[i].size();
    for (std::size_t word = 0; word < expected[i].size(); ++word) {
      right += expected[i][word] == predicted[i][word] ? 1 : 0;
    }
  }
  return words == 0 ? std::numeric_limits<double>::quiet_NaN()
                    : static_cast<double>(right) / static_cast<double>(words);
}

void append(Metrics& metrics, const std::string& before, const FScore& score) {
  metrics.push_back({.name = before + "precision", .value = score.precision});
  metrics.push_back({.name = before + "recall", .value = score.recall});
  metrics.push_back({.name = before + "f1", .value = score.f1});
}

}  // namespace

std::vector<TaggedEntity> find_entities(std::span<const std::string> tags) {
  EntityFinder finder;
  finder.add_sentence(tags);
  return finder.take();
}

EntityScores score_entities(std::span<const Tags> expected, std::span<const Tags> predicted) {
  check_internal(expected.size() == predicted.size(), "entities of lists that are not equally long");
  EntityScores scores{.accuracy = tag_accuracy(expected, predicted)};
  std::vector<ClassTally> types;
  for (const auto& [type, tally] : count_types(expected, predicted)) {
    types.push_back(tally);
    scores.types.emplace_back(type, f_score(tally));
  }
  scores.overall = f_score(types, Average::micro);
  scores.macro = f_score(types, Average::macro);
  scores.weighted = f_score(types, Average::weighted);
  return scores;
}

Metrics entity_metrics(const EntityScores& scores) {
  Metrics metrics;
  append(metrics, "", scores.overall);
  metrics.push_back({.name = "accuracy", .value = scores.accuracy});
  for (const auto& [type, score] : scores.types) append(metrics, type + "_", score);
  return metrics;
}

}  // namespace berta::metrics
