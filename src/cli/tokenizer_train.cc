#include <fmt/format.h>

#include "cli/console.h"
#include "cli/corpus_commands.h"
#include "cli/corpus_options.h"
#include "corpus/tokenizer_training.h"

namespace berta::cli {
namespace {

using corpus::PieceModel;

class TokenizerTrain final : public Command {
 public:
  CommandText text() const override {
    return {
        .name = "tokenizer train",
        .summary = "a SentencePiece tokenizer of one's own, as DeBERTa-v3 has it",
        .operands = "[FILE...]",
        .details =
            "Reads FILEs and those of --input, twice: text or JSON lines, plain or gzipped. Writes a folder "
            "that\n"
            "berta and transformers read: spm.model with [PAD] 0, [CLS] 1, [SEP] 2, [UNK] 3, 256 byte pieces "
            "and\n"
            "nmt_nfkc, and [MASK] behind the last piece. Memory follows the lines that are learnt from:\n"
            "--max-sentences draws so many. The same input and options give the same bytes.",
        .example = "  berta tokenizer train reviews.txt.gz --output my-tokenizer --vocab-size 8000",
    };
  }

  std::vector<Option> options() override {
    std::vector<Option> options;
    add_text_input_options(options, inputs_, o_.format, o_.column);
    options.push_back(make_text({"--output", "FOLDER", "where the tokenizer goes"}, o_.output));
    options.push_back(
        make_integer({"--vocab-size", "N", "pieces, specials and bytes counted; [MASK] comes behind them"},
                     pieces_, {1, 1 << 22}));
    options.push_back(
        make_choice<PieceModel>("--model", "kind of model; only mode hf4 and transformers 4 read bpe",
                                o_.model, {{"unigram", PieceModel::unigram}, {"bpe", PieceModel::bpe}}));
    options.push_back(
        make_number({"--character-coverage", "X",
                     "part of the text's characters that get pieces; the others are bytes or [UNK]"},
                    o_.character_coverage, 0.9, 1));
    options.push_back(make_integer(
        {"--max-sentences", "N", "lines that are learnt from, drawn evenly; 0: all"}, sentences_));
    options.push_back(make_integer({"--seed", "N", "of this draw"}, seed_));
    options.push_back(make_switch({"--quiet", "", "no progress, no report"}, quiet_));
    return options;
  }

  int run(const Arguments& arguments) override {
    o_.inputs = all_inputs(inputs_, arguments);
    if (o_.output.empty()) throw UsageError("expected --output FOLDER");
    o_.vocabulary_size = static_cast<std::size_t>(pieces_);
    o_.max_sentences = static_cast<std::uint64_t>(sentences_);
    o_.seed = static_cast<std::uint64_t>(seed_);
    Console console(quiet_);
    const auto report = corpus::train_tokenizer(o_, [&](double fraction) {
      console.progress(fraction, [](double) { return std::string("reading"); });
    });
    console.clear_bar();
    console.note(fmt::format("{}: {} pieces and [MASK], learnt from {} of {} lines", o_.output,
                             o_.vocabulary_size, report.sentences, report.lines));
    return kDone;
  }

 private:
  corpus::TokenizerOptions o_;
  std::vector<std::string> inputs_;
  std::int64_t pieces_ = static_cast<std::int64_t>(corpus::TokenizerOptions{}.vocabulary_size);
  std::int64_t sentences_ = 0;
  std::int64_t seed_ = 1;
  bool quiet_ = false;
};

}  // namespace

std::unique_ptr<Command> make_tokenizer_train() {
  return std::make_unique<TokenizerTrain>();
}

}  // namespace berta::cli
