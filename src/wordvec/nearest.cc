#include "wordvec/nearest.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <mutex>

#include "core/error.h"
#include "core/parallel.h"
#include "kernels/word_vectors.h"

namespace berta::wordvec {
namespace {

/// Bytes of rows that stay in a core's cache while all queries meet them.
constexpr std::size_t kBlockBytes = std::size_t{128} << 10;

bool is_better(const Neighbour& a, const Neighbour& b) {
  return a.score > b.score || (a.score == b.score && a.row < b.row);
}

/// The best rows of one query so far: a heap with the worst of them in front.
class Best {
 public:
  /// Takes `found` if it is among the best `limit`.
  void offer(const Neighbour& found, std::size_t limit) {
    if (heap_.size() == limit) {
      if (!is_better(found, heap_.front())) return;
      std::pop_heap(heap_.begin(), heap_.end(), is_better);
      heap_.pop_back();
    }
    heap_.push_back(found);
    std::push_heap(heap_.begin(), heap_.end(), is_better);
  }
  /// What a later row must exceed.
  float bar(std::size_t limit) const {
    return heap_.size() == limit ? heap_.front().score : -std::numeric_limits<float>::infinity();
  }
  void merge(const Best& other, std::size_t limit) {
    for (const Neighbour& found : other.heap_) offer(found, limit);
  }
  std::vector<Neighbour> sorted() && {
    std::sort_heap(heap_.begin(), heap_.end(), is_better);
    return std::move(heap_);
  }

 private:
  std::vector<Neighbour> heap_;
};

void scale_row(std::span<float> row) {
  double squares = 0;
  for (const float value : row) squares += static_cast<double>(value) * static_cast<double>(value);
  if (squares == 0) return;
  const double scale = 1 / std::sqrt(squares);
  for (float& value : row) value = static_cast<float>(static_cast<double>(value) * scale);
}

/// Rows from `begin` to `end` against all queries, a block at a time.
class Scan {
 public:
  Scan(const NearestTask& task, std::size_t limit)
      : task_(task),
        limit_(limit),
        block_(std::max<std::size_t>(
            kBlockBytes / sizeof(float) / std::max(task.rows.stride(), std::size_t{1}), 1)),
        scores_(block_),
        best_(task.queries.rows()) {}

  void run(std::size_t begin, std::size_t end) {
    for (std::size_t at = begin; at < end; at += block_) {
      const std::size_t count = std::min(block_, end - at);
      for (std::size_t q = 0; q < best_.size(); ++q) compare(q, at, count);
    }
  }

  const std::vector<Best>& best() const { return best_; }

 private:
  void compare(std::size_t query, std::size_t first, std::size_t count) {
    const Matrix& rows = task_.rows;
    kernels::dot_rows(rows.row(first), rows.stride(), count, task_.queries.row(query), scores_.data());
    if (!task_.excluded.empty()) {
      for (const std::uint32_t row : task_.excluded[query]) {
        if (row >= first && row - first < count) {
          scores_[row - first] = -std::numeric_limits<float>::infinity();
        }
      }
    }
    float bar = best_[query].bar(limit_);
    for (std::size_t i = 0; i < count; ++i) {
      if (!(scores_[i] > bar)) continue;
      best_[query].offer({static_cast<std::uint32_t>(first + i), scores_[i]}, limit_);
      bar = best_[query].bar(limit_);
    }
  }

  const NearestTask& task_;
  std::size_t limit_;
  std::size_t block_;
  std::vector<float> scores_;
  std::vector<Best> best_;
};

}  // namespace

void scale_to_unit(Matrix& rows) {
  parallel_for(rows.rows(), 1024, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) scale_row(rows.vector(i));
  });
}

Matrix unit_rows(const Matrix& vectors, std::size_t count) {
  Matrix units(std::min(count, vectors.rows()), vectors.dimension());
  for (std::size_t i = 0; i < units.rows(); ++i) {
    const auto from = vectors.vector(i);
    std::copy(from.begin(), from.end(), units.vector(i).begin());
  }
  scale_to_unit(units);
  return units;
}

std::vector<std::vector<Neighbour>> find_nearest(const NearestTask& task) {
  check_internal(task.rows.dimension() == task.queries.dimension(), "queries of another dimension");
  check_internal(task.excluded.empty() || task.excluded.size() == task.queries.rows(),
                 "not one list of excluded rows a query");
  std::vector<std::vector<Neighbour>> found(task.queries.rows());
  const std::size_t limit = std::min(task.top_k, task.rows.rows());
  if (limit == 0 || found.empty()) return found;
  std::vector<Best> best(task.queries.rows());
  std::mutex mutex;
  parallel_for(task.rows.rows(), 1024, [&](std::size_t begin, std::size_t end) {
    Scan scan(task, limit);
    scan.run(begin, end);
    const std::lock_guard lock(mutex);
    for (std::size_t q = 0; q < best.size(); ++q) best[q].merge(scan.best()[q], limit);
  });
  for (std::size_t q = 0; q < found.size(); ++q) found[q] = std::move(best[q]).sorted();
  return found;
}

}  // namespace berta::wordvec
