#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/common_options.h"
#include "cli/console.h"
#include "cli/usage_error.h"
#include "infer/prepare.h"

namespace berta::cli {
namespace {

class Quantize final : public Command {
 public:
  CommandText text() const override {
    return {
        .name = "quantize",
        .summary = "a folder with weights prepared for one type, which loads at once",
        .operands = "MODEL",
        .details =
            "Writes a folder with the weights rounded to --dtype and packed as the products read them, and "
            "with\n"
            "the projected position tables; config and tokenizer are copied. Every command takes that folder "
            "as\n"
            "MODEL: it maps the file and computes, with the same answers as --dtype gives on the original. "
            "--dtype\n"
            "f32 rounds nothing and only prepares. --tables f16 halves the embedding tables of the file, at "
            "the\n"
            "price of differences in the last bits. --calibrate FILE runs the texts of FILE and leaves in "
            "bf16 "
            "what\n"
            "int8 would spoil, as it can where a model has outliers.",
        .example = "  berta quantize models/sentiment --dtype int8 --output sentiment-int8",
    };
  }

  std::vector<Option> options() override {
    using infer::Precision;
    using infer::TableType;
    std::vector<Option> options;
    options.push_back(make_text({"--output", "FOLDER", "where to write; made if it is not there"}, output_));
    options.push_back(make_choice<Precision>(
        "--dtype", "type of weights and of the inputs of products", options_.precision,
        {{"int8", Precision::int8}, {"bf16", Precision::bf16}, {"f32", Precision::f32}}));
    options.push_back(make_choice<TableType>("--tables", "type of the embedding tables", options_.tables,
                                             {{"keep", TableType::keep}, {"f16", TableType::f16}}));
    options.push_back(
        make_text({"--calibrate", "FILE", "texts like those that the model will see"}, stream_.input));
    options.push_back(make_number(
        {"--max-error", "X", "largest loss of an int8 product, as a part of what differs between tokens"},
        options_.largest_error, 0, 1));
    options.push_back(make_integer({"--max-length", "N", "tokens of a text of --calibrate; 0: 512"},
                                   stream_.max_length, {0, 1 << 24}));
    add_tokenizer_option(options, model_);
    options.push_back(make_switch({"--quiet", "", "no report"}, quiet_));
    add_thread_option(options, model_);
    return options;
  }

  int run(const Arguments& arguments) override {
    apply(model_);
    if (output_.empty()) throw UsageError("expected --output FOLDER");
    if (!stream_.input.empty()) options_.calibration = read_calibration(arguments.model);
    const infer::PrepareReport report = infer::prepare(arguments.model, output_, options_);
    if (quiet_) return kDone;
    Console console;
    report_calibration(console, report);
    console.say(fmt::format("{}: {:.1f} MB, of {:.1f} MB", report.file,
                            static_cast<double>(report.bytes_written) / 1e6,
                            static_cast<double>(report.bytes_read) / 1e6));
    return kDone;
  }

 private:
  std::vector<infer::Sequence> read_calibration(const std::string& model) const {
    if (options_.precision != infer::Precision::int8) {
      throw UsageError("--calibrate: expected --dtype int8, whose rounding it measures");
    }
    const std::vector<std::string> texts = read_texts(stream_.input);
    const auto tokenizer = load_tokenizer(model, model_);
    std::vector<infer::Sequence> sequences;
    for (const auto& encoding : tokenizer::encode_batch(
             *tokenizer, texts, {}, {.max_length = static_cast<std::size_t>(text_limit(stream_))})) {
      sequences.push_back({.ids = encoding.ids, .types = encoding.type_ids, .mask_positions = {}});
    }
    return sequences;
  }

  void report_calibration(Console& console, const infer::PrepareReport& report) const {
    if (options_.calibration.empty()) return;
    console.say(fmt::format("int8 products lose at most {:.3f} on {} texts; {} matrices stay bf16",
                            report.worst_error, options_.calibration.size(), report.kept.size()));
    for (const infer::KeptMatrix& matrix : report.kept) {
      console.say(fmt::format("  {} would lose {:.3f}", matrix.name, matrix.error));
    }
  }

  ModelSettings model_;
  StreamSettings stream_;
  infer::PrepareOptions options_;
  std::string output_;
  bool quiet_ = false;
};

}  // namespace

std::unique_ptr<Command> make_quantize() {
  return std::make_unique<Quantize>();
}

}  // namespace berta::cli
