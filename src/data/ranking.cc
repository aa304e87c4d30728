#include "data/ranking.h"

#include <utility>

#include "core/error.h"
#include "data/json_records.h"

namespace berta::data {
namespace {

std::vector<std::string> documents_at(const io::Json& record, std::initializer_list<std::string_view> keys,
                                      const std::string& where) {
  std::string_view key;
  const io::Json* value = find_any(record, keys, key);
  if (value == nullptr) return {};
  if (value->is_string()) return {value->as_string(where)};
  return texts_of(*value, key_of(where, key));
}

}  // namespace

std::vector<RankingGroup> read_ranking_groups(const std::string& path, std::size_t max_samples) {
  JsonRecords records(open_lines(path));
  std::vector<RankingGroup> groups;
  io::Json record;
  while (groups.size() < max_samples && records.next(record)) {
    const std::string where = records.where();
    RankingGroup group{.query = text_at(record, {"query"}, where),
                       .positives = documents_at(record, {"positives", "positive", "pos"}, where),
                       .negatives = documents_at(record, {"negatives", "negative", "neg"}, where)};
    if (group.positives.empty()) throw UserError(where + ": expected positives, found none");
    groups.push_back(std::move(group));
  }
  if (groups.empty()) throw UserError(path + ": expected queries with documents, found none");
  return groups;
}

std::vector<ScoredDocument> read_scored_documents(const std::string& path, LabelledTextOptions options) {
  options.label_kind = LabelKind::number;
  std::vector<LabelledText> samples = read_labelled_texts(path, options);
  std::vector<ScoredDocument> documents;
  documents.reserve(samples.size());
  for (LabelledText& sample : samples) {
    if (!sample.text_pair) {
      throw UserError(path + ": sample " + std::to_string(documents.size() + 1) +
                      ": expected a query and a document, found no column or key of the document");
    }
    documents.push_back(
        {.query = std::move(sample.text), .document = *std::move(sample.text_pair), .score = sample.value});
  }
  return documents;
}

}  // namespace berta::data
