#include "cli/train_options.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string_view>

#include "cli/help.h"
#include "cli/machine.h"
#include "cli/output.h"
#include "core/parallel.h"

namespace berta::cli {

namespace {

/// An option whose variable is an integer of another type.
template <class T>
Option make_number_of(const OptionText& text, T& target, Range range) {
  Option option{.name = text.name,
                .value = text.value,
                .help = text.help,
                .preset = std::to_string(target),
                .choices = {},
                .set = nullptr};
  option.set = [name = text.name, &target, range](const std::string& given) {
    std::int64_t number = 0;
    make_integer({name, "N", ""}, number, range).set(given);
    target = static_cast<T>(number);
  };
  return option;
}

/// "auto", "cpu", "cuda", "cuda:1".
void set_device(train::DeviceChoice& device, const std::string& given) {
  using train::DeviceKind;
  constexpr std::string_view kCuda = "cuda:";
  device = {.kind = DeviceKind::cuda};
  if (given.starts_with(kCuda)) {
    std::int64_t index = 0;
    make_integer({"--device", "", ""}, index, {0, 127}).set(given.substr(kCuda.size()));
    device.index = static_cast<int>(index);
  } else if (given == "auto") {
    device.kind = DeviceKind::automatic;
  } else if (given == "cpu") {
    device.kind = DeviceKind::cpu;
  } else if (given != "cuda") {
    throw UsageError("--device: expected auto, cpu, cuda or cuda:N, found '" + given + "'");
  }
}

Option make_device(train::DeviceChoice& device) {
  device.kind = train::DeviceKind::automatic;
  return {.name = "--device",
          .value = "auto|cpu|cuda[:N]",
          .help = "what it computes on; auto: a GPU, if there is one that libtorch can use",
          .preset = "auto",
          .choices = {},
          .set = [&device](const std::string& given) { set_device(device, given); }};
}

}  // namespace

void add_run_options(std::vector<Option>& options, train::RunSettings& run) {
  options.push_back(
      make_text({"--output", "FOLDER", "where the model, the log and the report go"}, run.output));
  options.push_back(make_integer({"--batch-size", "N", "examples a batch"}, run.batch_size, {1, 1 << 20}));
  options.push_back(make_integer({"--accumulation", "N", "batches whose gradients make one step"},
                                 run.accumulation, {1, 1 << 20}));
  options.push_back(make_integer({"--max-steps", "N", "steps; 0: by epochs"}, run.max_steps));
  options.push_back(
      make_number_of({"--seed", "N", "of new weights, of the order and of dropout"}, run.seed, {}));
  options.push_back(make_number_of({"--threads", "N", "0: all cores"}, run.threads, {0, 1024}));
  options.push_back(make_device(run.device));
  options.push_back(make_switch(
      {"--bf16", "", "products in bfloat16; scores, norms, residuals and weights stay in f32"}, run.bf16));
  options.push_back(make_switch(
      {"--gradient-checkpointing", "", "keep only the layers' inputs, and run each again for its gradients"},
      run.checkpointing));
  options.push_back(
      make_number({"--dropout", "X", "of hidden states and attention; below 0: as the config says"},
                  run.dropout, -1, 0.99));
  options.push_back(
      make_integer({"--log-every", "N", "steps between lines of the log"}, run.log_every, {1, 1 << 30}));
  options.push_back(make_number({"--checkpoint-minutes", "X", "between two checkpoints; 0: none by time"},
                                run.checkpoint_minutes, 0, 1e6));
  options.push_back(
      make_integer({"--checkpoint-steps", "N", "also every N steps; 0: none"}, run.checkpoint_steps));
  options.push_back(make_number(
      {"--worker-timeout", "X", "of several processes: seconds without a sign of life that end the job"},
      run.worker_timeout, 1, 1e6));
  options.push_back(
      make_choice<DType>("--save-dtype", "of the weights in the model that is written; training keeps f32",
                         run.saved, {{"f32", DType::f32}, {"f16", DType::f16}, {"bf16", DType::bf16}}));
  options.push_back(
      make_switch({"--resume", "", "go on from the output's checkpoint, if there is one"}, run.resume));
}

void add_optimizer_options(std::vector<Option>& options, train::OptimizerSettings& optimizer) {
  using train::Optimizer;
  using train::ScheduleKind;
  options.push_back(make_number({"--learning-rate", "X", "the highest"}, optimizer.learning_rate, 0, 100));
  options.push_back(
      make_choice<Optimizer>("--optimizer", "AdamW, or Microsoft's Adam without bias correction",
                             optimizer.kind, {{"adamw", Optimizer::adamw}, {"xadam", Optimizer::xadam}}));
  options.push_back(make_choice<ScheduleKind>(
      "--schedule",
      "of the rate after the warm-up; microsoft-linear drops by the warm-up's share where that ends",
      optimizer.schedule,
      {{"linear", ScheduleKind::linear},
       {"cosine", ScheduleKind::cosine},
       {"constant", ScheduleKind::constant},
       {"microsoft-linear", ScheduleKind::microsoft_linear}}));
  options.push_back(
      make_number({"--warmup", "X", "below 1: part of the steps; else steps"}, optimizer.warmup, 0, 1e9));
  options.push_back(
      make_number({"--end-rate", "X", "part of the rate that is left at the end"}, optimizer.end, 0, 1));
  options.push_back(
      make_number({"--weight-decay", "X", "not of biases and norms"}, optimizer.weight_decay, 0, 10));
  options.push_back(make_number({"--beta1", "X", "of the mean gradient"}, optimizer.beta1, 0, 0.999999));
  options.push_back(make_number({"--beta2", "X", "of the mean square"}, optimizer.beta2, 0, 0.9999999));
  options.push_back(make_number({"--epsilon", "X", "beside its root"}, optimizer.epsilon, 1e-20, 1));
  options.push_back(
      make_number({"--clip", "X", "largest norm of all gradients; 0: any"}, optimizer.clip, 0, 1e9));
  options.push_back(make_number({"--layer-decay", "X", "rate of a layer over that of the one above it"},
                                optimizer.layer_decay, 0.01, 1));
}

Option make_numbers(const OptionText& text, std::vector<std::uint64_t>& target) {
  Option option{
      .name = text.name, .value = text.value, .help = text.help, .preset = "", .choices = {}, .set = nullptr};
  option.set = [name = text.name, &target](const std::string& given) {
    std::vector<std::string> words;
    make_list({name, "", ""}, words).set(given);
    target.clear();
    for (const std::string& word : words) {
      std::int64_t number = 0;
      make_integer({name, "", ""}, number).set(word);
      target.push_back(static_cast<std::uint64_t>(number));
    }
  };
  return option;
}

void complete(train::RunSettings& run) {
  if (run.output.empty()) throw UsageError("expected --output FOLDER");
  // Processes on one machine share its cores; torchrun says how many there are.
  const char* beside = std::getenv("LOCAL_WORLD_SIZE");
  set_threads(run.threads);
  if (run.threads == 0 && beside != nullptr)
    set_threads(std::max(1, threads() / std::max(1, std::atoi(beside))));
  run.threads = threads();
  run.version = version();
  std::ifstream words("/proc/self/cmdline", std::ios::binary);
  for (std::string word; std::getline(words, word, '\0');) run.command.push_back(word);
  if (!run.command.empty())
    run.command.front() = std::filesystem::path(run.command.front()).filename().string();
}

}  // namespace berta::cli
