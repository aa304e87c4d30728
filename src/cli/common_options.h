#pragma once

#include <string>
#include <vector>

#include "berta/types.h"
#include "cli/option.h"
#include "cli/record_reader.h"
#include "infer/model.h"
#include "tokenizer/tokenizer.h"

namespace berta::cli {

enum class OnError : std::uint8_t { stop, skip };

/// How a model runs.
struct ModelSettings {
  std::int64_t threads = 0;
  infer::LoadOptions load;
  std::string tokenizer;  ///< folder; empty: the model's
  tokenizer::Mode tokenizer_mode = tokenizer::Mode::automatic;
};

/// What lines are read and how.
struct StreamSettings {
  std::string input;
  InputFormat input_format = InputFormat::automatic;
  std::vector<std::string> columns;
  std::string output;
  std::int64_t batch_tokens = 2048;
  std::int64_t max_length = 0;
  Truncation truncation = Truncation::tail;
  OnError on_error = OnError::stop;
  bool quiet = false;
};

void add_thread_option(std::vector<Option>& options, ModelSettings& settings);
void add_model_options(std::vector<Option>& options, ModelSettings& settings);
void add_tokenizer_option(std::vector<Option>& options, ModelSettings& settings);
void add_tokenizer_mode_option(std::vector<Option>& options, ModelSettings& settings);
void add_input_options(std::vector<Option>& options, StreamSettings& settings);
void add_length_options(std::vector<Option>& options, StreamSettings& settings);

/// Where the tokenizer of these settings lies for a model at `path`, a folder or a weight file.
std::string tokenizer_folder(const std::string& path, const ModelSettings& settings);

/// The tokenizer of these settings for a model at `path`. Throws UserError.
std::shared_ptr<const tokenizer::Tokenizer> load_tokenizer(const std::string& path,
                                                           const ModelSettings& settings);

/// The texts of a file, for commands that want no more of a line. Throws UserError, also for none.
std::vector<std::string> read_texts(const std::string& file);
/// --max-length, else 512: the length that the family's models were trained with.
std::int64_t text_limit(const StreamSettings& settings);

/// Sets the number of threads. Throws UsageError for options that do not go together.
void apply(const ModelSettings& settings);

}  // namespace berta::cli
