#include "wordvec/analogies.h"

#include <algorithm>
#include <optional>

#include "core/error.h"
#include "io/quote.h"
#include "wordvec/nearest.h"
#include "wordvec/text_lines.h"
#include "wordvec/word_lookup.h"

namespace berta::wordvec {
namespace {

/// Questions that run at once: enough to keep rows in cache, few enough to bound the memory.
constexpr std::size_t kBatch = 4096;
constexpr std::string_view kBlanks = "\t ";

/// A question in numbers of words.
struct Numbered {
  std::size_t section = 0;
  std::array<std::uint32_t, 3> abc{};
  std::uint32_t answer = 0;
};

std::string section_name(const io::LineReader& lines, std::string_view line) {
  std::string name;
  for (const std::string_view part : parts_of(line.substr(1), kBlanks)) {
    name += (name.empty() ? "" : " ") + std::string(part);
  }
  if (name.empty())
    throw UserError(lines.where() + ": expected the name of a section behind ':', found none");
  return name;
}

std::optional<Numbered> number_words(const WordTable& words, const Analogy& question, std::size_t limit) {
  Numbered numbered;
  for (std::size_t i = 0; i < question.size(); ++i) {
    std::optional<std::uint32_t> number = words.find(question[i]);
    if (!number || *number >= limit) number = words.find(lower_case(question[i]));
    if (!number || *number >= limit) return std::nullopt;
    (i < 3 ? numbered.abc[i] : numbered.answer) = *number;
  }
  return numbered;
}

void ask(const Matrix& units, std::span<const Numbered> batch, std::vector<AnalogyScore>& scores) {
  Matrix queries(batch.size(), units.dimension());
  std::vector<std::vector<std::uint32_t>> excluded;
  for (std::size_t q = 0; q < batch.size(); ++q) {
    write_analogy_query(units, batch[q].abc, queries.vector(q));
    excluded.emplace_back(batch[q].abc.begin(), batch[q].abc.end());
  }
  const auto answers = find_nearest({.rows = units, .queries = queries, .excluded = excluded, .top_k = 1});
  for (std::size_t q = 0; q < batch.size(); ++q) {
    AnalogyScore& score = scores[batch[q].section];
    ++score.asked;
    if (!answers[q].empty() && answers[q].front().row == batch[q].answer) ++score.correct;
  }
}

}  // namespace

std::vector<AnalogySection> read_analogies(io::LineReader& lines) {
  std::vector<AnalogySection> sections;
  bool any = false;
  std::string_view line;
  while (lines.next(line)) {
    const auto parts = parts_of(line, kBlanks);
    if (parts.empty() || parts.front().front() == '#') continue;
    if (line.front() == ':') {
      sections.push_back({.name = section_name(lines, line), .questions = {}});
      continue;
    }
    if (sections.empty()) {
      throw UserError(lines.where() + ": expected a line ': SECTION' before the questions, found " +
                      io::quoted(line));
    }
    if (parts.size() != 4) {
      throw UserError(lines.where() + ": expected four words, found " + std::to_string(parts.size()) +
                      " in " + io::quoted(line));
    }
    Analogy question;
    std::copy(parts.begin(), parts.end(), question.begin());
    sections.back().questions.push_back(std::move(question));
    any = true;
  }
  if (!any) throw UserError(lines.name() + ": expected questions of four words, found none");
  return sections;
}

AnalogyScore& AnalogyScore::operator+=(const AnalogyScore& other) {
  questions += other.questions;
  asked += other.asked;
  correct += other.correct;
  return *this;
}

std::vector<AnalogyScore> evaluate_analogies(const WordVectors& vectors,
                                             std::span<const AnalogySection> sections,
                                             std::size_t most_frequent) {
  const Matrix units = unit_rows(vectors.vectors, most_frequent);
  std::vector<AnalogyScore> scores(sections.size());
  std::vector<Numbered> batch;
  for (std::size_t s = 0; s < sections.size(); ++s) {
    for (const Analogy& question : sections[s].questions) {
      ++scores[s].questions;
      auto numbered = number_words(vectors.words, question, units.rows());
      if (!numbered) continue;
      numbered->section = s;
      batch.push_back(*numbered);
      if (batch.size() < kBatch) continue;
      ask(units, batch, scores);
      batch.clear();
    }
  }
  ask(units, batch, scores);
  return scores;
}

void write_analogy_query(const Matrix& units, const std::array<std::uint32_t, 3>& abc,
                         std::span<float> query) {
  const auto a = units.vector(abc[0]);
  const auto b = units.vector(abc[1]);
  const auto c = units.vector(abc[2]);
  for (std::size_t i = 0; i < query.size(); ++i) query[i] = b[i] - a[i] + c[i];
}

}  // namespace berta::wordvec
