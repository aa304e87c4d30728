#include <cmath>

#include "io/folder.h"
#include "train/model/model_folder.h"
#include "train/objectives/discriminator.h"
#include "train/objectives/masked_model.h"
#include "train/objectives/pretrain_models.h"
#include "train/pretrain/pretraining.h"

namespace berta::train {
namespace {

using report::NamedValue;

class RtdPretraining final : public Pretraining {
 public:
  RtdPretraining(const PretrainSettings& settings, const PretrainWorld& world)
      : RtdPretraining(settings, world, rtd_models(settings, world.tokenizer)) {}

  /// Decoupled (apps/tasks/rtd_task.py of microsoft/DeBERTa 4d7fe0b): the generator steps, and then the
  /// discriminator sees the tokens that it drew before, through its new embedding.
  StepReport step(std::int64_t now) override {
    StepReport report{.losses = {{"train/loss", 0},
                                 {"train/generator_loss", 0},
                                 {"train/rtd_loss", 0},
                                 {"train/rtd_accuracy", 0},
                                 {"train/rtd_found", 0}}};
    std::vector<Drawn> drawn = run_generator(now, report);
    if (settings_.decoupled) step_generator(now, generator_.stepper().gradient_norm());
    const double share = 1.0 / static_cast<double>(drawn.size());
    for (const Drawn& one : drawn) {
      before_pass(discriminator_.stepper(), &one == &drawn.back());
      const auto result = discriminator_.backward(one.batch, one.tokens, kernels::mix(one.key), share);
      report.losses[2].value += result.loss * share;
      report.losses[3].value += result.accuracy * share;
      report.losses[4].value += result.found * share;
    }
    double norm = discriminator_.stepper().gradient_norm();
    if (!settings_.decoupled) {
      // One model to Microsoft's optimizer, clipped as a whole.
      norm = std::hypot(norm, generator_.stepper().gradient_norm());
      step_generator(now, norm);
    }
    step_or_skip(now, {"discriminator", "discriminator.", discriminator_.model(), discriminator_.stepper()},
                 norm);
    dump_results(now, report, drawn);
    report.losses[0].value = report.losses[1].value + settings_.rtd_weight * report.losses[2].value;
    report.learning_rate = generator_.stepper().rate();
    report.gradient_norm = discriminator_.stepper().norm();
    return report;
  }

  void save(TrainingState& state) override {
    generator_.stepper().save(state, "generator.");
    discriminator_.stepper().save(state, "discriminator.");
  }
  void restore(const TrainingState& state) override {
    generator_.stepper().restore(state, "generator.");
    discriminator_.stepper().restore(state, "discriminator.");
  }

  std::vector<std::pair<std::string, const TrainModel*>> models() const override {
    return {{"the_generator", &generator_.model()}, {"the_discriminator", &discriminator_.model()}};
  }

  void catch_up() override {
    generator_.stepper().adam().catch_up_all();
    discriminator_.stepper().adam().catch_up_all();
  }
  void write_models() override {
    const TrainModel& model = discriminator_.model();
    write_model_folder(io::join(settings_.run.output, "generator"), generator_.model(),
                       {.architecture = "ForMaskedLM", .labels = {}, .problem_type = {}},
                       {.tokenizer = settings_.tokenizer, .dtype = settings_.run.saved});
    write_model_folder(io::join(settings_.run.output, "discriminator"), model,
                       {.architecture = "Model", .labels = {}, .problem_type = {}},
                       {.tokenizer = settings_.tokenizer,
                        .dtype = settings_.run.saved,
                        .instead = {.parameter = model.weights.encoder.embeddings.word,
                                    .given = discriminator_.effective_table()}});
  }

 protected:
  std::vector<double> measure(const MaskedBatch& batch, std::uint64_t key) override {
    const auto masked = generator_.evaluate(batch, key, true);
    const auto result = discriminator_.evaluate(batch, masked.drawn);
    return {masked.loss, masked.accuracy, result.loss, result.accuracy, result.found};
  }
  std::vector<NamedValue> figure_names() const override {
    return {{"dev/generator_loss", 0},
            {"dev/generator_accuracy", 0},
            {"dev/rtd_loss", 0},
            {"dev/rtd_accuracy", 0},
            {"dev/rtd_found", 0}};
  }

 private:
  RtdPretraining(const PretrainSettings& settings, const PretrainWorld& world, RtdModels models)
      : Pretraining(settings, world),
        generator_(settings, std::move(models.generator), settings.run.max_steps, world.workers),
        discriminator_(settings, std::move(models.discriminator), generator_.word_table(),
                       settings.run.max_steps, world.workers) {}

  struct Drawn {
    MaskedBatch batch;
    std::vector<std::int32_t> tokens;
    std::uint64_t key;
  };

  /// The generator's gradients, and the tokens that it draws.
  std::vector<Drawn> run_generator(std::int64_t now, StepReport& report) {
    std::vector<Drawn> drawn;
    for_batches(now, generator_.stepper(), [&](MaskedBatch batch, std::uint64_t key, double share) {
      auto result = generator_.backward(batch, key, share, true);
      report.losses[1].value += result.loss * share;
      report.tokens += batch.text_tokens;
      drawn.push_back({std::move(batch), std::move(result.drawn), key});
    });
    return drawn;
  }

  void step_generator(std::int64_t now, double norm) {
    step_or_skip(now, {"generator", "generator.", generator_.model(), generator_.stepper()}, norm);
  }

  void dump_results(std::int64_t now, const StepReport& report, const std::vector<Drawn>& drawn) {
    StepDump* const to = dump(now);
    if (to == nullptr) return;
    for (std::size_t i = 0; i < drawn.size(); ++i) {
      to->add(batch_name(static_cast<std::int64_t>(i)) + "drawn", at::tensor(drawn[i].tokens, at::kInt));
    }
    to->add("generator.loss", report.losses[1].value);
    to->add("discriminator.loss", report.losses[2].value);
    write_dump(now);
  }

  MaskedModel generator_;
  Discriminator discriminator_;
};

}  // namespace

std::unique_ptr<Pretraining> rtd_pretraining(const PretrainSettings& settings, const PretrainWorld& world) {
  return std::make_unique<RtdPretraining>(settings, world);
}

}  // namespace berta::train
