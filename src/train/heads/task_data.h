#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "core/error.h"
#include "core/parallel.h"
#include "train/heads/task_head.h"

// What the heads' ways from files to examples have in common.
namespace berta::train {

/// The samples of all train files, then those of all dev files.
template <typename Sample>
struct TaskSamples {
  struct File {
    std::string path;
    std::size_t begin = 0;  ///< its first sample in `all`
  };
  std::vector<Sample> all;
  std::vector<File> files;
  std::size_t train_count = 0;

  std::size_t dev_count() const { return all.size() - train_count; }

  /// "dev.jsonl: sample 3", from 1.
  std::string where(std::size_t sample) const {
    std::size_t file = files.size();
    while (file > 1 && files[file - 1].begin > sample) --file;
    check_internal(file > 0, "a sample of no file");
    return files[file - 1].path + ": sample " + std::to_string(sample - files[file - 1].begin + 1);
  }
};

/// read(path) gives the samples of one file.
template <typename Sample, typename Read>
TaskSamples<Sample> read_samples(const FinetuneSettings& settings, const Read& read) {
  TaskSamples<Sample> samples;
  for (const auto* files : {&settings.train, &settings.dev}) {
    for (const std::string& path : *files) {
      samples.files.push_back({path, samples.all.size()});
      std::vector<Sample> more = read(path);
      std::move(more.begin(), more.end(), std::back_inserter(samples.all));
    }
    if (files == &settings.train) samples.train_count = samples.all.size();
  }
  return samples;
}

/// add(index, examples) appends the examples of a sample; on all threads, but the result is in the order of
/// `chosen`. Sets their `source`. A UserError of `add` says which sample it was.
template <typename Sample, typename Add>
std::vector<Example> encode_samples(const TaskSamples<Sample>& samples,
                                    const std::vector<std::size_t>& chosen, const Add& add) {
  std::vector<std::vector<Example>> parts(chosen.size());
  parallel_each(chosen.size(), [&](std::size_t i) {
    try {
      add(chosen[i], parts[i]);
    } catch (const UserError& error) {
      throw UserError(samples.where(chosen[i]) + ": " + error.what());
    }
    for (Example& example : parts[i]) example.source = chosen[i];
  });
  std::vector<Example> examples;
  for (std::vector<Example>& part : parts) std::move(part.begin(), part.end(), std::back_inserter(examples));
  return examples;
}

/// Drops what is behind the first settings.max_samples; nothing where that is 0.
template <typename T>
void keep_first(std::vector<T>& samples, const FinetuneSettings& settings) {
  const auto most = static_cast<std::size_t>(settings.max_samples);
  if (settings.max_samples > 0 && samples.size() > most) samples.resize(most);
}

/// Ids and types of what the tokenizer gave.
infer::Sequence to_sequence(tokenizer::Encoding encoding);

/// Example::label of each, on the device of `like`.
at::Tensor class_tensor(Examples examples, const at::Tensor& like);
/// Example::value of each, as `like` in type and device.
at::Tensor value_tensor(Examples examples, const at::Tensor& like);

/// All elements, row by row.
std::vector<float> numbers_of(const at::Tensor& logits);

}  // namespace berta::train
