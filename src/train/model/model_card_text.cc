#include "train/model/model_card_text.h"

#include <filesystem>

#include "report/model_card.h"
#include "train/settings_facts.h"

namespace berta::train {
namespace {

std::string file_name(const std::string& path) {
  const std::filesystem::path whole(path);
  return whole.has_filename() ? whole.filename().string() : whole.parent_path().filename().string();
}

}  // namespace

std::string model_card_text(const FinetuneSettings& settings, const TaskHead& head,
                            const metrics::Metrics& metrics) {
  const std::string name = file_name(settings.run.output);
  report::ModelCard card{.name = name.empty() ? "model" : name};
  card.base_model = settings.model;
  card.pipeline_tag = head.pipeline_tag();
  for (const std::string& file : settings.train) card.datasets.push_back(file_name(file));
  card.metrics = {settings.metric.empty() ? head.main_metric() : settings.metric};
  if (!metrics.empty()) {
    report::CardResult result{
        .task_type = head.pipeline_tag(),
        .dataset = file_name(settings.dev.empty() ? settings.train.front() : settings.dev.front()),
        .split = "dev"};
    for (const metrics::Metric& metric : metrics) result.metrics.push_back({metric.name, metric.value});
    card.results.push_back(std::move(result));
  }
  card.command = settings.run.command;
  card.training = facts_of(settings);
  return report::model_card(card);
}

}  // namespace berta::train
