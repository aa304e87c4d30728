#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "metrics/metric.h"

namespace berta::metrics {

/// What the SQuAD evaluation compares: lower case, without ASCII punctuation, without the words a, an and
/// the, with single blanks between words. Characters and their classes are those of Python's str, except that
/// a final capital sigma is not told from others.
std::string normalize_answer(std::string_view answer);

/// Of one predicted answer; each 0 to 1.
struct AnswerScore {
  double exact = 0;
  double f1 = 0;  ///< of the words, as bags
};

/// The better one over all gold answers, for each of the two. Zeros for no gold answer.
/// Two answers that have no words after normalisation: f1 is 0 by the rule of 1.1.
AnswerScore squad_v1_score(std::string_view predicted, std::span<const std::string> answers);

/// As above by the rule of 2.0: gold answers without words are left out, none at all stands for the empty
/// answer, and if either side has no words f1 is 1 where both have none, else 0.
AnswerScore squad_v2_score(std::string_view predicted, std::span<const std::string> answers);

/// One question with its prediction.
struct AnsweredQuestion {
  std::vector<std::string> answers{};  ///< gold; empty where the question has no answer
  std::string predicted{};             ///< the empty text says that there is none
  double no_answer = 0;  ///< how sure it is that there is none; compared with the threshold only
};

/// "exact_match" and "f1" in percent; NaN for no questions.
/// Throws UserError "question 7: expected an answer, found none: SQuAD 1.1 has one for each question".
Metrics squad_v1_metrics(std::span<const AnsweredQuestion> questions);

/// The threshold of no_answer with the highest total, over the thresholds that occur.
struct BestThreshold {
  double score = 0;  ///< in percent; NaN for no questions
  double threshold = 0;
};

/// `scores`: one a question, 0 to 1, without a threshold applied. Questions are taken in the order of
/// no_answer, equal ones in their own order; of equal totals the first wins, 0 if none is better than
/// answering nothing.
BestThreshold find_best_threshold(std::span<const AnsweredQuestion> questions,
                                  std::span<const double> scores);

/// All in percent: "exact", "f1", "total", and where there are such questions "HasAns_exact", "HasAns_f1",
/// "HasAns_total", "NoAns_exact", "NoAns_f1", "NoAns_total"; then "best_exact", "best_exact_thresh",
/// "best_f1", "best_f1_thresh". A question with no_answer above `threshold` counts as answered by "there is
/// none".
Metrics squad_v2_metrics(std::span<const AnsweredQuestion> questions, double threshold = 1.0);

}  // namespace berta::metrics
