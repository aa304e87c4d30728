#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "cli/common_options.h"
#include "cli/output.h"
#include "cli/wordvec_commands.h"
#include "core/error.h"
#include "io/quote.h"
#include "wordvec/map_drawing.h"
#include "wordvec/nearest.h"
#include "wordvec/vectors_file.h"

namespace berta::cli {
namespace {

/// More points than this are no picture.
constexpr std::size_t kMostWords = 2000;

class WordvecPlot final : public Command {
 public:
  CommandText text() const override {
    return {
        .name = "wordvec plot",
        .summary = "a map of words as SVG: their vectors along the two directions of the largest variance",
        .operands = "VECTORS [WORD...]",
        .details =
            "Words are operands, or lines of --input, or else the first of VECTORS. The axes are the first "
            "two\n"
            "principal components of these words' vectors; the title says how much of the variance they "
            "show.",
        .example = "  berta wordvec plot vectors.txt king queen man woman --output map.svg",
    };
  }

  std::vector<Option> options() override {
    std::vector<Option> options;
    options.push_back(make_text({"--input", "FILE", "words, one a line; -: standard input"}, input_));
    options.push_back(make_text({"--output", "FILE", "write to FILE instead of standard output"}, output_));
    options.push_back(
        make_integer({"--most-frequent", "N", "words where none are given: the first of VECTORS"},
                     most_frequent_, {1, static_cast<std::int64_t>(kMostWords)}));
    options.push_back(make_switch({"--unit", "", "vectors of length 1"}, unit_));
    add_thread_option(options, model_);
    return options;
  }

  int run(const Arguments& arguments) override {
    apply(model_);
    if (!arguments.texts.empty() && !input_.empty()) {
      throw UsageError("expected words or --input, found both");
    }
    wordvec::WordVectors vectors = wordvec::read_vectors(arguments.model);
    const std::vector<std::string> words = choose_words(arguments, vectors);
    wordvec::Matrix found(words.size(), vectors.dimension());
    for (std::size_t i = 0; i < words.size(); ++i) {
      const auto vector = vectors.find(words[i]);
      if (!vector)
        throw UserError(arguments.model + ": expected a word " + io::quoted(words[i]) + ", found none");
      std::copy(vector->begin(), vector->end(), found.vector(i).begin());
    }
    if (unit_) wordvec::scale_to_unit(found);
    const std::string title = fmt::format("{} words of {}", words.size(), arguments.model);
    const std::string picture = wordvec::draw_map(wordvec::principal_map(found), words, title);
    Output output(output_);
    output.write(picture);
    output.close();
    return kDone;
  }

 private:
  /// Each once.
  std::vector<std::string> choose_words(const Arguments& arguments,
                                        const wordvec::WordVectors& vectors) const {
    std::vector<std::string> given = input_.empty() ? arguments.texts : read_texts(input_);
    if (given.empty()) {
      const auto count = std::min(vectors.size(), static_cast<std::size_t>(most_frequent_));
      for (std::size_t i = 0; i < count; ++i) given.emplace_back(vectors.words.word(i));
    }
    std::set<std::string> seen;
    std::erase_if(given, [&](const std::string& word) { return word.empty() || !seen.insert(word).second; });
    if (given.size() > kMostWords) {
      throw UserError(fmt::format("expected at most {} words, found {}", kMostWords, given.size()));
    }
    return given;
  }

  ModelSettings model_;
  std::string input_;
  std::string output_;
  std::int64_t most_frequent_ = 100;
  bool unit_ = false;
};

}  // namespace

std::unique_ptr<Command> make_wordvec_plot() {
  return std::make_unique<WordvecPlot>();
}

}  // namespace berta::cli
