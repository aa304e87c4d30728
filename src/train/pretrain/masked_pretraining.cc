#include "train/model/model_folder.h"
#include "train/objectives/masked_model.h"
#include "train/objectives/pretrain_models.h"
#include "train/pretrain/pretraining.h"

namespace berta::train {
namespace {

using report::NamedValue;

class MaskedPretraining final : public Pretraining {
 public:
  MaskedPretraining(const PretrainSettings& settings, const PretrainWorld& world)
      : Pretraining(settings, world),
        model_(settings, masked_model(settings, world.tokenizer), settings.run.max_steps, world.workers) {}

  StepReport step(std::int64_t now) override {
    StepReport report{.losses = {{"train/loss", 0}, {"train/accuracy", 0}}};
    for_batches(now, model_.stepper(), [&](const MaskedBatch& batch, std::uint64_t key, double share) {
      const auto result = model_.backward(batch, key, share, false);
      report.losses[0].value += result.loss * share;
      report.losses[1].value += result.accuracy * share;
      report.tokens += batch.text_tokens;
    });
    if (StepDump* const to = dump(now)) to->add("loss", report.losses[0].value);
    step_or_skip(now, {"model", "", model_.model(), model_.stepper()}, model_.stepper().gradient_norm());
    write_dump(now);
    report.learning_rate = model_.stepper().rate();
    report.gradient_norm = model_.stepper().norm();
    return report;
  }

  void save(TrainingState& state) override { model_.stepper().save(state); }
  void restore(const TrainingState& state) override { model_.stepper().restore(state); }

  std::vector<std::pair<std::string, const TrainModel*>> models() const override {
    return {{"the_model", &model_.model()}};
  }

  void catch_up() override { model_.stepper().adam().catch_up_all(); }
  void write_models() override {
    write_model_folder(settings_.run.output, model_.model(),
                       {.architecture = "ForMaskedLM", .labels = {}, .problem_type = {}},
                       {.tokenizer = settings_.tokenizer, .dtype = settings_.run.saved});
  }

 protected:
  std::vector<double> measure(const MaskedBatch& batch, std::uint64_t key) override {
    const auto result = model_.evaluate(batch, key, false);
    return {result.loss, result.accuracy};
  }
  std::vector<NamedValue> figure_names() const override { return {{"dev/loss", 0}, {"dev/accuracy", 0}}; }

 private:
  MaskedModel model_;
};

}  // namespace

std::unique_ptr<Pretraining> masked_pretraining(const PretrainSettings& settings,
                                                const PretrainWorld& world) {
  return std::make_unique<MaskedPretraining>(settings, world);
}

}  // namespace berta::train
