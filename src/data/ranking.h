#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "data/labelled_text.h"

namespace berta::data {

/// A query with documents that answer it (at least one) and documents that do not.
struct RankingGroup {
  std::string query{};
  std::vector<std::string> positives{};
  std::vector<std::string> negatives{};
};

/// Reads JSON lines (or an array) of "query", "positives" (or "positive", "pos") and "negatives" (or
/// "negative", "neg", may be absent): arrays of texts, or one text. Throws UserError "FILE: line 7: expected
/// ..., found ..."; and for a file without queries.
std::vector<RankingGroup> read_ranking_groups(const std::string& path, std::size_t max_samples = kNoLimit);

/// How relevant one document is for one query.
struct ScoredDocument {
  std::string query{};
  std::string document{};
  double score = 0;
};

/// Reads a table or JSON: text is the query, text_pair the document, label the score; without a choice of
/// columns, "query" and "document" (or "passage") by the header. options.label_kind is not used.
/// Throws UserError as read_labelled_texts(), and for a sample without document.
std::vector<ScoredDocument> read_scored_documents(const std::string& path, LabelledTextOptions options = {});

}  // namespace berta::data
