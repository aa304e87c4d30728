#include "cli/console.h"
#include "cli/usage_error.h"
#include "cli/wordvec_commands.h"
#include "cli/wordvec_format.h"
#include "wordvec/vectors_file.h"

namespace berta::cli {
namespace {

class WordvecExport final : public Command {
 public:
  CommandText text() const override {
    return {
        .name = "wordvec export",
        .summary = "word vectors in another format",
        .operands = "VECTORS",
        .details =
            "Reads text with or without a first line of counts (word2vec, Gensim, fastText's .vec, GloVe; "
            "also\n"
            "gzipped), word2vec's binary form, and safetensors; found by the content.",
        .example = "  berta wordvec export vectors.bin --output vectors.txt",
    };
  }

  std::vector<Option> options() override {
    std::vector<Option> options;
    options.push_back(make_text({"--output", "FILE", "where the vectors go"}, output_));
    options.push_back(make_vector_format_option(format_));
    options.push_back(make_integer({"--most-frequent", "N", "only the first N words; 0: all"}, most_));
    return options;
  }

  int run(const Arguments& arguments) override {
    if (output_.empty()) throw UsageError("expected --output FILE");
    wordvec::WordVectors vectors = wordvec::read_vectors(arguments.model);
    const auto most = static_cast<std::size_t>(most_);
    if (most > 0 && most < vectors.size()) vectors = wordvec::first_words(vectors, most);
    wordvec::write_vectors(output_, vectors, format_.value_or(wordvec::format_of(output_)));
    return kDone;
  }

 private:
  std::string output_;
  std::optional<wordvec::VectorFormat> format_;
  std::int64_t most_ = 0;
};

}  // namespace

std::unique_ptr<Command> make_wordvec_export() {
  return std::make_unique<WordvecExport>();
}

}  // namespace berta::cli
