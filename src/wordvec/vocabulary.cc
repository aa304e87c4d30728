#include "wordvec/vocabulary.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <numeric>

#include "core/error.h"
#include "io/atomic_file.h"
#include "io/byte_source.h"
#include "io/line_reader.h"
#include "io/quote.h"

namespace berta::wordvec {

std::uint64_t Vocabulary::total() const {
  return std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
}

CorpusCount count_words(Corpus& corpus, const VocabularyLimits& limits,
                        const std::function<bool(double)>& progress) {
  Vocabulary all;
  std::uint64_t tokens = 0;
  std::string block;
  while (corpus.next(block)) {
    for_words(
        block,
        [&](std::string_view word) {
          ++tokens;
          const std::uint32_t number = all.words.insert(word);
          if (number == all.counts.size()) all.counts.push_back(0);
          ++all.counts[number];
        },
        [] {});
    if (!progress(corpus.fraction_read())) return {};
  }
  if (tokens == 0) throw UserError(corpus.files().front() + ": expected words, found none");
  CorpusCount found{limited(all, limits), tokens};
  if (found.vocabulary.size() == 0) {
    throw UserError(fmt::format("{}: none of its {} words comes {} times; see --min-count",
                                corpus.files().front(), all.size(), limits.min_count));
  }
  return found;
}

Vocabulary limited(const Vocabulary& all, const VocabularyLimits& limits) {
  std::vector<std::uint32_t> order;
  for (std::uint32_t i = 0; i < all.size(); ++i) {
    if (all.counts[i] >= limits.min_count) order.push_back(i);
  }
  std::stable_sort(order.begin(), order.end(),
                   [&](std::uint32_t a, std::uint32_t b) { return all.counts[a] > all.counts[b]; });
  if (limits.max_size > 0 && order.size() > limits.max_size) order.resize(limits.max_size);
  Vocabulary kept;
  for (const std::uint32_t number : order) {
    kept.words.insert(all.words.word(number));
    kept.counts.push_back(all.counts[number]);
  }
  return kept;
}

Vocabulary read_vocabulary(const std::string& path) {
  io::ByteSource source(path);
  io::LineReader lines(path, [&](std::span<char> out) { return source.read(out); });
  Vocabulary read;
  std::string_view line;
  while (lines.next(line)) {
    if (line.empty()) continue;
    const std::size_t blank = line.find_last_of(" \t");
    std::uint64_t count = 0;
    const char* end = line.data() + line.size();
    const auto number = std::from_chars(line.data() + std::min(blank + 1, line.size()), end, count);
    const bool whole = blank != std::string_view::npos && number.ec == std::errc() && number.ptr == end;
    if (!whole || blank == 0) {
      throw UserError(fmt::format("{}: expected \"word count\", found {}", lines.where(), io::quoted(line)));
    }
    const std::string_view word = line.substr(0, blank);
    if (read.words.insert(word) != read.counts.size()) {
      throw UserError(fmt::format("{}: word {} a second time", lines.where(), io::quoted(word)));
    }
    read.counts.push_back(count);
  }
  if (read.size() == 0) throw UserError(path + ": expected lines \"word count\", found none");
  return read;
}

void write_vocabulary(const std::string& path, const Vocabulary& vocabulary) {
  io::AtomicFile file(path);
  std::string text;
  for (std::size_t i = 0; i < vocabulary.size(); ++i) {
    text += vocabulary.words.word(i);
    text += fmt::format(" {}\n", vocabulary.counts[i]);
    if (text.size() < Corpus::kBlockBytes) continue;
    file.write(text);
    text.clear();
  }
  file.write(text);
  file.commit();
}

}  // namespace berta::wordvec
