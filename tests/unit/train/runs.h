#pragma once

#include <gtest/gtest.h>

#include <fstream>
#include <string>

#include "../io/temporary.h"
#include "train/finetune/finetune.h"

namespace berta::train::testing {

/// Stops a training before step `last` + 1, counted from its start; 0: never.
class StopAfter final : public Watcher {
 public:
  explicit StopAfter(int last = 0) : last_(last) {}
  void note(const std::string&) override {}
  void warn(const std::string&) override {}
  void progress(const TrainProgress&) override {}
  bool stop() override { return last_ > 0 && asked_++ == last_; }

 private:
  int last_;
  int asked_ = 0;
};

/// Six steps of two short reviews from the small model of models/, to OUTPUT in the folder.
inline FinetuneSettings short_run(const io::TemporaryFolder& folder, const std::string& output) {
  const std::string data = folder.file("data.tsv");
  std::ofstream(data) << "text\tlabel\nA fine film.\tpositive\nNo.\tnegative\nIt never drags.\tpositive\n"
                         "Paint dries faster.\tnegative\nThe cast is wonderful.\tpositive\nDull!\tnegative\n";
  FinetuneSettings settings;
  settings.model = std::string(BERTA_MODELS) + "/sentiment";
  settings.train = {data};
  settings.max_length = 16;
  settings.run.output = folder.file(output);
  settings.run.batch_size = 2;
  settings.run.max_steps = 6;
  settings.optimizer.learning_rate = 1e-3;
  return settings;
}

/// Files of a run that was stopped and resumed have the bytes of one that was not. `change` completes the
/// settings.
template <class Change>
void expect_resumed_bits(const Change& change, const std::vector<std::string>& files) {
  const io::TemporaryFolder folder;
  FinetuneSettings whole = short_run(folder, "whole"), parts = short_run(folder, "parts");
  change(whole), change(parts);
  StopAfter never, early(2);
  finetune(whole, never);
  EXPECT_TRUE(finetune(parts, early).stopped);
  parts.run.resume = true;
  EXPECT_EQ(finetune(parts, never).steps, 6);
  for (const std::string& file : files) {
    EXPECT_EQ(io::read_all(whole.run.output + "/" + file), io::read_all(parts.run.output + "/" + file))
        << file;
  }
}

}  // namespace berta::train::testing
