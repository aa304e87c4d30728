// Several trainings: seeds, folds, their summary, and what is left of it when they are resumed.
#include "train/finetune/series.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>

#include "io/json.h"
#include "runs.h"

namespace berta::train {
namespace {

using ::testing::HasSubstr;
using testing::short_run;
using testing::StopAfter;

std::vector<std::string> lines_of(const std::string& path) {
  std::ifstream file(path);
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

FinetuneSettings seeds_run(const io::TemporaryFolder& folder, const std::string& output) {
  FinetuneSettings settings = short_run(folder, output);
  settings.dev = settings.train;
  settings.seeds = {3, 1, 2};
  return settings;
}

double number(const io::Json& json, const char* object, const char* name) {
  return json.find(object)->find(name)->as_number(name);
}

TEST(Series, SeedsHaveAMeanAndADeviation) {
  const io::TemporaryFolder folder;
  const FinetuneSettings settings = seeds_run(folder, "out");
  StopAfter never;
  const TrainOutcome outcome = finetune_series(settings, never);
  EXPECT_EQ(outcome.steps, 18);
  const io::Json summary = io::read_json(settings.run.output + "/summary.json");
  std::vector<double> each;
  for (const char* name : {"seed-3", "seed-1", "seed-2"}) {
    const std::string figures = settings.run.output + "/" + name + "/eval_results.json";
    each.push_back(io::read_json(figures).find("accuracy")->as_number("accuracy"));
    EXPECT_EQ(number(*summary.find("runs"), name, "accuracy"), each.back());
  }
  const double mean = (each[0] + each[1] + each[2]) / 3;
  double squares = 0, highest = 0;
  for (const double one : each) squares += (one - mean) * (one - mean), highest = std::max(highest, one);
  EXPECT_NEAR(number(summary, "mean", "accuracy"), mean, 1e-12);
  EXPECT_NEAR(number(summary, "standard_deviation", "accuracy"), std::sqrt(squares / 2), 1e-12);
  EXPECT_EQ(metrics::value_of(outcome.metrics, "accuracy"), number(summary, "mean", "accuracy"));
  const std::string best = summary.find("best")->as_string("best");
  EXPECT_EQ(outcome.best, settings.run.output + "/" + best);
  EXPECT_EQ(number(*summary.find("runs"), best.c_str(), "accuracy"), highest);
  // Each is what one training of that seed gives.
  FinetuneSettings one = settings;
  one.seeds.clear();
  one.run.seed = 2;
  one.run.output = folder.file("one");
  finetune(one, never);
  EXPECT_EQ(io::read_all(one.run.output + "/model.safetensors"),
            io::read_all(settings.run.output + "/seed-2/model.safetensors"));
}

TEST(Series, ResumedItLeavesWhatIsDone) {
  const io::TemporaryFolder folder;
  FinetuneSettings settings = seeds_run(folder, "parts");
  const FinetuneSettings whole = seeds_run(folder, "whole");
  // Asked before each step: in the second step of the second training.
  StopAfter early(8), never;
  EXPECT_TRUE(finetune_series(settings, early).stopped);
  const auto written = [&](const char* file) {
    return std::filesystem::last_write_time(settings.run.output + file);
  };
  const auto before = written("/seed-3/model.safetensors");
  settings.run.resume = true;
  EXPECT_FALSE(finetune_series(settings, never).stopped);
  finetune_series(whole, never);
  EXPECT_EQ(written("/seed-3/model.safetensors"), before);
  for (const char* file : {"/seed-3/model.safetensors", "/seed-1/model.safetensors", "/summary.json"})
    EXPECT_EQ(io::read_all(settings.run.output + file), io::read_all(whole.run.output + file)) << file;
  settings.epochs = 7;
  EXPECT_THAT(io::error_of([&] { finetune_series(settings, never); }),
              HasSubstr("were begun with epochs '3'"));
}

TEST(Series, FoldsHoldOutEachRowOnce) {
  const io::TemporaryFolder folder;
  FinetuneSettings settings = short_run(folder, "folds");
  settings.folds = 3;
  StopAfter never;
  finetune_series(settings, never);
  const auto lines = lines_of(settings.run.output + "/out_of_fold.csv");
  ASSERT_EQ(lines.size(), 7u);
  EXPECT_EQ(lines[0], "row,fold,label,prediction,negative,positive");
  std::vector<int> of_fold(4);
  for (std::size_t row = 0; row < 6; ++row) {
    std::vector<std::string> cells;
    std::istringstream cut(lines[row + 1]);
    for (std::string cell; std::getline(cut, cell, ',');) cells.push_back(cell);
    ASSERT_EQ(cells.size(), 6u);
    EXPECT_EQ(cells[0], std::to_string(row));
    EXPECT_EQ(cells[2], row % 2 == 0 ? "positive" : "negative");
    const double negative = std::stod(cells[4]), positive = std::stod(cells[5]);
    EXPECT_NEAR(negative + positive, 1, 1e-6);
    EXPECT_EQ(cells[3], positive > negative ? "positive" : "negative");
    ++of_fold[std::stoul(cells[1])];
    // Said by the model of that fold.
    const auto own = lines_of(settings.run.output + "/fold-" + cells[1] + "/dev_predictions.csv");
    cells.erase(cells.begin() + 1);
    std::string line;
    for (const std::string& cell : cells) line += (line.empty() ? "" : ",") + cell;
    EXPECT_THAT(own, ::testing::Contains(line));
  }
  EXPECT_EQ(of_fold, (std::vector<int>{0, 2, 2, 2}));
}

TEST(Series, WhatMakesNoSenseIsRefused) {
  const io::TemporaryFolder folder;
  FinetuneSettings settings = short_run(folder, "out");
  settings.seeds = {1, 2};
  EXPECT_THAT(io::error_of([&] { check_series(settings); }), HasSubstr("expected data to evaluate on"));
  settings.dev_share = 0.5;
  settings.seeds = {1, 1};
  EXPECT_THAT(io::error_of([&] { check_series(settings); }), HasSubstr("found 1 twice"));
  settings.folds = 3;
  EXPECT_THAT(io::error_of([&] { check_series(settings); }), HasSubstr("found both"));
  settings.seeds.clear();
  EXPECT_THAT(io::error_of([&] { check_series(settings); }), HasSubstr("expected folds or data"));
  settings.dev_share = 0;
  check_series(settings);
}

}  // namespace
}  // namespace berta::train
