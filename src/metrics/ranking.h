#pragma once

#include <cstddef>
#include <span>

#include "metrics/metric.h"

namespace berta::metrics {

/// The documents of one query: the model's scores (higher is better; NaN ranks last) and how relevant each is
/// (0: not; for reciprocal rank and average precision anything above is relevant). Equally many of both.
struct RankedQuery {
  std::span<const double> scores{};
  std::span<const double> relevance{};
};

/// 1 / rank of the best relevant document if it is among the first k, else 0. Of equal scores the documents
/// that are not relevant go first: a model that gives one score to all earns nothing by the order of the
/// file.
double reciprocal_rank(const RankedQuery& query, std::size_t k);

/// As sklearn.metrics.average_precision_score: documents with equal scores are retrieved together. 0 without
/// relevant documents.
double average_precision(const RankedQuery& query);

/// As sklearn.metrics.ndcg_score: gain is the relevance itself, the discount 1 / log2(1 + rank), and
/// documents with equal scores share their gains. 0 without relevant documents. Throws UserError for a
/// relevance below 0.
double ndcg(const RankedQuery& query, std::size_t k);

/// Means over the queries: "mrr@K", "ndcg@K", "map"; NaN for no queries.
Metrics ranking_metrics(std::span<const RankedQuery> queries, std::size_t k = 10);

/// Share of pairs of which the chosen one has the strictly higher score; NaN for no pairs.
double pairwise_accuracy(std::span<const double> chosen, std::span<const double> rejected);

}  // namespace berta::metrics
