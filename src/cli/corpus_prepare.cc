#include <fmt/format.h>

#include <chrono>

#include "cli/common_options.h"
#include "cli/console.h"
#include "cli/corpus_commands.h"
#include "cli/corpus_options.h"
#include "cli/signals.h"
#include "corpus/prepare.h"

namespace berta::cli {
namespace {

using corpus::DocumentRule;
using corpus::PrepareProgress;

class CorpusPrepare final : public Command {
 public:
  CommandText text() const override {
    return {
        .name = "corpus prepare",
        .summary = "texts to memory-mapped shards of token ids, for pretraining",
        .operands = "[FILE...]",
        .details =
            "Reads FILEs and those of --input: text or JSON lines, plain or gzipped. Each line is tokenised "
            "by\n"
            "itself, without its end and without specials, as berta tokenize does; a JSON object's text as a "
            "whole.\n"
            "Memory does not follow the size of the input, and the files do not depend on the number of "
            "threads.\n"
            "--output is a new or an empty folder; its corpus.json is written last, so what Ctrl-C or a full "
            "disk\n"
            "leaves is never taken for a corpus. docs/corpus.md describes the files.",
        .example =
            "  berta corpus prepare novels.txt.gz --document blank-line --tokenizer models/sentiment \\\n"
            "    --output novels --held-out 0.05",
    };
  }

  std::vector<Option> options() override {
    std::vector<Option> options;
    add_text_input_options(options, inputs_, o_.format, o_.column);
    options.push_back(make_text({"--output", "FOLDER", "where the corpus goes"}, o_.output));
    options.push_back(
        make_text({"--tokenizer", "FOLDER", "whose tokenizer makes the ids"}, model_.tokenizer));
    add_tokenizer_mode_option(options, model_);
    options.push_back(make_choice<DocumentRule>("--document",
                                                "where a document ends: with each line (or JSON "
                                                "object), at blank lines, with the file",
                                                o_.document,
                                                {{"line", DocumentRule::line},
                                                 {"blank-line", DocumentRule::blank_line},
                                                 {"file", DocumentRule::file}}));
    options.push_back(
        make_number({"--held-out", "X", "part of the documents that is kept apart"}, o_.held_out, 0, 1));
    options.push_back(make_integer({"--seed", "N", "of the choice of these"}, seed_));
    options.push_back(make_integer({"--shard-tokens", "N", "a shard ends with the document that fills it so"},
                                   shard_tokens_, {1, std::int64_t{1} << 50}));
    add_thread_option(options, model_);
    options.push_back(make_switch({"--quiet", "", "no progress, no report"}, quiet_));
    return options;
  }

  int run(const Arguments& arguments) override {
    o_.inputs = all_inputs(inputs_, arguments);
    if (o_.output.empty()) throw UsageError("expected --output FOLDER");
    if (model_.tokenizer.empty()) throw UsageError("expected --tokenizer FOLDER");
    o_.seed = static_cast<std::uint64_t>(seed_);
    o_.shard_tokens = static_cast<std::uint64_t>(shard_tokens_);
    apply(model_);
    Console console(quiet_);
    const StopRequest stop;
    const auto tokenizer = load_tokenizer(model_.tokenizer, model_);
    const auto start = std::chrono::steady_clock::now();
    const auto facts = corpus::prepare_corpus(o_, *tokenizer, [&](const PrepareProgress& progress) {
      console.progress(progress.fraction, [&](double seconds) {
        return fmt::format("{:.2f} M tokens, {:.0f} tokens/s", static_cast<double>(progress.tokens) / 1e6,
                           static_cast<double>(progress.tokens) / seconds);
      });
      return stop.signal() == 0;
    });
    console.clear_bar();
    if (!facts) return 128 + stop.signal();
    report(*facts, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count(), console);
    return kDone;
  }

 private:
  void report(const corpus::CorpusFacts& facts, double seconds, Console& console) const {
    const auto& train = facts.split(corpus::Split::train);
    const auto& held_out = facts.split(corpus::Split::held_out);
    console.note(fmt::format("{}: {} tokens in {} documents, held out {} in {}; {:.0f} tokens/s", o_.output,
                             train.tokens(), train.documents(), held_out.tokens(), held_out.documents(),
                             static_cast<double>(train.tokens() + held_out.tokens()) / seconds));
  }

  corpus::PrepareOptions o_;
  ModelSettings model_;
  std::vector<std::string> inputs_;
  std::int64_t seed_ = 1;
  std::int64_t shard_tokens_ = static_cast<std::int64_t>(corpus::PrepareOptions{}.shard_tokens);
  bool quiet_ = false;
};

}  // namespace

std::unique_ptr<Command> make_corpus_prepare() {
  return std::make_unique<CorpusPrepare>();
}

}  // namespace berta::cli
