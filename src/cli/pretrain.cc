#include "cli/commands.h"
#include "cli/train_module.h"
#include "cli/train_options.h"
#include "cli/train_plan.h"

namespace berta::cli {
namespace {

using train::EmbeddingSharing;
using train::Objective;

class Pretrain final : public Command {
 public:
  CommandText text() const override {
    return {
        .name = "pretrain",
        .summary = "pretrain a model on a prepared corpus",
        .operands = "",
        .details =
            "--objective mlm trains a masked language model, through the Enhanced Mask Decoder as V1 and "
            "V2;\n"
            "rtd a generator and a discriminator as V3, into OUTPUT/generator and OUTPUT/discriminator.\n"
            "The corpus comes from `berta corpus prepare`. Ctrl-C saves a checkpoint and stops; with "
            "--resume\n"
            "the same command goes on, and ends with the bits of a training that was not stopped.",
        .example =
            "  berta pretrain --objective rtd --corpus corpus --tokenizer tokenizer --config config.json \\\n"
            "      --output v3 --max-steps 100000 --batch-size 64 --learning-rate 3e-4 --warmup 10000 --bf16",
    };
  }

  std::vector<Option> options() override {
    std::vector<Option> options;
    add_model_options(options);
    add_objective_options(options);
    add_optimizer_options(options, settings_.optimizer);
    add_run_options(options, settings_.run);
    add_dry_run_options(options, dry_run_);
    options.push_back(make_switch({"--quiet", "", "no progress, no messages"}, quiet_));
    return options;
  }

  int run(const Arguments&) override {
    if (settings_.corpus.empty()) throw UsageError("expected --corpus FOLDER");
    if (settings_.tokenizer.empty()) throw UsageError("expected --tokenizer FOLDER");
    if (settings_.run.max_steps < 1) throw UsageError("expected --max-steps N of at least 1");
    if (settings_.config.empty() && settings_.model.empty())
      throw UsageError("expected --config FILE or --model FOLDER");
    if (settings_.token_drop >= 1) throw UsageError("expected --token-drop X below 1");
    check_dry_run(dry_run_);
    complete(settings_.run);
    const train::Module& module = train_module();
    Console console(quiet_);
    if (dry_run_.asked) {
      return print_plan(console, dry_run_,
                        [&](train::Watcher& watcher) { return module.plan_pretraining(settings_, watcher); });
    }
    return run_training(console, settings_.run,
                        [&](train::Watcher& watcher) { return module.pretrain(settings_, watcher); });
  }

 private:
  void add_model_options(std::vector<Option>& options) {
    options.push_back(make_text({"--corpus", "FOLDER", "of `berta corpus prepare`"}, settings_.corpus));
    options.push_back(
        make_text({"--tokenizer", "FOLDER", "that the corpus was made with"}, settings_.tokenizer));
    options.push_back(
        make_text({"--config", "FILE", "JSON of a new model, or of Microsoft's generator and discriminator"},
                  settings_.config));
    options.push_back(
        make_text({"--model", "FOLDER", "go on from this model (rtd: this discriminator)"}, settings_.model));
    options.push_back(
        make_text({"--generator", "FOLDER", "and, for rtd, from this generator"}, settings_.generator));
    options.push_back(
        make_integer({"--max-length", "N", "tokens of a sequence"}, settings_.max_length, {3, 1 << 20}));
    options.push_back(
        make_switch({"--whole-documents", "", "sequences end with documents; else the corpus is one stream"},
                    settings_.whole_documents));
  }

  void add_objective_options(std::vector<Option>& options) {
    options.push_back(make_choice<Objective>("--objective", "what is learnt", settings_.objective,
                                             {{"mlm", Objective::mlm}, {"rtd", Objective::rtd}}));
    options.push_back(make_choice<bool>("--mlm-decoder", "how masked positions are decoded",
                                        settings_.enhanced_decoder, {{"emd", true}, {"plain", false}}));
    options.push_back(make_choice<EmbeddingSharing>(
        "--embedding-sharing",
        "of the generator by the discriminator: without its gradient, with it (decoupled: dropped), or not",
        settings_.sharing,
        {{"gdes", EmbeddingSharing::gdes}, {"es", EmbeddingSharing::es}, {"none", EmbeddingSharing::none}}));
    options.push_back(
        make_number({"--rtd-weight", "X", "of the discriminator's loss"}, settings_.rtd_weight, 0, 1e6));
    options.push_back(make_choice<bool>("--decoupled", "the generator steps before the discriminator runs",
                                        settings_.decoupled, {{"yes", true}, {"no", false}}));
    options.push_back(make_number({"--discriminator-rate", "X", "its learning rate; 0: the same"},
                                  settings_.discriminator_rate, 0, 100));
    options.push_back(make_number({"--mask-rate", "X", "part of the tokens that are masked"},
                                  settings_.mask_rate, 0.001, 0.9));
    options.push_back(make_integer({"--max-ngram", "N", "words of a masked span; 0: 3 of mlm, 1 of rtd"},
                                   settings_.max_ngram, {0, 10}));
    options.push_back(
        make_number({"--keep", "X", "part of the masked tokens that stay; below 0: 0.1 of mlm, 0 of rtd"},
                    settings_.keep, -1, 1));
    options.push_back(
        make_number({"--random", "X", "that become any token; below 0: as --keep"}, settings_.random, -1, 1));
    options.push_back(
        make_number({"--token-drop", "X",
                     "part of a sequence's tokens that a step leaves out, of input and loss, below 1; the "
                     "others keep their positions"},
                    settings_.token_drop, 0, 1));
    options.push_back(
        make_integer({"--evaluate-steps", "N", "between evaluations on held-out documents; 0: at the end"},
                     settings_.evaluate_steps));
    options.push_back(make_integer({"--evaluate-chunks", "N", "sequences of one"}, settings_.evaluate_chunks,
                                   {1, 1 << 30}));
    options.push_back(make_text(
        {"--dump-step", "FILE", "batches, losses, gradients and weights of the first step, for checks"},
        settings_.dump_step));
  }

  train::PretrainSettings settings_;
  DryRun dry_run_;
  bool quiet_ = false;
};

}  // namespace

std::unique_ptr<Command> make_pretrain() {
  return std::make_unique<Pretrain>();
}

}  // namespace berta::cli
