#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>

#include "cli/commands.h"
#include "cli/common_options.h"
#include "cli/console.h"
#include "cli/json_writer.h"
#include "cli/machine.h"
#include "cli/output.h"
#include "cli/sample_ids.h"
#include "core/error.h"
#include "core/parallel.h"
#include "infer/backend_facts.h"

namespace berta::cli {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

/// Times of one shape, sorted.
struct Sample {
  std::int64_t length = 0;
  std::int64_t batch = 0;
  std::vector<double> seconds;
  double least = 0;  ///< seconds that the machine needs at its peaks

  double quantile(double q) const {
    return seconds[static_cast<std::size_t>(std::lround(q * static_cast<double>(seconds.size() - 1)))];
  }
  double tokens_per_second() const { return static_cast<double>(length * batch) / quantile(0.5); }
};

/// What was needed to get going.
struct Start {
  double seconds = 0;      ///< to load
  std::size_t memory = 0;  ///< largest, in bytes, over all measurements
};

/// Speed on texts of a file.
struct TextSample {
  std::size_t texts = 0;
  std::size_t tokens = 0;
  double tokenize_seconds = 0;
  double run_seconds = 0;
};

class Bench final : public Command {
 public:
  CommandText text() const override {
    return {
        .name = "bench",
        .summary = "how fast a model runs here",
        .operands = "MODEL",
        .details =
            "Runs the model's default head on fixed ids of several lengths, alone and eight at once, and "
            "prints the\n"
            "median time, the 10th and 90th percentile, tokens a second, and the share of the limit: the "
            "time "
            "that\n"
            "the encoder's products would take at the peak of the machine's multiply-adds, or its weights at "
            "the\n"
            "bandwidth of its memory, both measured first. Also the time to load and the peak of the memory. "
            "With\n"
            "--input, also texts a second of a file, tokenising included.",
        .example = "  berta bench models/sentiment --threads 1",
    };
  }

  std::vector<Option> options() override {
    std::vector<Option> options;
    options.push_back(make_list({"--lengths", "LIST", "tokens of a sequence"}, lengths_));
    options.push_back(make_list({"--batches", "LIST", "sequences at once"}, batches_));
    options.push_back(
        make_number({"--seconds", "S", "least time of each measurement"}, seconds_, 0.01, 3600));
    options.push_back(make_switch({"--json", "", "one JSON object"}, json_));
    options.push_back(make_text({"--input", "FILE", "also texts of this file"}, stream_.input));
    add_length_options(options, stream_);
    add_tokenizer_option(options, model_);
    add_model_options(options, model_);
    return options;
  }

  int run(const Arguments& arguments) override {
    apply(model_);
    const auto lengths = numbers(lengths_, "--lengths", 1 << 20);
    const auto batches = numbers(batches_, "--batches", 1 << 12);
    const auto start = Clock::now();
    const auto model = infer::Model::load(arguments.model, model_.load);
    const double load_seconds = seconds_since(start);
    Console console(false);
    std::vector<Sample> samples;
    const double all = static_cast<double>(lengths.size() * batches.size());
    for (const std::int64_t length : lengths) {
      for (const std::int64_t batch : batches) {
        if (!fits(*model, length)) continue;
        samples.push_back(measure(*model, length, batch));
        console.progress(static_cast<double>(samples.size()) / all, samples.size());
      }
    }
    console.clear_bar();
    const std::optional<TextSample> texts =
        stream_.input.empty() ? std::nullopt : std::optional(measure_texts(arguments.model, *model));
    const Start loading{.seconds = load_seconds, .memory = peak_memory()};
    add_limits(*model, samples);
    Output("").write(json_ ? as_json(samples, texts, loading) : as_table(samples, texts, loading));
    return kDone;
  }

 private:
  static std::vector<std::int64_t> numbers(const std::vector<std::string>& words, const char* name,
                                           std::int64_t high) {
    std::vector<std::int64_t> values;
    for (const std::string& word : words) {
      std::int64_t value = 0;
      make_integer({name, "", ""}, value, {1, high}).set(word);
      values.push_back(value);
    }
    return values;
  }

  /// After everything else: the measurement of the peaks takes memory.
  static void add_limits(const infer::Model& model, std::vector<Sample>& samples) {
    const infer::MachinePeaks peaks = infer::measure_peaks(model.precision());
    for (Sample& sample : samples) {
      const std::vector<std::int64_t> lengths(static_cast<std::size_t>(sample.batch), sample.length);
      sample.least =
          infer::least_seconds(infer::encoder_work(model.info().config, lengths, model.precision()), peaks);
    }
  }

  /// False for lengths beyond a position table.
  static bool fits(const infer::Model& model, std::int64_t length) {
    try {
      model.check(sample_sequence(model.info().config, length, 1), {});
      return true;
    } catch (const UserError&) {
      return false;
    }
  }

  Sample measure(const infer::Model& model, std::int64_t length, std::int64_t batch) const {
    std::vector<infer::Sequence> sequences;
    for (std::int64_t i = 0; i < batch; ++i)
      sequences.push_back(sample_sequence(model.info().config, length, i));
    if (model.resolve(infer::Head::automatic) == infer::Head::mlm) {
      for (auto& sequence : sequences) {  // as in use: one mask a text
        sequence.mask_positions = {0};
        sequence.all_positions = false;
      }
    }
    const auto session = model.make_session();
    session->run(sequences, {});  // buffers and products are made
    Sample sample{.length = length, .batch = batch, .seconds = {}};
    const auto start = Clock::now();
    while (sample.seconds.size() < 5 || seconds_since(start) < seconds_) {
      const auto one = Clock::now();
      session->run(sequences, {});
      sample.seconds.push_back(seconds_since(one));
    }
    std::sort(sample.seconds.begin(), sample.seconds.end());
    return sample;
  }

  TextSample measure_texts(const std::string& folder, const infer::Model& model) const {
    const auto texts = read_texts(stream_.input);
    const auto tokenizer = load_tokenizer(folder, model_);
    const std::int64_t limit = text_limit(stream_);
    auto start = Clock::now();
    const auto encodings =
        tokenizer::encode_batch(*tokenizer, texts, {}, {.max_length = static_cast<std::size_t>(limit)});
    TextSample sample{
        .texts = texts.size(), .tokens = 0, .tokenize_seconds = seconds_since(start), .run_seconds = 0};
    start = Clock::now();
    const auto session = model.make_session();
    std::vector<infer::Sequence> batch;
    std::size_t tokens = 0;
    for (std::size_t i = 0; i < encodings.size(); ++i) {
      batch.push_back({.ids = encodings[i].ids, .types = encodings[i].type_ids, .mask_positions = {}});
      tokens += encodings[i].ids.size();
      const bool last = i + 1 == encodings.size();
      if (!last && tokens + encodings[i + 1].ids.size() <= static_cast<std::size_t>(stream_.batch_tokens))
        continue;
      session->run(batch, {});
      sample.tokens += std::exchange(tokens, 0);
      batch.clear();
    }
    sample.run_seconds = seconds_since(start);
    return sample;
  }

  static std::string as_table(const std::vector<Sample>& samples, const std::optional<TextSample>& texts,
                              const Start& start) {
    std::string out = fmt::format("{:>8}{:>8}{:>12}{:>12}{:>12}{:>12}{:>8}{:>8}\n", "length", "batch",
                                  "median ms", "p10 ms", "p90 ms", "tokens/s", "limit", "runs");
    for (const Sample& sample : samples) {
      out += fmt::format("{:>8}{:>8}{:>12.3f}{:>12.3f}{:>12.3f}{:>12.0f}{:>7.0f}%{:>8}\n", sample.length,
                         sample.batch, 1e3 * sample.quantile(0.5), 1e3 * sample.quantile(0.1),
                         1e3 * sample.quantile(0.9), sample.tokens_per_second(),
                         100 * sample.least / sample.quantile(0.5), sample.seconds.size());
    }
    if (texts) {
      const double seconds = texts->tokenize_seconds + texts->run_seconds;
      out += fmt::format(
          "{} texts, {} tokens: {:.1f} texts/s, {:.0f} tokens/s ({:.1f}% of the time tokenising)\n",
          texts->texts, texts->tokens, static_cast<double>(texts->texts) / seconds,
          static_cast<double>(texts->tokens) / seconds, 100 * texts->tokenize_seconds / seconds);
    }
    return out + fmt::format("load {:.1f} ms, peak memory {:.1f} MB, {} threads\n", 1e3 * start.seconds,
                             static_cast<double>(start.memory) / 1e6, threads());
  }

  static std::string as_json(const std::vector<Sample>& samples, const std::optional<TextSample>& texts,
                             const Start& start) {
    std::string out;
    JsonWriter json(out);
    json.begin_object().key("runs").begin_array();
    for (const Sample& sample : samples) {
      json.begin_object().member("length", sample.length).member("batch", sample.batch);
      json.member("median_ms", 1e3 * sample.quantile(0.5)).member("p10_ms", 1e3 * sample.quantile(0.1));
      json.member("p90_ms", 1e3 * sample.quantile(0.9))
          .member("tokens_per_second", sample.tokens_per_second())
          .member("limit_ms", 1e3 * sample.least);
      json.member("runs", sample.seconds.size()).end_object();
    }
    json.end_array();
    if (texts) {
      json.key("texts").begin_object().member("texts", texts->texts).member("tokens", texts->tokens);
      json.member("tokenize_seconds", texts->tokenize_seconds)
          .member("run_seconds", texts->run_seconds)
          .end_object();
    }
    json.member("load_ms", 1e3 * start.seconds).member("peak_memory_bytes", start.memory);
    json.member("threads", threads()).end_object();
    return out + "\n";
  }

  std::vector<std::string> lengths_ = {"16", "32", "64", "128", "256", "512"};
  std::vector<std::string> batches_ = {"1", "8"};
  double seconds_ = 0.5;
  bool json_ = false;
  ModelSettings model_;
  StreamSettings stream_;
};

}  // namespace

std::unique_ptr<Command> make_bench() {
  return std::make_unique<Bench>();
}

}  // namespace berta::cli
