#include "tasks/entities.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "tasks/scores.h"

namespace berta::tasks {
namespace {

using Tokens = std::span<const ScoredToken>;

Entity make_entity(const ScoredToken& token, const EntityRules& rules) {
  const std::size_t id = arg_max(token.scores);
  return {.label = rules.labels[id],
          .score = token.scores[id],
          .word = token.word,
          .begin = token.begin,
          .end = token.end,
          .index = token.index};
}

std::vector<float> average_scores(Tokens word) {
  std::vector<float> average(word[0].scores.size());
  for (std::size_t label = 0; label < average.size(); ++label) {
    double sum = 0;
    for (const ScoredToken& token : word) sum += token.scores[label];
    average[label] = static_cast<float>(sum / static_cast<double>(word.size()));
  }
  return average;
}

/// The scores that stand for a word of several tokens.
std::vector<float> word_scores(Tokens word, Aggregation aggregation) {
  if (aggregation == Aggregation::first) return word[0].scores;
  if (aggregation == Aggregation::average) return average_scores(word);
  const auto surest = std::max_element(word.begin(), word.end(), [](const auto& a, const auto& b) {
    return a.scores[arg_max(a.scores)] < b.scores[arg_max(b.scores)];
  });
  return surest->scores;
}

Entity word_entity(Tokens word, const EntityRules& rules) {
  std::vector<std::string> names;
  for (const ScoredToken& token : word) names.push_back(token.word);
  const std::vector<float> scores = word_scores(word, rules.aggregation);
  const std::size_t id = arg_max(scores);
  return {.label = rules.labels[id],
          .score = scores[id],
          .word = rules.tokenizer.join(names),
          .begin = word.front().begin,
          .end = word.back().end};
}

std::vector<Entity> word_entities(Tokens tokens, const EntityRules& rules) {
  std::vector<Entity> entities;
  for (std::size_t begin = 0, end = 0; begin < tokens.size(); begin = end) {
    end = begin + 1;
    while (end < tokens.size() && tokens[end].is_subword) ++end;
    entities.push_back(word_entity(tokens.subspan(begin, end - begin), rules));
  }
  return entities;
}

/// "B-PER" -> true, "PER"; other labels continue.
std::pair<bool, std::string_view> split_tag(std::string_view label) {
  const bool begins = label.starts_with("B-");
  return {begins, begins || label.starts_with("I-") ? label.substr(2) : label};
}

Entity join(std::span<const Entity> group, const EntityRules& rules) {
  std::vector<std::string> words;
  double sum = 0;
  std::size_t counted = 0;
  for (const Entity& entity : group) {
    words.push_back(entity.word);
    if (std::isnan(entity.score)) continue;
    sum += entity.score;
    ++counted;
  }
  const std::string& label = group.front().label;
  const std::size_t dash = label.find('-');
  return {.label = dash == std::string::npos ? label : label.substr(dash + 1),
          .score = static_cast<float>(sum / static_cast<double>(counted)),
          .word = rules.tokenizer.join(words),
          .begin = group.front().begin,
          .end = group.back().end};
}

std::vector<Entity> join_neighbours(std::span<const Entity> entities, const EntityRules& rules) {
  std::vector<Entity> groups;
  for (std::size_t begin = 0, end = 0; begin < entities.size(); begin = end) {
    for (end = begin + 1; end < entities.size(); ++end) {
      const auto [begins, tag] = split_tag(entities[end].label);
      if (begins || tag != split_tag(entities[end - 1].label).second) break;
    }
    groups.push_back(join(entities.subspan(begin, end - begin), rules));
  }
  return groups;
}

}  // namespace

std::vector<Entity> aggregate(const std::vector<ScoredToken>& tokens, const EntityRules& rules) {
  std::vector<Entity> entities;
  if (rules.aggregation == Aggregation::none || rules.aggregation == Aggregation::simple) {
    for (const ScoredToken& token : tokens) entities.push_back(make_entity(token, rules));
  } else {
    entities = word_entities(tokens, rules);
  }
  return rules.aggregation == Aggregation::none ? entities : join_neighbours(entities, rules);
}

std::vector<Entity> resolve_overlaps(std::vector<Entity> entities) {
  if (entities.empty()) return entities;
  std::stable_sort(entities.begin(), entities.end(),
                   [](const Entity& a, const Entity& b) { return a.begin < b.begin; });
  std::vector<Entity> out;
  Entity previous = entities.front();
  // Begins with the first one once more, as the pipeline: an entity of no length comes out twice.
  for (const Entity& entity : entities) {
    if (entity.begin < previous.begin || entity.begin >= previous.end) {
      out.push_back(std::exchange(previous, entity));
      continue;
    }
    const std::size_t length = entity.end - entity.begin, previous_length = previous.end - previous.begin;
    if (length > previous_length || (length == previous_length && entity.score > previous.score)) {
      previous = entity;
    }
  }
  out.push_back(std::move(previous));
  return out;
}

}  // namespace berta::tasks
