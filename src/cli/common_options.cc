#include "cli/common_options.h"

#include "core/error.h"
#include "core/parallel.h"
#include "io/folder.h"

namespace berta::cli {

void add_thread_option(std::vector<Option>& options, ModelSettings& settings) {
  options.push_back(make_integer({"--threads", "N", "threads; 0: all cores"}, settings.threads, {0, 1024}));
}

void add_model_options(std::vector<Option>& options, ModelSettings& settings) {
  using enum infer::Backend;
  using enum model::Saturation;
  add_thread_option(options, settings);
  options.push_back(make_choice<infer::Precision>(
      "--dtype",
      "type of weights and of the inputs of products; sums are f32 in all; auto: as prepared, else f32",
      settings.load.precision,
      {{"auto", infer::Precision::automatic},
       {"f32", infer::Precision::f32},
       {"bf16", infer::Precision::bf16},
       {"int8", infer::Precision::int8}}));
  options.push_back(make_choice<infer::Backend>("--backend", "cpu, or plain loops in double to check it",
                                                settings.load.backend,
                                                {{"cpu", cpu}, {"reference", reference}}));
  options.push_back(make_choice<model::Saturation>(
      "--relative-saturation", "far distances as transformers or as Microsoft's code clamps them",
      settings.load.saturation, {{"hf", hf}, {"ms", ms}}));
}

void add_tokenizer_option(std::vector<Option>& options, ModelSettings& settings) {
  options.push_back(make_text({"--tokenizer", "FOLDER", "tokenizer of this folder instead of the model's"},
                              settings.tokenizer));
  add_tokenizer_mode_option(options, settings);
}

void add_tokenizer_mode_option(std::vector<Option>& options, ModelSettings& settings) {
  using enum tokenizer::Mode;
  options.push_back(make_choice<tokenizer::Mode>(
      "--tokenizer-mode",
      "ids of transformers 4, transformers 5 or the SentencePiece library; auto: tokenizer.json, else hf4",
      settings.tokenizer_mode, {{"auto", automatic}, {"hf4", hf4}, {"hf5", hf5}, {"spm", spm}}));
}

void add_input_options(std::vector<Option>& options, StreamSettings& settings) {
  using enum InputFormat;
  options.push_back(make_text({"--input", "FILE", "read lines of FILE; -: standard input"}, settings.input));
  options.push_back(make_choice<InputFormat>(
      "--input-format", "what the lines are; auto: by the file's extension or its first byte",
      settings.input_format, {{"auto", automatic}, {"jsonl", jsonl}, {"text", text}, {"tsv", tsv}}));
  options.push_back(
      make_list({"--columns", "LIST", "names of the columns of a table without a header"}, settings.columns));
  options.push_back(
      make_text({"--output", "FILE", "write to FILE instead of standard output"}, settings.output));
  options.push_back(make_choice<OnError>("--on-error", "at a bad line: stop, or report it and go on",
                                         settings.on_error,
                                         {{"stop", OnError::stop}, {"skip", OnError::skip}}));
  options.push_back(make_switch({"--quiet", "", "no warnings and no progress bar"}, settings.quiet));
}

void add_length_options(std::vector<Option>& options, StreamSettings& settings) {
  options.push_back(
      make_integer({"--batch-tokens", "N", "tokens that run at once"}, settings.batch_tokens, {1, 1 << 24}));
  options.push_back(
      make_integer({"--max-length", "N", "tokens of a text, specials included; 0: as the model says"},
                   settings.max_length, {0, 1 << 24}));
  options.push_back(make_choice<Truncation>(
      "--truncate", "end of a longer text that is cut, or error", settings.truncation,
      {{"tail", Truncation::tail}, {"head", Truncation::head}, {"error", Truncation::error}}));
}

std::string tokenizer_folder(const std::string& path, const ModelSettings& settings) {
  if (!settings.tokenizer.empty()) return settings.tokenizer;
  return io::is_file(path) ? io::parent_of(path) : path;
}

std::shared_ptr<const tokenizer::Tokenizer> load_tokenizer(const std::string& path,
                                                           const ModelSettings& settings) {
  return tokenizer::load_tokenizer(tokenizer_folder(path, settings), settings.tokenizer_mode);
}

std::vector<std::string> read_texts(const std::string& file) {
  RecordReader reader(std::make_shared<InputFile>(file), file, {});
  std::vector<std::string> texts;
  Record record;
  while (reader.next(record)) texts.push_back(record.text("text"));
  if (texts.empty()) throw UserError(file + ": expected at least one text, found none");
  return texts;
}

std::int64_t text_limit(const StreamSettings& settings) {
  constexpr std::int64_t kTrained = 512;
  return settings.max_length > 0 ? settings.max_length : kTrained;
}

void apply(const ModelSettings& settings) {
  if (settings.load.backend == infer::Backend::reference &&
      settings.load.precision != infer::Precision::automatic &&
      settings.load.precision != infer::Precision::f32) {
    throw UsageError("--backend reference computes in double: expected no --dtype beside it");
  }
  set_threads(static_cast<int>(settings.threads));
}

}  // namespace berta::cli
