#include "metrics/squad.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "core/error.h"

namespace berta::metrics {
namespace {

using Words = std::vector<std::string_view>;

/// In the order of bytes, so that bags of words can be met by one pass.
Words sorted_words(std::string_view text) {
  Words words;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find(' ', begin), text.size());
    words.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  std::sort(words.begin(), words.end());
  return words;
}

/// 0 where no word is common, so also where either has none.
double words_f1(const Words& a, const Words& b) {
  Words common;
  std::set_intersection(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(common));
  if (common.empty()) return 0;
  const auto same = static_cast<double>(common.size());
  const double precision = same / static_cast<double>(a.size());
  const double recall = same / static_cast<double>(b.size());
  return 2 * precision * recall / (precision + recall);
}

double percent(double sum, std::size_t count) {
  return count == 0 ? std::numeric_limits<double>::quiet_NaN() : 100 * sum / static_cast<double>(count);
}

/// Sums over some of the questions.
struct Part {
  double exact = 0;
  double f1 = 0;
  std::size_t count = 0;

  void add(const AnswerScore& score) {
    exact += score.exact;
    f1 += score.f1;
    ++count;
  }
  void append_to(Metrics& metrics, const std::string& before) const {
    metrics.push_back({.name = before + "exact", .value = percent(exact, count)});
    metrics.push_back({.name = before + "f1", .value = percent(f1, count)});
    metrics.push_back({.name = before + "total", .value = static_cast<double>(count)});
  }
};

}  // namespace

AnswerScore squad_v1_score(std::string_view predicted, std::span<const std::string> answers) {
  const std::string said = normalize_answer(predicted);
  const Words said_words = sorted_words(said);
  AnswerScore best;
  for (const std::string& answer : answers) {
    const std::string gold = normalize_answer(answer);
    best.exact = std::max(best.exact, said == gold ? 1.0 : 0.0);
    best.f1 = std::max(best.f1, words_f1(said_words, sorted_words(gold)));
  }
  return best;
}

AnswerScore squad_v2_score(std::string_view predicted, std::span<const std::string> answers) {
  const std::string said = normalize_answer(predicted);
  const bool answerable = std::any_of(answers.begin(), answers.end(), [](const std::string& answer) {
    return !normalize_answer(answer).empty();
  });
  if (said.empty() || !answerable) {
    const double right = said.empty() && !answerable ? 1 : 0;
    return {.exact = right, .f1 = right};
  }
  // What has no words is equal to no answer that has some, and shares none with it.
  return squad_v1_score(predicted, answers);
}

Metrics squad_v1_metrics(std::span<const AnsweredQuestion> questions) {
  Part all;
  for (std::size_t i = 0; i < questions.size(); ++i) {
    if (questions[i].answers.empty()) {
      throw UserError("question " + std::to_string(i + 1) +
                      ": expected an answer, found none: SQuAD 1.1 has one for each question");
    }
    all.add(squad_v1_score(questions[i].predicted, questions[i].answers));
  }
  return {{.name = "exact_match", .value = percent(all.exact, all.count)},
          {.name = "f1", .value = percent(all.f1, all.count)}};
}

BestThreshold find_best_threshold(std::span<const AnsweredQuestion> questions,
                                  std::span<const double> scores) {
  check_internal(questions.size() == scores.size(), "scores and questions that are not equally many");
  std::vector<std::size_t> order(questions.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  // A sort must have an order, and NaN has none.
  const auto key = [&](std::size_t i) {
    const double value = questions[i].no_answer;
    return std::isnan(value) ? std::numeric_limits<double>::infinity() : value;
  };
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return key(a) < key(b); });
  // Below all thresholds nothing is answered, which is right for each question without an answer.
  double score = static_cast<double>(std::count_if(
      questions.begin(), questions.end(), [](const AnsweredQuestion& one) { return one.answers.empty(); }));
  double best = score;
  double threshold = 0;
  for (const std::size_t i : order) {
    if (!questions[i].answers.empty()) {
      score += scores[i];
    } else if (!questions[i].predicted.empty()) {
      score -= 1;
    }
    if (score > best) {
      best = score;
      threshold = questions[i].no_answer;
    }
  }
  return {.score = percent(best, questions.size()), .threshold = threshold};
}

Metrics squad_v2_metrics(std::span<const AnsweredQuestion> questions, double threshold) {
  Part all;
  Part with;
  Part without;
  std::vector<double> exact;
  std::vector<double> f1;
  for (const AnsweredQuestion& question : questions) {
    AnswerScore score = squad_v2_score(question.predicted, question.answers);
    exact.push_back(score.exact);
    f1.push_back(score.f1);
    const bool answerable = !question.answers.empty();
    if (question.no_answer > threshold) {
      score = answerable ? AnswerScore{} : AnswerScore{.exact = 1, .f1 = 1};
    }
    all.add(score);
    (answerable ? with : without).add(score);
  }
  Metrics metrics;
  all.append_to(metrics, "");
  if (with.count > 0) with.append_to(metrics, "HasAns_");
  if (without.count > 0) without.append_to(metrics, "NoAns_");
  const BestThreshold best_exact = find_best_threshold(questions, exact);
  const BestThreshold best_f1 = find_best_threshold(questions, f1);
  metrics.push_back({.name = "best_exact", .value = best_exact.score});
  metrics.push_back({.name = "best_exact_thresh", .value = best_exact.threshold});
  metrics.push_back({.name = "best_f1", .value = best_f1.score});
  metrics.push_back({.name = "best_f1_thresh", .value = best_f1.threshold});
  return metrics;
}

}  // namespace berta::metrics
