#include "data/labelled_text.h"

#include <algorithm>
#include <utility>

#include "core/error.h"
#include "data/json_records.h"
#include "data/table_reader.h"
#include "io/quote.h"

namespace berta::data {
namespace {

class Collector {
 public:
  explicit Collector(const LabelledTextOptions& options) : options_(options) {}

  bool full() const { return samples_.size() >= options_.max_samples; }

  /// A sample with the label's text as written.
  void add(LabelledText sample, const std::string& where) {
    const auto& skipped = options_.skipped_labels;
    if (std::find(skipped.begin(), skipped.end(), sample.label) != skipped.end()) return;
    if (options_.label_kind == LabelKind::several) {
      split_labels(sample);
    } else if (sample.label.empty()) {
      throw UserError(where + ": expected a label, found an empty one");
    }
    if (options_.label_kind == LabelKind::number) sample.value = parse_number(sample.label, where);
    samples_.push_back(std::move(sample));
  }

  std::vector<LabelledText> take(const std::string& name) {
    if (samples_.empty()) throw UserError(name + ": expected texts with labels, found none");
    return std::move(samples_);
  }

 private:
  void split_labels(LabelledText& sample) const {
    const std::string label = std::exchange(sample.label, {});
    const std::string& separator = options_.label_separator;
    for (std::size_t begin = 0; begin <= label.size();) {
      const std::size_t end = std::min(label.find(separator, begin), label.size());
      add_label(sample.labels, std::string_view(label).substr(begin, end - begin));
      begin = end + separator.size();
    }
  }

  static void add_label(std::vector<std::string>& labels, std::string_view label) {
    const std::size_t first = label.find_first_not_of(" \t");
    if (first == std::string_view::npos) return;
    label = label.substr(first, label.find_last_not_of(" \t") + 1 - first);
    if (std::find(labels.begin(), labels.end(), label) == labels.end()) labels.emplace_back(label);
  }

  const LabelledTextOptions& options_;
  std::vector<LabelledText> samples_;
};

double parse_weight(std::string_view text, const std::string& where) {
  const double weight = parse_number(text, where + ": weight");
  if (weight < 0) throw UserError(where + ": weight: expected at least 0, found " + io::quoted(text));
  return weight;
}

void read_table(TableReader& table, const LabelledTextOptions& options, Collector& samples) {
  Cells cells;
  if (!table.next(cells)) return;
  const bool header = is_header(cells, options.columns, options.header);
  const ColumnPlaces places = header ? choose_columns(cells, options.columns, true, table.where())
                                     : choose_numbers(cells, options.columns, table.where());
  const std::size_t names = cells.size();
  const std::size_t least = header ? names : places.most() + 1;
  bool more = header ? table.next(cells) : true;
  for (; more && !samples.full(); more = table.next(cells)) {
    if (cells.size() < least || (header && cells.size() > names)) {
      throw UserError(table.where() + ": expected " + (header ? "" : "at least ") + std::to_string(least) +
                      " columns, found " + std::to_string(cells.size()));
    }
    LabelledText sample;
    // A column may be chosen twice, so only the copy of the label may take the cell with it at the end.
    if (places.weight) sample.weight = parse_weight(cells[*places.weight], table.where());
    if (places.text_pair) sample.text_pair = cells[*places.text_pair];
    sample.text = cells[places.text];
    sample.label = std::move(cells[places.label]);
    samples.add(std::move(sample), table.where());
  }
}

/// A class as text: texts, integers and truth values as they are, other numbers in their shortest form.
std::string label_text(const io::Json& value, const std::string& what) {
  if (value.is_string()) return value.as_string(what);
  if (!value.is_bool() && !value.is_number()) {
    throw UserError(what + ": expected a string, a number, true or false" +
                    (value.is_array() ? ", found an array (of several labels?)" : ", found neither"));
  }
  std::string text;
  io::append_json(text, value);
  return text;
}

class JsonSamples {
 public:
  JsonSamples(JsonRecords& records, const LabelledTextOptions& options)
      : records_(records), options_(options) {}

  void read(Collector& samples) {
    io::Json record;
    while (!samples.full() && records_.next(record)) {
      if (!chosen_) choose(record);
      add(record, samples);
    }
  }

 private:
  /// The keys of the first record are those of all.
  void choose(const io::Json& record) {
    std::vector<std::string> keys;
    for (const auto& [key, value] : record.as_object(records_.where())) keys.push_back(key);
    const ColumnPlaces places = choose_columns(keys, options_.columns, false, records_.where());
    keys_.text = keys[places.text];
    keys_.label = keys[places.label];
    if (places.text_pair) keys_.text_pair = keys[*places.text_pair];
    if (places.weight) keys_.weight = keys[*places.weight];
    chosen_ = true;
  }

  void add(const io::Json& record, Collector& samples) const {
    const std::string where = records_.where();
    LabelledText sample{.text = text_at(record, {keys_.text}, where)};
    if (!keys_.text_pair.empty()) sample.text_pair = optional_text_at(record, {keys_.text_pair}, where);
    std::string_view key;
    if (!keys_.weight.empty()) {
      if (const io::Json* weight = find_any(record, {keys_.weight}, key)) {
        sample.weight = parse_weight(label_text(*weight, key_of(where, key)), where);
      }
    }
    const io::Json* label = find_any(record, {keys_.label}, key);
    if (label == nullptr) fail_key(record, {keys_.label}, where);
    const std::string what = key_of(where, key);
    if (options_.label_kind == LabelKind::several && label->is_array()) {
      add_array(std::move(sample), *label, what, samples);
    } else {
      sample.label = label_text(*label, what);
      samples.add(std::move(sample), what);
    }
  }

  void add_array(LabelledText sample, const io::Json& array, const std::string& what,
                 Collector& samples) const {
    for (const io::Json& label : array.as_array(what)) {
      std::string text = label_text(label, what + ", entry " + std::to_string(sample.labels.size() + 1));
      if (text.empty()) throw UserError(what + ": expected labels, found an empty one");
      if (std::find(sample.labels.begin(), sample.labels.end(), text) == sample.labels.end()) {
        sample.labels.push_back(std::move(text));
      }
    }
    samples.add(std::move(sample), what);
  }

  JsonRecords& records_;
  const LabelledTextOptions& options_;
  ColumnChoice keys_;
  bool chosen_ = false;
};

}  // namespace

std::vector<LabelledText> read_labelled_texts(const std::string& path, const LabelledTextOptions& options) {
  if (options.label_separator.empty()) throw UserError("expected a separator of labels, found an empty one");
  const FileFormat format = format_of(path, options.format, FileFormat::tsv);
  if (format == FileFormat::conll) {
    throw UserError(path + ": expected a table or JSON lines, found a file in CoNLL form");
  }
  Collector samples(options);
  if (format == FileFormat::json) {
    JsonRecords records(open_lines(path));
    JsonSamples(records, options).read(samples);
  } else {
    TableReader table(open_lines(path), format);
    read_table(table, options, samples);
  }
  return samples.take(path);
}

}  // namespace berta::data
