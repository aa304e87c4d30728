#include <array>

#include "cli/commands.h"
#include "cli/finetune_preset.h"
#include "cli/glue_recipes.h"
#include "cli/output.h"
#include "cli/train_module.h"
#include "cli/train_options.h"
#include "cli/train_plan.h"

namespace berta::cli {
namespace {

using train::Task;

class Finetune final : public Command {
 public:
  CommandText text() const override {
    return {
        .name = "finetune",
        .summary = "fine-tune a model on labelled data",
        .operands = "[MODEL]",
        .details =
            "MODEL is the folder to begin from; heads that it lacks are made. Data: TSV, CSV, JSON lines, "
            "CoNLL (token),\n"
            "SQuAD JSON (qa), plain or gzipped. The best model by --metric, a checkpoint (--resume), "
            "metrics.jsonl,\n"
            "TensorBoard's events and report.html go to --output. Ctrl-C saves a checkpoint and stops; a "
            "resumed training\n"
            "has the bits of one that was not stopped.\n"
            "--preset takes a recipe that Microsoft published for GLUE: cola, mnli, mrpc, qnli, qqp, rte, "
            "sst2, stsb;\n"
            "--preset list shows them.",
        .example =
            "  berta finetune microsoft/deberta-v3-base --task classification --train train.tsv --dev "
            "dev.tsv \\\n"
            "      --output sst2 --epochs 3 --learning-rate 2e-5 --bf16",
    };
  }

  std::vector<Option> options() override {
    std::vector<Option> options;
    add_data_options(options);
    add_training_options(options);
    add_series_options(options);
    add_loss_options(options);
    add_sift_options(options);
    add_lora_options(options);
    add_optimizer_options(options, settings_.optimizer);
    add_run_options(options, settings_.run);
    add_dry_run_options(options, dry_run_);
    options.push_back(make_switch({"--quiet", "", "no progress, no messages"}, quiet_));
    given_.watch(options);
    return options;
  }

  int run(const Arguments& arguments) override {
    if (preset_ == "list") {
      Output("").write(glue_recipe_table());
      return kDone;
    }
    if (!arguments.model.empty()) settings_.model = arguments.model;
    if (settings_.model.empty()) throw UsageError("expected MODEL or --model FOLDER");
    if (settings_.train.empty()) throw UsageError("expected --train FILE");
    check_series();
    check_dry_run(dry_run_);
    complete(settings_.run);
    Console console(quiet_);
    if (!preset_.empty()) console.note(apply_preset(preset_, given_, settings_));
    const train::Module& module = train_module();
    if (dry_run_.asked) {
      return print_plan(console, dry_run_,
                        [&](train::Watcher& watcher) { return module.plan_finetuning(settings_, watcher); });
    }
    return run_training(console, settings_.run,
                        [&](train::Watcher& watcher) { return module.finetune(settings_, watcher); });
  }

 private:
  void check_series() const {
    const bool dev = !settings_.dev.empty() || settings_.dev_share > 0;
    if (settings_.folds == 1) throw UsageError("--folds: expected at least 2, found 1");
    if (settings_.folds > 0 && !settings_.seeds.empty())
      throw UsageError("expected --seeds or --folds, found both");
    if (settings_.folds > 0 && dev)
      throw UsageError("--folds holds out data by itself: expected no --dev and no --dev-share");
    if (!settings_.seeds.empty() && !dev) throw UsageError("--seeds: expected --dev FILE or --dev-share X");
  }

  void add_series_options(std::vector<Option>& options) {
    options.push_back(
        make_numbers({"--seeds", "A,B,...", "train once with each, into OUTPUT/seed-A ..., and summarise"},
                     settings_.seeds));
    options.push_back(make_integer(
        {"--folds", "K", "cross-validation: train K times, each without one part of the data; 0: no"},
        settings_.folds, {0, 1000}));
  }

  void add_data_options(std::vector<Option>& options) {
    options.push_back(make_choice<Task>("--task", "what is learnt", settings_.task,
                                        {{"classification", Task::classification},
                                         {"regression", Task::regression},
                                         {"multi-label", Task::multi_label},
                                         {"token", Task::token},
                                         {"qa", Task::answer},
                                         {"choice", Task::choice},
                                         {"rerank", Task::rerank},
                                         {"reward", Task::reward}}));
    options.push_back(make_text(
        {"--preset", "NAME", "a published recipe, which other options change: glue/TASK[:SIZE], or list"},
        preset_));
    options.push_back(make_text({"--model", "FOLDER", "the same as MODEL"}, settings_.model));
    options.push_back(
        make_text({"--tokenizer", "FOLDER", "its tokenizer, if it lies elsewhere"}, settings_.tokenizer));
    options.push_back(
        make_files({"--train", "FILE", "data to train on; may be given several times"}, settings_.train));
    options.push_back(
        make_files({"--dev", "FILE", "data to evaluate on; may be given several times"}, settings_.dev));
    options.push_back(
        make_number({"--dev-share", "X", "without --dev: part of the training data that is held out"},
                    settings_.dev_share, 0, 0.9));
    options.push_back(make_text({"--text-column", "NAME", "name, or number from 1; else a usual name"},
                                settings_.columns.text));
    options.push_back(
        make_text({"--pair-column", "NAME", "of the second text"}, settings_.columns.text_pair));
    options.push_back(make_text({"--label-column", "NAME", "of the label"}, settings_.columns.label));
    options.push_back(make_text({"--weight-column", "NAME", "of how much an example's loss counts"},
                                settings_.columns.weight));
    options.push_back(
        make_text({"--label-separator", "TEXT", "between the labels of a text"}, settings_.label_separator));
    options.push_back(
        make_list({"--labels", "A,B,...", "in this order; else those of the data"}, settings_.labels));
    options.push_back(
        make_text({"--word-prefix", "TEXT", "dropped from words of CoNLL files"}, settings_.word_prefix));
    options.push_back(make_integer({"--max-length", "N", "tokens of a text; 0: 256, of questions 384"},
                                   settings_.max_length, {0, 1 << 20}));
    options.push_back(make_integer({"--stride", "N", "tokens that windows of a context overlap"},
                                   settings_.stride, {0, 1 << 20}));
    options.push_back(
        make_integer({"--max-samples", "N", "of the training data; 0: all"}, settings_.max_samples));
  }

  void add_training_options(std::vector<Option>& options) {
    options.push_back(
        make_integer({"--epochs", "N", "passes over the data"}, settings_.epochs, {1, 1 << 20}));
    options.push_back(
        make_integer({"--evaluate-steps", "N", "between evaluations; 0: at the end of each epoch"},
                     settings_.evaluate_steps));
    options.push_back(make_integer(
        {"--patience", "N", "evaluations without a better one before it stops; 0: any"}, settings_.patience));
    options.push_back(make_text({"--metric", "NAME", "that chooses the best model; else the task's own"},
                                settings_.metric));
    options.push_back(
        make_number({"--ema-decay", "X", "evaluate and save averaged weights; 0: the last ones"},
                    settings_.ema_decay, 0, 0.999999));
    options.push_back(
        make_text({"--dump-step", "FILE", "loss, gradients and weights of the first step, for checks"},
                  settings_.dump_step));
  }

  void add_loss_options(std::vector<Option>& options) {
    options.push_back(
        make_number({"--label-smoothing", "X", "of cross-entropy"}, settings_.label_smoothing, 0, 0.99));
    options.push_back(
        make_number({"--focal-gamma", "X", "focal loss; 0: cross-entropy"}, settings_.focal_gamma, 0, 100));
    options.push_back(make_number({"--classifier-dropout", "X", "below 0: as the config says"},
                                  settings_.classifier_dropout, -1, 0.99));
    options.push_back(
        make_switch({"--token-projection", "", "Microsoft's extra layer before the token classifier"},
                    settings_.token_projection));
  }

  void add_sift_options(std::vector<Option>& options) {
    train::SiftSettings& sift = settings_.sift;
    options.push_back(make_number(
        {"--sift-weight", "X", "of the loss on perturbed embeddings (SiFT; costs two more passes); 0: none"},
        sift.weight, 0, 1000));
    options.push_back(
        make_number({"--sift-step", "X", "of the ascent of SiFT's perturbation"}, sift.step, 0, 1));
    options.push_back(
        make_number({"--sift-start", "X", "spread of SiFT's first perturbation"}, sift.start, 0, 1));
  }

  void add_lora_options(std::vector<Option>& options) {
    train::LoraSettings& lora = settings_.lora;
    options.push_back(
        make_integer({"--lora-rank", "N", "train adapters of that rank (LoRA) and the head; 0: all weights"},
                     lora.rank, {0, 1 << 16}));
    options.push_back(make_number({"--lora-alpha", "X", "adapters count alpha / rank"}, lora.alpha, 0, 1e6));
    options.push_back(make_number({"--lora-dropout", "X", "of their input"}, lora.dropout, 0, 0.99));
    options.push_back(
        make_list({"--lora-targets", "A,B,...", "last parts of the names of the linear layers that get one"},
                  lora.targets));
    options.push_back(make_text(
        {"--adapter", "FOLDER", "begin from this adapter (PEFT's form), with its rank, alpha and targets"},
        lora.adapter));
  }

  train::FinetuneSettings settings_;
  std::string preset_;
  GivenOptions given_;
  DryRun dry_run_;
  bool quiet_ = false;
};

}  // namespace

std::unique_ptr<Command> make_finetune() {
  return std::make_unique<Finetune>();
}

}  // namespace berta::cli
