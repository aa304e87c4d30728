#include "cli/common_options.h"
#include "cli/output.h"
#include "cli/wordvec_commands.h"
#include "cli/wordvec_eval_report.h"
#include "wordvec/text_lines.h"
#include "wordvec/vectors_file.h"

namespace berta::cli {
namespace {

class WordvecEval final : public Command {
 public:
  CommandText text() const override {
    return {
        .name = "wordvec eval",
        .summary = "how well word vectors agree with people: similarity and analogies",
        .operands = "VECTORS [FILE...]",
        .details =
            "Similarity: lines \"word1 word2 score\" (WordSim-353, MEN, SimLex-999, Rare Words), one FILE or "
            "several;\n"
            "Spearman's correlation over the pairs whose words have vectors. Analogies: the form of\n"
            "questions-words.txt; accuracy of 3CosAdd as compute-accuracy of word2vec has it, among the "
            "first N words\n"
            "of VECTORS; sections whose names begin with \"gram\" are syntactic. A word that is unknown "
            "counts "
            "as its\n"
            "lower case. Files may be gzipped.",
        .example =
            "  berta wordvec eval vectors.txt --similarity EN-WS-353-ALL.txt --analogies questions-words.txt",
    };
  }

  std::vector<Option> options() override {
    std::vector<Option> options;
    std::string none;
    Option similarity =
        make_text({"--similarity", "FILE", "pairs of words with scores; may be given several times"}, none);
    similarity.set = [this](const std::string& file) { similarity_.push_back(file); };
    options.push_back(std::move(similarity));
    options.push_back(make_text({"--analogies", "FILE", "questions of four words"}, analogies_));
    options.push_back(make_integer({"--most-frequent", "N", "words that take part in analogies; 0: all"},
                                   most_frequent_, {0, 1 << 30}));
    options.push_back(make_switch({"--json", "", "one JSON object"}, json_));
    add_thread_option(options, model_);
    return options;
  }

  int run(const Arguments& arguments) override {
    apply(model_);
    std::vector<std::string> files = similarity_;
    files.insert(files.end(), arguments.texts.begin(), arguments.texts.end());
    if (files.empty() && analogies_.empty()) {
      throw UsageError("expected --similarity FILE or --analogies FILE");
    }
    // The small files first: an error in one comes before the vectors are read.
    std::vector<std::vector<wordvec::SimilarityPair>> pairs;
    for (const std::string& file : files) {
      io::LineReader lines = wordvec::open_lines(file);
      pairs.push_back(wordvec::read_similarity(lines));
    }
    std::vector<wordvec::AnalogySection> sections;
    if (!analogies_.empty()) {
      io::LineReader lines = wordvec::open_lines(analogies_);
      sections = wordvec::read_analogies(lines);
    }
    const wordvec::WordVectors vectors = wordvec::read_vectors(arguments.model);
    EvalReport report;
    for (std::size_t i = 0; i < files.size(); ++i) {
      report.similarity.push_back({files[i], wordvec::evaluate_similarity(vectors, pairs[i])});
    }
    if (!analogies_.empty()) report.analogies = ask(vectors, sections);
    Output("").write(json_ ? eval_as_json(report) : eval_as_text(report));
    return kDone;
  }

 private:
  AnalogyReport ask(const wordvec::WordVectors& vectors,
                    const std::vector<wordvec::AnalogySection>& sections) const {
    const auto wanted = static_cast<std::size_t>(most_frequent_);
    AnalogyReport report{.file = analogies_,
                         .words = wanted == 0 ? vectors.size() : std::min(wanted, vectors.size()),
                         .sections = {},
                         .semantic = {},
                         .syntactic = {},
                         .total = {}};
    const auto scores = wordvec::evaluate_analogies(vectors, sections, report.words);
    for (std::size_t i = 0; i < sections.size(); ++i) {
      report.sections.emplace_back(sections[i].name, scores[i]);
      (sections[i].syntactic() ? report.syntactic : report.semantic) += scores[i];
      report.total += scores[i];
    }
    return report;
  }

  ModelSettings model_;
  std::vector<std::string> similarity_;
  std::string analogies_;
  std::int64_t most_frequent_ = 30000;
  bool json_ = false;
};

}  // namespace

std::unique_ptr<Command> make_wordvec_eval() {
  return std::make_unique<WordvecEval>();
}

}  // namespace berta::cli
