#include "cli/wordvec_eval_report.h"

#include <fmt/format.h>

#include <algorithm>

#include "cli/json_writer.h"

namespace berta::cli {
namespace {

using wordvec::AnalogyScore;

/// A line of the table for people, whose first column is `width` wide.
struct Table {
  std::size_t width = 0;

  std::string similarity(const std::string& file, const wordvec::SimilarityResult& result) const {
    const std::string correlation = result.spearman ? fmt::format("{:.4f}", *result.spearman) : "-";
    return fmt::format("{:<{}}{:>9}  {} of {} pairs\n", file, width, correlation, result.covered,
                       result.pairs);
  }
  std::string analogies(const std::string& name, const AnalogyScore& score) const {
    const auto part = static_cast<double>(score.correct) / static_cast<double>(score.asked);
    const std::string percent = score.asked == 0 ? "-" : fmt::format("{:.1f}%", 100 * part);
    return fmt::format("{:<{}}{:>9}  {} of {} questions, {} left out\n", name, width, percent, score.correct,
                       score.asked, score.questions - score.asked);
  }
};

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
  Table table{.width = 9};
  for (const auto& [file, result] : report.similarity) table.width = std::max(table.width, file.size());
  std::string out;
  for (const auto& [file, result] : report.similarity) out += table.similarity(file, result);
  if (!report.analogies) return out;
  const AnalogyReport& analogies = *report.analogies;
  for (const auto& [name, score] : analogies.sections) table.width = std::max(table.width, name.size() + 2);
  out += fmt::format("{}, among {} words\n", analogies.file, analogies.words);
  for (const auto& [name, score] : analogies.sections) out += table.analogies("  " + name, score);
  return out + table.analogies("semantic", analogies.semantic) +
         table.analogies("syntactic", analogies.syntactic) + table.analogies("total", analogies.total);
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
