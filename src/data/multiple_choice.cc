#include "data/multiple_choice.h"

#include <charconv>
#include <optional>
#include <utility>

#include "core/error.h"
#include "data/json_records.h"
#include "io/quote.h"

namespace berta::data {
namespace {

std::optional<std::size_t> index_of(std::string_view label) {
  if (label.size() == 1 && label[0] >= 'A' && label[0] <= 'Z')
    return static_cast<std::size_t>(label[0] - 'A');
  if (label.size() == 1 && label[0] >= 'a' && label[0] <= 'z')
    return static_cast<std::size_t>(label[0] - 'a');
  std::size_t index = 0;
  const char* end = label.data() + label.size();
  const auto [stop, error] = std::from_chars(label.data(), end, index);
  if (error != std::errc() || stop != end) return std::nullopt;
  return index;
}

std::size_t read_label(const io::Json& record, std::size_t choices, const std::string& where) {
  const std::initializer_list<std::string_view> keys{"label", "answer", "answerKey"};
  std::string_view key;
  const io::Json* value = find_any(record, keys, key);
  if (value == nullptr) fail_key(record, keys, where);
  const std::string label =
      value->is_string() ? value->as_string(where) : std::to_string(value->as_integer(key_of(where, key)));
  const auto index = index_of(label);
  if (index && *index < choices) return *index;
  throw UserError(key_of(where, key) + ": expected the letter or the index of one of " +
                  std::to_string(choices) + " choices, found " + io::quoted(label));
}

MultipleChoice read_sample(const io::Json& record, const std::string& where) {
  const std::initializer_list<std::string_view> choice_keys{"choices", "endings", "options"};
  MultipleChoice sample{
      .context =
          optional_text_at(record, {"context", "ctx", "article", "passage", "sent1"}, where).value_or(""),
      .question = optional_text_at(record, {"question", "sent2"}, where).value_or("")};
  if (sample.context.empty() && sample.question.empty()) fail_key(record, {"context", "question"}, where);
  std::string_view key;
  const io::Json* choices = find_any(record, choice_keys, key);
  if (choices == nullptr) fail_key(record, choice_keys, where);
  sample.choices = texts_of(*choices, key_of(where, key));
  if (sample.choices.size() < 2) {
    throw UserError(key_of(where, key) + ": expected at least 2 choices, found " +
                    std::to_string(sample.choices.size()));
  }
  sample.label = read_label(record, sample.choices.size(), where);
  return sample;
}

}  // namespace

std::vector<MultipleChoice> read_multiple_choice(const std::string& path, std::size_t max_samples) {
  JsonRecords records(open_lines(path));
  std::vector<MultipleChoice> samples;
  io::Json record;
  while (samples.size() < max_samples && records.next(record)) {
    samples.push_back(read_sample(record, records.where()));
  }
  if (samples.empty()) throw UserError(path + ": expected questions with choices, found none");
  return samples;
}

}  // namespace berta::data
