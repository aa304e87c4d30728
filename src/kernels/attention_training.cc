#include "kernels/attention_training.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/attention_training.cc"
#include <hwy/foreach_target.h>
// After foreach_target:
#include <algorithm>
#include <cmath>
#include <limits>

#include "kernels/attention_training-inl.h"

HWY_BEFORE_NAMESPACE();
namespace berta::kernels::HWY_NAMESPACE {

template <class T>
class ForwardHead {
 public:
  ForwardHead(const TrainingAttention<T>& task, TrainingScratch<T>& scratch) : head_(task, scratch, {}) {}

  void run() {
    head_.begin();
    for (const AttentionSequence& sequence : head_.task().sequences) {
      head_.begin_sequence(sequence);
      for (std::size_t q0 = 0; q0 < sequence.query_count; q0 += kTrainingTile) run_queries(q0);
    }
  }

 private:
  /// All keys for one tile of queries: scores, softmax, values.
  void run_queries(std::size_t q0) {
    const std::size_t keys = head_.sequence().key_count;
    const std::size_t queries = head_.load_queries(q0);
    const VectorRows<T> strip = head_.strip();
    for (std::size_t k0 = 0; k0 < keys; k0 += kTrainingTile) {
      head_.scores(head_.tile(k0), strip.from(0, k0));
    }
    const VectorRows<T> out = head_.cleared_sums();
    for (std::size_t q = 0; q < queries; ++q) {
      if (T* const kept = head_.kept_scores(q0 + q)) std::copy_n(strip.row(q), keys, kept);
      head_.log_sum(q) = softmax(strip.row(q), keys, q0 + q);
    }
    add_product<T>({strip.data, strip.stride, 1}, head_.values(), out, queries, head_.padded_head(), keys);
    head_.store_out(out);
  }

  /// Scores to dropped-out probabilities; returns the logarithm of their sum.
  T softmax(T* row, std::size_t keys, std::size_t query) {
    const hn::ScalableTag<T> d;
    const std::size_t lanes = hn::Lanes(d);
    const std::size_t whole = round_up(keys, lanes);
    for (std::size_t k = keys; k < whole; ++k) row[k] = -std::numeric_limits<T>::infinity();
    auto largest = hn::LoadU(d, row);
    for (std::size_t k = lanes; k < whole; k += lanes) largest = hn::Max(largest, hn::LoadU(d, row + k));
    const auto top = hn::MaxOfLanes(d, largest);
    auto sum = hn::Zero(d);
    for (std::size_t k = 0; k < whole; k += lanes) {
      const auto p = exponential(d, hn::Sub(hn::LoadU(d, row + k), top));
      sum = hn::Add(sum, p);
      hn::StoreU(p, d, row + k);
    }
    const T total = hn::GetLane(hn::SumOfLanes(d, sum));
    head_.drop(row, keys, query, 0, 1 / total);
    return hn::GetLane(top) + std::log(total);
  }

  TrainingHead<T> head_;
};

template <class T>
class BackwardHead {
 public:
  BackwardHead(const TrainingAttention<T>& task, const AttentionGradient<T>& gradient,
               TrainingScratch<T>& scratch)
      : head_(task, scratch, gradient) {}

  void run() {
    head_.begin();
    for (const AttentionSequence& sequence : head_.task().sequences) {
      head_.begin_sequence(sequence);
      for (std::size_t q0 = 0; q0 < sequence.query_count; q0 += kTrainingTile) run_queries(q0);
      head_.store_key_gradients();
    }
    head_.add_table_gradients();
  }

 private:
  void run_queries(std::size_t q0) {
    q0_ = q0;
    queries_ = head_.load_queries(q0);
    head_.load_out_gradients();
    const VectorRows<T> d_query = head_.cleared_sums();
    for (std::size_t k0 = 0; k0 < head_.sequence().key_count; k0 += kTrainingTile)
      run_tile(head_.tile(k0), d_query);
    head_.store_query_gradients(d_query);
  }

  /// With P the probabilities, M the dropout's multipliers and D = rowsum(dO O):
  ///   dV += (P M)^T dO;   G = P (dO V^T M - D);   dQ += G K + A Kr;   dK += G^T Q + B Qr
  /// where A and B are the sums of G over what one row of the table serves, of a query and of a key.
  void run_tile(const KeyTile& tile, const VectorRows<T>& d_query) {
    const std::size_t head = head_.padded_head();
    const auto& [k0, keys] = tile;
    const VectorRows<T> scores = head_.tile_rows(0);    // then P M
    const VectorRows<T> products = head_.tile_rows(1);  // dO V^T, then G
    if (!head_.load_scores(tile, q0_, scores)) head_.scores(tile, scores);
    clear(products, queries_, kTrainingTile);
    add_product<T>(head_.out_gradients(), head_.values_transposed().from(0, k0), products, queries_,
                   keys.count, head_.task().head_size);
    for (std::size_t q = 0; q < queries_; ++q) score_gradients(tile, q, scores.row(q), products.row(q));
    const Elements<T> dropped{scores.data, scores.stride, 1};
    const Elements<T> g{products.data, products.stride, 1};
    add_product<T>(dropped.transposed(), head_.out_gradient_rows(), head_.value_gradients(k0), keys.count,
                   head, queries_);
    add_product<T>(g, head_.keys().from(k0), d_query, queries_, head, keys.count);
    add_product<T>(g.transposed(), head_.queries(), head_.key_gradients(k0), keys.count, head, queries_);
    head_.position_gradients(tile, products, d_query);
  }

  void score_gradients(const KeyTile& tile, std::size_t q, T* scores, T* products) {
    const auto& [k0, keys] = tile;
    const hn::ScalableTag<T> d;
    const auto log_sum = hn::Set(d, head_.log_sum(q));
    const auto mean = hn::Set(d, head_.mean_product(q));
    const std::size_t whole = round_up(keys.count, hn::Lanes(d));
    T* const m = head_.multiplier_line();
    for (std::size_t k = keys.count; k < whole; ++k) scores[k] = -std::numeric_limits<T>::infinity();
    head_.multipliers(m, whole, q0_ + q, k0);
    for (std::size_t k = 0; k < whole; k += hn::Lanes(d)) {
      const auto probability = exponential(d, hn::Sub(hn::LoadU(d, scores + k), log_sum));
      const auto kept = hn::LoadU(d, m + k);
      hn::StoreU(hn::Mul(probability, kept), d, scores + k);
      const auto gradient = hn::MulSub(hn::LoadU(d, products + k), kept, mean);
      hn::StoreU(hn::Mul(probability, gradient), d, products + k);
    }
  }

  TrainingHead<T> head_;
  std::size_t q0_ = 0;
  std::size_t queries_ = 0;
};

void forward_float(const TrainingAttention<float>& task, TrainingScratch<float>& scratch) {
  ForwardHead<float>(task, scratch).run();
}
void forward_double(const TrainingAttention<double>& task, TrainingScratch<double>& scratch) {
  ForwardHead<double>(task, scratch).run();
}
void backward_float(const TrainingAttention<float>& task, const AttentionGradient<float>& gradient,
                    TrainingScratch<float>& scratch) {
  BackwardHead<float>(task, gradient, scratch).run();
}
void backward_double(const TrainingAttention<double>& task, const AttentionGradient<double>& gradient,
                     TrainingScratch<double>& scratch) {
  BackwardHead<double>(task, gradient, scratch).run();
}

}  // namespace berta::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace berta::kernels {

HWY_EXPORT(forward_float);
HWY_EXPORT(forward_double);
HWY_EXPORT(backward_float);
HWY_EXPORT(backward_double);

void attention_forward(const TrainingAttention<float>& task, TrainingScratch<float>& scratch) {
  HWY_DYNAMIC_DISPATCH(forward_float)(task, scratch);
}
void attention_forward(const TrainingAttention<double>& task, TrainingScratch<double>& scratch) {
  HWY_DYNAMIC_DISPATCH(forward_double)(task, scratch);
}
void attention_backward(const TrainingAttention<float>& task, const AttentionGradient<float>& gradient,
                        TrainingScratch<float>& scratch) {
  HWY_DYNAMIC_DISPATCH(backward_float)(task, gradient, scratch);
}
void attention_backward(const TrainingAttention<double>& task, const AttentionGradient<double>& gradient,
                        TrainingScratch<double>& scratch) {
  HWY_DYNAMIC_DISPATCH(backward_double)(task, gradient, scratch);
}

}  // namespace berta::kernels
#endif  // HWY_ONCE
