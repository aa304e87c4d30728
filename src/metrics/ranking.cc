#include "metrics/ranking.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "core/error.h"

namespace berta::metrics {
namespace {

struct Document {
  double score = 0;
  double relevance = 0;
};

/// The documents by descending score; of equal ones those that are not relevant first.
std::vector<Document> ranked(const RankedQuery& query) {
  check_internal(query.scores.size() == query.relevance.size(),
                 "scores and documents that are not equally many");
  std::vector<Document> documents(query.scores.size());
  for (std::size_t i = 0; i < documents.size(); ++i) {
    const double score = query.scores[i];
    // A sort must have an order, and NaN has none.
    documents[i] = {.score = std::isnan(score) ? -std::numeric_limits<double>::infinity() : score,
                    .relevance = query.relevance[i]};
  }
  std::sort(documents.begin(), documents.end(), [](const Document& a, const Document& b) {
    return a.score > b.score || (a.score == b.score && a.relevance < b.relevance);
  });
  return documents;
}

std::size_t end_of_equals(std::span<const Document> documents, std::size_t begin) {
  std::size_t end = begin + 1;
  while (end < documents.size() && documents[end].score == documents[begin].score) ++end;
  return end;
}

/// Of the document at place `index` from 0; nothing counts from place k on.
double discount(std::size_t index, std::size_t k) {
  return index < k ? 1 / std::log2(static_cast<double>(index) + 2) : 0;
}

}  // namespace

double reciprocal_rank(const RankedQuery& query, std::size_t k) {
  const std::vector<Document> documents = ranked(query);
  for (std::size_t i = 0; i < std::min(k, documents.size()); ++i) {
    if (documents[i].relevance > 0) return 1 / static_cast<double>(i + 1);
  }
  return 0;
}

double average_precision(const RankedQuery& query) {
  const std::vector<Document> documents = ranked(query);
  double sum = 0;
  std::size_t found = 0;
  for (std::size_t begin = 0; begin < documents.size();) {
    const std::size_t end = end_of_equals(documents, begin);
    std::size_t relevant = 0;
    for (std::size_t i = begin; i < end; ++i) relevant += documents[i].relevance > 0 ? 1 : 0;
    found += relevant;
    sum += static_cast<double>(relevant) * static_cast<double>(found) / static_cast<double>(end);
    begin = end;
  }
  return found == 0 ? 0 : sum / static_cast<double>(found);
}

double ndcg(const RankedQuery& query, std::size_t k) {
  const std::vector<Document> documents = ranked(query);
  double gain = 0;
  for (std::size_t begin = 0; begin < documents.size();) {
    const std::size_t end = end_of_equals(documents, begin);
    double relevance = 0;
    double discounts = 0;
    for (std::size_t i = begin; i < end; ++i) {
      relevance += documents[i].relevance;
      discounts += discount(i, k);
    }
    gain += relevance / static_cast<double>(end - begin) * discounts;
    begin = end;
  }
  std::vector<double> ideal(query.relevance.begin(), query.relevance.end());
  std::sort(ideal.begin(), ideal.end(), std::greater<>());
  if (!ideal.empty() && !(ideal.back() >= 0)) {
    throw UserError("expected a relevance of at least 0, found " + std::to_string(ideal.back()));
  }
  double best = 0;
  for (std::size_t i = 0; i < ideal.size(); ++i) best += ideal[i] * discount(i, k);
  return best > 0 ? gain / best : 0;
}

Metrics ranking_metrics(std::span<const RankedQuery> queries, std::size_t k) {
  double reciprocal = 0;
  double discounted = 0;
  double precision = 0;
  for (const RankedQuery& query : queries) {
    reciprocal += reciprocal_rank(query, k);
    discounted += ndcg(query, k);
    precision += average_precision(query);
  }
  const auto mean = [&](double sum) {
    return queries.empty() ? std::numeric_limits<double>::quiet_NaN()
                           : sum / static_cast<double>(queries.size());
  };
  const std::string at = "@" + std::to_string(k);
  return {{.name = "mrr" + at, .value = mean(reciprocal)},
          {.name = "ndcg" + at, .value = mean(discounted)},
          {.name = "map", .value = mean(precision)}};
}

double pairwise_accuracy(std::span<const double> chosen, std::span<const double> rejected) {
  check_internal(chosen.size() == rejected.size(), "pairs of lists that are not equally long");
  std::size_t right = 0;
  for (std::size_t i = 0; i < chosen.size(); ++i) right += chosen[i] > rejected[i] ? 1 : 0;
  return chosen.empty() ? std::numeric_limits<double>::quiet_NaN()
                        : static_cast<double>(right) / static_cast<double>(chosen.size());
}

}  // namespace berta::metrics
