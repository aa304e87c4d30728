// Writes what a training run leaves, from made-up numbers: event files of an interrupted and resumed run,
// metrics.jsonl, report.html, seeds.html, hostile.html and README.md. Usage: report_sample FOLDER (empty)

#include <cmath>
#include <cstdio>
#include <exception>
#include <limits>
#include <random>
#include <string>

#include "io/atomic_file.h"
#include "report/event_file.h"
#include "report/html_report.h"
#include "report/metrics_log.h"
#include "report/model_card.h"

namespace {

using namespace berta::report;

constexpr std::int64_t kSteps = 6000;
constexpr std::int64_t kEvalEvery = 500;
constexpr double kSmoothing = 0.98;
const std::vector<std::string> kCommand{"berta",
                                        "finetune",
                                        "models/deberta-v3-small",
                                        "--train",
                                        "data/sst2 train.tsv",
                                        "--out",
                                        "runs/sst2",
                                        "--learning-rate",
                                        "2e-5",
                                        "--epochs",
                                        "3",
                                        "--seed",
                                        "1"};
const std::string kConfig =
    R"({"learning_rate":2e-5,"epochs":3,"batch_tokens":4096,"betas":[0.9,0.999],"schedule":{"kind":"linear","warmup":300},)"
    R"("label":"<b> & \"quotes\"","layers":[768,768,768]})";

/// Curves like those of a fine-tuning.
std::vector<Series> curves(unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<double> noise;
  Series train{.name = "train", .chart = "loss", .unit = "nats", .smoothing = kSmoothing};
  Series dev{.name = "dev", .chart = "loss", .unit = "nats"};
  Series rate{.name = "learning rate"};
  Series speed{.name = "throughput", .unit = "tokens/s", .smoothing = 0.9};
  Series gradient{.name = "gradient norm", .smoothing = kSmoothing};
  Series accuracy{.name = "dev accuracy"};
  for (std::int64_t step = 1; step <= kSteps; ++step) {
    const double t = static_cast<double>(step);
    const double loss = 0.15 + 0.55 * std::exp(-t / 700);
    train.points.push_back({.step = step, .value = std::abs(loss * (1 + 0.35 * noise(random)))});
    rate.points.push_back({.step = step, .value = 2e-5 * std::min(t / 300, (kSteps - t) / (kSteps - 300.0))});
    gradient.points.push_back({.step = step, .value = std::abs(2 + noise(random)) + (step == 2500 ? 40 : 0)});
    if (step % 20 == 0) speed.points.push_back({.step = step, .value = 18'500 + 400 * noise(random)});
    if (step % kEvalEvery == 0) {
      dev.points.push_back({.step = step, .value = loss + 0.06 + 0.00001 * t + 0.01 * noise(random)});
      accuracy.points.push_back(
          {.step = step, .value = 0.955 - 0.2 * std::exp(-t / 600) + 0.003 * noise(random)});
    }
  }
  return {train, dev, rate, speed, gradient, accuracy};
}

ReportRun run_of(unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<double> noise;
  return {.name = "seed " + std::to_string(seed),
          .series = curves(seed),
          .results = {{.name = "accuracy", .value = 0.953 + 0.003 * noise(random)},
                      {.name = "f1", .value = 0.954 + 0.003 * noise(random)},
                      {.name = "loss", .value = 0.21 + 0.01 * noise(random)}},
          .seconds = 3725};
}

HtmlReport report_of(unsigned seeds) {
  HtmlReport report{
      .title = "SST-2 with deberta-v3-small",
      .summary = "Fine-tuning of a classifier with two labels.",
      .tables = {{.title = "Confusion of the dev part",
                  .columns = {"label", "as negative", "as positive"},
                  .rows = {{"negative", "406", "22"}, {"positive", "19", "425"}}}},
      .command = kCommand,
      .config = kConfig,
      .facts = {
          {.title = "Data", .facts = {{"train", "67 349 examples, 1.12 M tokens"}, {"dev", "872 examples"}}},
          {.title = "Environment", .facts = {{"berta", "0.1.0"}, {"threads", "16"}}}}};
  for (unsigned seed = 1; seed <= seeds; ++seed) report.runs.push_back(run_of(seed));
  return report;
}

/// Names and numbers as nobody should give them.
HtmlReport hostile_report() {
  const double infinity = std::numeric_limits<double>::infinity();
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const std::string name = "</title><script>alert(1)</script>\"'&amp; \x01\xff " + std::string(120, 'w');
  const auto of = [](std::string chart, std::vector<double> values) {
    Series series{.name = std::move(chart)};
    for (const double value : values) {
      series.points.push_back(
          {.step = static_cast<std::int64_t>(series.points.size() * 1000), .value = value});
    }
    return series;
  };
  ReportRun run{
      .name = name,
      .series = {of(name, {1, 2, 3}), of("empty", {}), of("one point", {0.5}),
                 of("nothing finite", {nan, infinity}),
                 of("gaps", {1, 2, nan, 3, -infinity, 5, infinity, 6, 7}), of("constant", {3, 3, 3}),
                 of("zero", {0, 0}), of("huge", {-1e308, 1e308, 5e307}), of("tiny", {1e-320, 3e-310, 0}),
                 of("large offset", {1e9 + 1, 1e9 + 2, 1e9 + 4}), of("negative", {-250'000, -10, -99'000})},
      .results = {{.name = name, .value = nan}, {.name = "loss", .value = infinity}}};
  run.series.push_back({.name = "far steps",
                        .points = {{.step = std::numeric_limits<std::int64_t>::min(), .value = 1},
                                   {.step = std::numeric_limits<std::int64_t>::max(), .value = 2}}});
  return {.title = name,
          .summary = name,
          .runs = {run},
          .tables = {{.title = name, .columns = {name, "b"}, .rows = {{name, "c"}}}},
          .command = {"berta", name, "a\nb"},
          .config = "{\"a\": </pre>",
          .facts = {{.title = name, .facts = {{name, name}}}}};
}

/// Interrupted after step 40, its checkpoint at 30, so steps 31 to 40 are written twice.
void write_logs(const std::string& folder) {
  const auto write = [&](EventFile& events, MetricsLog& log, std::int64_t first, std::int64_t last,
                         double sign) {
    for (std::int64_t step = first; step <= last; ++step) {
      const double value = sign * static_cast<double>(step);
      const std::vector<NamedValue> values{{.name = "train/loss", .value = value},
                                           {.name = "dev/a<b", .value = 0.5}};
      events.add_scalars(step, values);
      log.write({.step = step, .epoch = 0.1, .time = value, .values = values});
    }
  };
  {
    EventFile events(folder);
    MetricsLog log = MetricsLog::create(folder + "/metrics.jsonl");
    events.add_plain_text(0, "command", "berta finetune\n  --seed 1");
    write(events, log, 1, 40, -1);
  }
  EventFile events(folder, 30);
  MetricsLog log = MetricsLog::resume(folder + "/metrics.jsonl", 30);
  write(events, log, 31, 50, 1);
  events.add_scalar(51, "train/loss", std::numeric_limits<double>::quiet_NaN());
}

ModelCard card() {
  return {.name = "sst2: \"the\" model",
          .summary = "A classifier of films' reviews.",
          .base_model = "microsoft/deberta-v3-small",
          .license = "mit",
          .pipeline_tag = "text-classification",
          .languages = {"en", "no"},
          .datasets = {"nyu-mll/glue"},
          .metrics = {"accuracy", "f1"},
          .tags = {"1e5", "a: b # c"},
          .results = {{.task_type = "text-classification",
                       .dataset = "GLUE SST-2",
                       .dataset_type = "nyu-mll/glue",
                       .dataset_config = "sst2",
                       .split = "validation",
                       .metrics = {{.name = "accuracy", .value = 0.953}, {.name = "loss", .value = 1e-5}}}},
          .command = kCommand,
          .training = {{"learning rate", "2e-5"}, {"seed", "1"}}};
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fputs("usage: report_sample FOLDER\n", stderr);
    return 2;
  }
  try {
    const std::string folder = argv[1];
    write_logs(folder);
    write_html_report(folder + "/report.html", report_of(1));
    write_html_report(folder + "/seeds.html", report_of(4));
    write_html_report(folder + "/hostile.html", hostile_report());
    berta::io::write_file(folder + "/README.md", model_card(card()));
  } catch (const std::exception& error) {
    std::fputs((std::string(error.what()) + "\n").c_str(), stderr);
    return 1;
  }
  return 0;
}
