#include "cli/wordvec_eval_report.h"

#include <fmt/format.h>

#include "cli/json_writer.h"

namespace berta::cli {
namespace {

using wordvec::AnalogyScore;

std::string analogy_line(const std::string& name, const AnalogyScore& score) {
  const std::string percent = score.asked == 0
                                  ? "-"
                                  : fmt::format("{:.1f}%", 100 * static_cast<double>(score.correct) /
                                                               static_cast<double>(score.asked));
  return fmt::format("{:<40}{:>8}  {} of {} questions, {} left out\n", name, percent, score.correct,
                     score.asked, score.questions - score.asked);
}

void write_score(JsonWriter& json, const AnalogyScore& score) {
  json.member("questions", score.questions).member("asked", score.asked).member("correct", score.correct);
  json.key("accuracy");
  if (score.asked == 0) {
    json.null();
  } else {
    json.value(static_cast<double>(score.correct) / static_cast<double>(score.asked));
  }
}

void write_analogies(JsonWriter& json, const AnalogyReport& report) {
  json.begin_object().member("file", report.file).member("words", report.words);
  json.key("sections").begin_array();
  for (const auto& [name, score] : report.sections) {
    json.begin_object().member("section", name);
    write_score(json, score);
    json.end_object();
  }
  json.end_array();
  for (const auto& [name, score] :
       {std::pair("semantic", report.semantic), std::pair("syntactic", report.syntactic),
        std::pair("total", report.total)}) {
    json.key(name).begin_object();
    write_score(json, score);
    json.end_object();
  }
  json.end_object();
}

}  // namespace

std::string eval_as_text(const EvalReport& report) {
  std::string out;
  for (const auto& [file, result] : report.similarity) {
    const std::string correlation = result.spearman ? fmt::format("{:.4f}", *result.spearman) : "-";
    out += fmt::format("{:<40}{:>8}  {} of {} pairs\n", file, correlation, result.covered, result.pairs);
  }
  if (!report.analogies) return out;
  const AnalogyReport& analogies = *report.analogies;
  out += fmt::format("{}, among {} words\n", analogies.file, analogies.words);
  for (const auto& [name, score] : analogies.sections) out += analogy_line("  " + name, score);
  return out + analogy_line("semantic", analogies.semantic) + analogy_line("syntactic", analogies.syntactic) +
         analogy_line("total", analogies.total);
}

std::string eval_as_json(const EvalReport& report) {
  std::string out;
  JsonWriter json(out);
  json.begin_object().key("similarity").begin_array();
  for (const auto& [file, result] : report.similarity) {
    json.begin_object().member("file", file).key("spearman");
    if (result.spearman) {
      json.value(*result.spearman);
    } else {
      json.null();
    }
    json.member("covered", result.covered).member("pairs", result.pairs).end_object();
  }
  json.end_array();
  if (report.analogies) {
    json.key("analogies");
    write_analogies(json, *report.analogies);
  }
  json.end_object();
  return out + "\n";
}

}  // namespace berta::cli
