// What a GPU would run, without one: ATen's operations in place of our kernels, and a device whose memory the
// host cannot read.
#include "train/run/device.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <functional>

#include "apart_device.h"
#include "kernels/training_rows.h"
#include "pretraining.h"
#include "report/metrics_log.h"
#include "runs.h"
#include "train/ops/functions.h"
#include "train/optim/adam.h"
#include "train/optim/plain_adam.h"
#include "train/pretrain/pretrain.h"

namespace berta::train {
namespace {

using io::error_of;
using ::testing::HasSubstr;
using testing::kApart;
using testing::QuietWatcher;
using testing::StopAfter;
using testing::Workshop;

constexpr DeviceChoice kRegistered{.kind = DeviceKind::registered};

/// Every number of every line of a run's metrics.jsonl, but for those of time.
std::vector<std::pair<std::string, double>> figures_of(const RunSettings& run) {
  std::vector<std::pair<std::string, double>> figures;
  for (const report::Series& series : report::read_metrics(run.output + "/metrics.jsonl")) {
    if (series.name == "tokens_per_second") continue;
    for (const report::Point& point : series.points)
      figures.emplace_back(series.name + " at " + std::to_string(point.step), point.value);
  }
  return figures;
}

/// How far two runs' figures are apart at most, of 1 or of their size.
double difference(const RunSettings& a, const RunSettings& b) {
  const auto left = figures_of(a), right = figures_of(b);
  EXPECT_GT(left.size(), 12u);
  EXPECT_EQ(left.size(), right.size());
  double most = 0;
  for (std::size_t i = 0; i < std::min(left.size(), right.size()); ++i) {
    EXPECT_EQ(left[i].first, right[i].first);
    const double apart = std::abs(left[i].second - right[i].second) / std::max(1.0, std::abs(left[i].second));
    if (apart > most) most = apart;
    EXPECT_TRUE(std::isfinite(left[i].second)) << left[i].first;
  }
  return most;
}

using Change = std::function<void(RunSettings&)>;

void by_kernels(RunSettings&) {}
void by_plain_forms(RunSettings& run) {
  run.plain_forms = true;
}
void on_the_device(RunSettings& run) {
  run.device = kRegistered;
}

void on_a_gpu(RunSettings& run) {
  run.device.kind = DeviceKind::cuda;
}

/// Runs a training by our kernels, by the plain forms, on the device, and on a GPU where there is one: all
/// are near the first. `train(name, change)` gives the run that it was.
void check_forms(const std::function<RunSettings(const std::string&, const Change&)>& train,
                 double bound = 1e-5) {
  const RunSettings kernels = train("kernels", by_kernels);
  const RunSettings plain = train("plain", by_plain_forms);
  const std::size_t before = testing::operations_apart();
  const RunSettings apart = train("apart", on_the_device);
  EXPECT_GT(testing::operations_apart(), before + 1000) << "nothing ran there";
  EXPECT_LT(difference(kernels, plain), bound);
  EXPECT_LT(difference(kernels, apart), bound);
  // Its sums have other orders, and its exponentials other last bits.
  if (!at::globalContext().hasCUDA()) return;
  EXPECT_LT(difference(kernels, train("gpu", on_a_gpu)), 10 * bound);
}

void check_finetuning(const std::function<void(FinetuneSettings&)>& complete) {
  const io::TemporaryFolder folder;
  check_forms([&](const std::string& name, const Change& change) {
    FinetuneSettings settings = testing::short_run(folder, name);
    settings.dev = settings.train;
    settings.run.log_every = 1;
    settings.run.max_steps = 4;
    settings.optimizer.learning_rate = 1e-4;
    complete(settings);
    change(settings.run);
    StopAfter never;
    finetune(settings, never);
    return settings.run;
  });
}

TEST(Device, FineTuningIsTheSameInAllForms) {
  check_finetuning([](FinetuneSettings&) {});
}

TEST(Device, FineTuningWithAllOptionsIsTheSameInAllForms) {
  check_finetuning([](FinetuneSettings& settings) {
    settings.sift.weight = 1;
    settings.lora.rank = 2;
    settings.ema_decay = 0.5;
    settings.run.accumulation = 2;
    settings.run.checkpointing = true;
    settings.optimizer.layer_decay = 0.8;
  });
}

void check_pretraining(Objective objective, const std::function<void(PretrainSettings&)>& complete,
                       double bound = 1e-5) {
  const Workshop workshop;
  const auto train = [&](const std::string& name, const Change& change) {
    PretrainSettings settings = workshop.settings(objective, name);
    settings.evaluate_steps = 3;
    settings.run.log_every = 1;
    complete(settings);
    change(settings.run);
    QuietWatcher watcher;
    pretrain(settings, watcher);
    return settings.run;
  };
  check_forms(train, bound);
}

TEST(Device, MaskedPretrainingIsTheSameInAllForms) {
  check_pretraining(Objective::mlm, [](PretrainSettings&) {});
}

TEST(Device, ReplacedTokenPretrainingIsTheSameInAllForms) {
  check_pretraining(Objective::rtd, [](PretrainSettings&) {});
}

TEST(Device, OneTableForTwoModelsIsTheSameInAllForms) {
  check_pretraining(Objective::rtd, [](PretrainSettings& settings) {
    settings.sharing = EmbeddingSharing::es;
    settings.decoupled = false;
    settings.optimizer.kind = Optimizer::adamw;
  });
}

/// In bfloat16 a last bit more or less may become one of eight bits.
TEST(Device, InBfloat16ItIsNearInAllForms) {
  check_pretraining(
      Objective::rtd, [](PretrainSettings& settings) { settings.run.bf16 = true; }, 1e-2);
}

/// A checkpoint is of no device: begun on one and ended on the other, each way, a training is that of the
/// forms which differ by rounding alone.
TEST(Device, ATrainingMovesBetweenDevices) {
  const Workshop workshop;
  const auto settings_of = [&](const std::string& name) {
    PretrainSettings settings = workshop.settings(Objective::rtd, name);
    settings.run.log_every = 1;
    return settings;
  };
  PretrainSettings whole = settings_of("whole");
  QuietWatcher patient;
  pretrain(whole, patient);
  for (const bool to_the_device : {true, false}) {
    PretrainSettings parts = settings_of(to_the_device ? "there" : "back");
    QuietWatcher hasty(3);
    parts.run.device = to_the_device ? DeviceChoice{} : kRegistered;
    EXPECT_TRUE(pretrain(parts, hasty).stopped);
    parts.run.device = to_the_device ? kRegistered : DeviceChoice{};
    parts.run.resume = true;
    EXPECT_EQ(pretrain(parts, patient).steps, 6);
    EXPECT_LT(difference(whole.run, parts.run), 1e-5);
  }
}

TEST(Device, AResumedTrainingThereHasTheBitsOfAWholeOne) {
  testing::expect_resumed_bits(
      [](FinetuneSettings& settings) {
        settings.run.device = kRegistered;
        settings.ema_decay = 0.9;
      },
      {"model.safetensors"});
}

TEST(Device, TheHostCannotReadItsMemory) {
  const at::Tensor there = at::ones({3}).to(kApart);
  EXPECT_EQ(there.sum().item<float>(), 3);
  EXPECT_DEATH(static_cast<void>(*static_cast<const volatile float*>(there.const_data_ptr())), "");
  EXPECT_THAT(error_of([&] {
                try {
                  at::add(there, at::ones({3}));
                } catch (const c10::Error& error) {
                  throw UserError(error.what_without_backtrace());
                }
              }),
              HasSubstr("xpected all tensors"));
}

TEST(Device, ChoicesThatCannotBe) {
  EXPECT_EQ(training_device({.kind = DeviceKind::cpu}), at::Device(at::kCPU));
  if (at::globalContext().hasCUDA()) GTEST_SKIP() << "there is a GPU";
  EXPECT_EQ(training_device({.kind = DeviceKind::automatic}), at::Device(at::kCPU));
  const std::string error = error_of([] { training_device({.kind = DeviceKind::cuda, .index = 1}); });
  EXPECT_THAT(error, HasSubstr(at::globalContext().hasCUDART() ? "expected a GPU and its driver"
                                                               : "expected a libtorch with CUDA"));
}

TEST(PlainForms, ADropoutHasTheBitsOfTheKernels) {
  for (const double rate : {1e-3, 0.1, 0.5, 0.99}) {
    const kernels::Dropout dropout{kernels::dropout_threshold(rate), 0xFEDCBA9876543210u};
    const std::int64_t rows = 37, columns = 501, first = 1000;
    const at::Tensor wanted = at::ones({rows, columns}, at::kFloat);
    kernels::drop_rows(kernels::DropTask<float>{wanted.data_ptr<float>(), wanted.data_ptr<float>(),
                                                std::size_t{first}, std::size_t{rows}, std::size_t{columns},
                                                dropout});
    const at::Tensor found =
        dropout_mask({.first_row = first, .rows = rows, .columns = columns}, dropout, at::kFloat);
    EXPECT_TRUE(found.equal(wanted)) << rate;
  }
}

TEST(PlainForms, AStepOfAdamIsThatOfTheKernel) {
  at::manual_seed(4);
  for (const bool bias_correction : {true, false}) {
    std::vector<TrainParameter> kernel, plain;
    for (const at::Tensor& values : {at::randn({9, 31}), at::randn({17})}) {
      for (auto* parameters : {&kernel, &plain}) {
        parameters->push_back({.name = "w",
                               .tensor = values.clone().requires_grad_(true),
                               .source = {},
                               .layer = values.dim()});
      }
    }
    AdamOptions options{
        .epsilon = 1e-6, .weight_decay = 0.3, .bias_correction = bias_correction, .layer_decay = 0.7};
    Adam fast(kernel, options, 2);
    options.plain = true;
    Adam slow(plain, options, 2);
    for (int step = 0; step < 50; ++step) {
      for (std::size_t i = 0; i < kernel.size(); ++i) {
        // From one state, so that it is the step that is compared.
        plain[i].tensor.detach().copy_(kernel[i].tensor.detach());
        slow.states()[i].m.copy_(fast.states()[i].m);
        slow.states()[i].v.copy_(fast.states()[i].v);
        const at::Tensor gradient = at::randn(kernel[i].tensor.sizes());
        kernel[i].tensor.mutable_grad() = gradient;
        plain[i].tensor.mutable_grad() = gradient.clone();
      }
      EXPECT_EQ(fast.gradient_norm(), slow.gradient_norm());
      fast.step(1e-2, 0.5);
      slow.step(1e-2, 0.5);
      for (std::size_t i = 0; i < kernel.size(); ++i) {
        constexpr double kTwoUnits = 2 * 0x1p-23;  // in the last place
        EXPECT_TRUE(at::allclose(kernel[i].tensor, plain[i].tensor, kTwoUnits, 1e-8)) << step;
        EXPECT_TRUE(at::allclose(fast.states()[i].m, slow.states()[i].m, kTwoUnits, 1e-7)) << step;
        EXPECT_TRUE(at::allclose(fast.states()[i].v, slow.states()[i].v, kTwoUnits, 0)) << step;
      }
    }
  }
}

}  // namespace
}  // namespace berta::train
