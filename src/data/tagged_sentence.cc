#include "data/tagged_sentence.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "core/error.h"
#include "data/json_records.h"

namespace berta::data {
namespace {

constexpr std::string_view kMark = "\xef\xbb\xbf";
constexpr std::string_view kDocument = "-DOCSTART-";

std::string_view without_marks(std::string_view line) {
  while (line.starts_with(kMark)) line.remove_prefix(kMark.size());
  return line;
}

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") + 1 - first);
}

std::vector<std::string_view> split_columns(std::string_view line, ColumnEnds ends) {
  if (ends == ColumnEnds::automatic) {
    ends = line.find('\t') == std::string_view::npos ? ColumnEnds::blanks : ColumnEnds::tabs;
  }
  const char* separators = ends == ColumnEnds::tabs ? "\t" : " \t";
  std::vector<std::string_view> columns;
  for (std::size_t begin = 0; begin <= line.size();) {
    const std::size_t end = std::min(line.find_first_of(separators, begin), line.size());
    const std::string_view column = trimmed(line.substr(begin, end - begin));
    if (ends == ColumnEnds::tabs || !column.empty()) columns.push_back(column);
    begin = end + 1;
  }
  return columns;
}

void drop_prefix(std::string_view& word, std::string_view prefix) {
  if (word.starts_with(prefix)) word.remove_prefix(prefix.size());
}

class ConllReader {
 public:
  ConllReader(io::LineReader lines, const TaggedSentenceOptions& options)
      : lines_(std::move(lines)), options_(options) {}

  std::vector<TaggedSentence> read() {
    std::string_view line;
    while (sentences_.size() < options_.max_samples && lines_.next(line)) {
      require_utf8(line, lines_);
      line = without_marks(line);
      if (is_blank_line(line) || line.starts_with(kDocument)) {
        end_sentence();
      } else {
        add_word(line);
      }
    }
    if (sentences_.size() < options_.max_samples) end_sentence();
    return std::move(sentences_);
  }

 private:
  void end_sentence() {
    if (!sentence_.words.empty()) sentences_.push_back(std::exchange(sentence_, {}));
  }

  void add_word(std::string_view line) {
    const auto columns = split_columns(line, options_.column_ends);
    const std::size_t least = std::max({options_.word_column, options_.tag_column, std::size_t{2}});
    if (columns.size() < least) {
      throw UserError(lines_.where() + ": expected " +
                      (least == 2 ? "a word and a tag" : "at least " + std::to_string(least) + " columns") +
                      ", found " + std::to_string(columns.size()) +
                      (columns.size() == 1 ? " column" : " columns"));
    }
    std::string_view word = columns[options_.word_column - 1];
    const std::string_view tag = options_.tag_column == 0 ? columns.back() : columns[options_.tag_column - 1];
    drop_prefix(word, options_.word_prefix);
    if (word.empty()) throw UserError(lines_.where() + ": expected a word, found an empty column");
    if (tag.empty()) throw UserError(lines_.where() + ": expected a tag, found an empty column");
    sentence_.words.emplace_back(word);
    sentence_.tags.emplace_back(tag);
  }

  io::LineReader lines_;
  const TaggedSentenceOptions& options_;
  TaggedSentence sentence_;
  std::vector<TaggedSentence> sentences_;
};

std::vector<std::string> texts_at(const io::Json& record, std::initializer_list<std::string_view> keys,
                                  const std::string& where) {
  std::string_view key;
  const io::Json* array = find_any(record, keys, key);
  if (array == nullptr) fail_key(record, keys, where);
  std::vector<std::string> texts = texts_of(*array, key_of(where, key));
  const auto empty = std::find(texts.begin(), texts.end(), "");
  if (empty == texts.end()) return texts;
  throw UserError(key_of(where, key) + ", entry " + std::to_string(empty - texts.begin() + 1) +
                  ": expected a text, found an empty one");
}

std::vector<TaggedSentence> read_json(const std::string& path, const TaggedSentenceOptions& options) {
  JsonRecords records(open_lines(path));
  std::vector<TaggedSentence> sentences;
  io::Json record;
  while (sentences.size() < options.max_samples && records.next(record)) {
    const std::string where = records.where();
    TaggedSentence sentence{.words = texts_at(record, {"tokens", "words"}, where),
                            .tags = texts_at(record, {"ner_tags", "tags", "labels"}, where)};
    if (sentence.words.size() != sentence.tags.size()) {
      throw UserError(where + ": expected as many tags as words, " + std::to_string(sentence.words.size()) +
                      ", found " + std::to_string(sentence.tags.size()));
    }
    for (std::string& word : sentence.words) {
      std::string_view rest = word;
      drop_prefix(rest, options.word_prefix);
      if (rest.empty()) throw UserError(where + ": expected words, found only the prefix of one");
      word.erase(0, word.size() - rest.size());
    }
    if (!sentence.words.empty()) sentences.push_back(std::move(sentence));
  }
  return sentences;
}

}  // namespace

std::vector<TaggedSentence> read_tagged_sentences(const std::string& path,
                                                  const TaggedSentenceOptions& options) {
  check_internal(options.word_column > 0, "columns count from 1");
  const FileFormat format = format_of(path, options.format, FileFormat::conll);
  // Of tables only the lines count: .tsv files of words and tags are common.
  if (format == FileFormat::csv) throw UserError(path + ": expected CoNLL form or JSON lines, found CSV");
  auto sentences =
      format == FileFormat::json ? read_json(path, options) : ConllReader(open_lines(path), options).read();
  if (sentences.empty()) throw UserError(path + ": expected sentences of words with tags, found none");
  return sentences;
}

}  // namespace berta::data
