#include <sys/stat.h>
#include <unistd.h>

#include "cli/commands.h"
#include "cli/console.h"
#include "cli/encode_input.h"
#include "cli/encode_run.h"
#include "cli/output.h"
#include "cli/stream.h"
#include "core/error.h"

namespace berta::cli {
namespace {

/// True for a path that can be replaced by a finished file: not for pipes and devices.
bool is_replaceable(const std::string& path) {
  struct stat facts = {};
  return ::stat(path.c_str(), &facts) != 0 || S_ISREG(facts.st_mode);
}

class Encode final : public Command {
 public:
  CommandText text() const override {
    return {
        .name = "encode",
        .summary = "tensors of ids or texts: hidden states and logits, as safetensors",
        .operands = "MODEL [TEXT...]",
        .details =
            "Input lines: {\"id\", \"input_ids\": [...], \"token_type_ids\"?, \"mask_positions\"?}, whose "
            "ids are taken as\n"
            "they are, or {\"id\", \"text\", \"text_pair\"?}, or {\"id\", \"choices\": [{\"input_ids\"...}, "
            "...]}. A line without\n"
            "id has its number. The file has, for an id a, in f32: a.last_hidden_state [L, D]; with\n"
            "--hidden-states a.hidden_states.K [L, D], K = 0 the embedding output; with --logits a.logits "
            "before\n"
            "any softmax or sigmoid: [labels] of sequences, [L, labels] of tokens, [positions, V] of masks "
            "(all\n"
            "positions unless mask_positions names some), [L] of replaced tokens, [choices]; and\n"
            "a.start_logits, a.end_logits [L] of answers. The file appears under its name when it is whole.",
        .example = "  berta encode models/sentiment \"A fine film.\" --logits --output film.safetensors",
    };
  }

  std::vector<Option> options() override {
    using infer::Head;
    using infer::MaskDecoder;
    std::vector<Option> options;
    add_input_options(options, stream_);
    options.push_back(make_switch({"--hidden-states", "", "the output of each layer"}, wants_.hidden_states));
    options.push_back(make_switch({"--logits", "", "the head's logits"}, wants_.logits));
    options.push_back(make_choice<Head>(
        "--head", "head of the logits; auto: what config.json names, else the one there is", wants_.head,
        {{"auto", Head::automatic},
         {"classification", Head::classification},
         {"token", Head::token},
         {"qa", Head::qa},
         {"choice", Head::choice},
         {"mlm", Head::mlm},
         {"rtd", Head::rtd}}));
    options.push_back(make_choice<MaskDecoder>(
        "--mlm-decoder", "how masks are decoded; auto: emd where the checkpoint has it", wants_.decoder,
        {{"auto", MaskDecoder::automatic}, {"emd", MaskDecoder::enhanced}, {"plain", MaskDecoder::plain}}));
    add_length_options(options, stream_);
    add_tokenizer_option(options, model_);
    add_model_options(options, model_);
    return options;
  }

  int run(const Arguments& arguments) override {
    apply(model_);
    wants_.batch_tokens = static_cast<std::size_t>(stream_.batch_tokens);
    if (stream_.output.empty() && ::isatty(STDOUT_FILENO) == 1) {
      throw UsageError("expected --output FILE: standard output is a terminal");
    }
    Console console(stream_.quiet);
    StreamSource source = choose_source(stream_, make_argument_records("text", arguments.texts), "text");
    const auto model = infer::Model::load(arguments.model, model_.load);
    if (wants_.logits && wants_.head == infer::Head::automatic && model->report().heads.empty()) {
      console.warn(arguments.model + ": the checkpoint has no head, so there are no logits");
    }
    auto items = read_items(arguments.model, std::move(source), *model, console);
    EncodeRun encode(*model, std::move(items), wants_);
    write(encode, console);
    return kDone;
  }

 private:
  std::vector<EncodeItem> read_items(const std::string& folder, StreamSource source,
                                     const infer::Model& model, Console& console) {
    EncodeInput input(folder, model_, stream_);
    const EncodeRun checker(model, {}, wants_);
    std::vector<EncodeItem> items;
    const Process process = [&](std::span<const Record> batch) {
      std::vector<LineResult> results(batch.size());
      for (std::size_t i = 0; i < batch.size(); ++i) {
        try {
          EncodeItem item = input.make(batch[i]);
          checker.check(item);
          items.push_back(std::move(item));
        } catch (const UserError& error) {
          results[i].error = error.what();
        }
      }
      return results;
    };
    Output nothing("");
    run_stream(std::move(source), stream_, console, nothing, process);
    if (input.truncated()) console.warn("texts were cut to --max-length");
    return items;
  }

  void write(EncodeRun& encode, Console& console) {
    const double count = static_cast<double>(encode.specs().size());
    std::uint64_t done = 0;
    const auto each = [&](const std::vector<io::TensorSpec>& order, const auto& put) {
      for (const io::TensorSpec& spec : order) {
        const std::vector<float> data = encode.take(spec.name);
        put(std::as_bytes(std::span(data)));
        ++done;
        console.progress(static_cast<double>(done) / count, done);
      }
      console.clear_bar();
    };
    const bool piped = stream_.output.empty() || stream_.output == "-" || !is_replaceable(stream_.output);
    if (!piped) {
      io::SafetensorsWriter writer(stream_.output, encode.specs());
      each(writer.order(), [&](std::span<const std::byte> bytes) { writer.write(bytes); });
      writer.finish();
      return;
    }
    Output output(stream_.output);
    output.write(io::safetensors_header(encode.specs(), {}));
    each(encode.specs(), [&](std::span<const std::byte> bytes) { output.write(bytes); });
    output.close();
  }

  ModelSettings model_;
  StreamSettings stream_;
  EncodeWants wants_;
};

}  // namespace

std::unique_ptr<Command> make_encode() {
  return std::make_unique<Encode>();
}

}  // namespace berta::cli
