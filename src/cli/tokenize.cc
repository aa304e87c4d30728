#include "cli/commands.h"
#include "cli/encode_input.h"
#include "cli/json_writer.h"
#include "cli/stream.h"
#include "core/error.h"
#include "core/parallel.h"

namespace berta::cli {
namespace {

void write_encoding(std::string& out, const Record& record, const tokenizer::Encoding& encoding,
                    const tokenizer::Tokenizer& tokenizer, bool with_types) {
  JsonWriter json(out);
  json.begin_object();
  if (const std::string id = record.id_json(); !id.empty()) json.key("id").raw(id);
  json.key("input_ids").begin_array();
  for (const std::int32_t id : encoding.ids) json.value(id);
  json.end_array();
  if (with_types) {
    json.key("token_type_ids").begin_array();
    for (const std::int32_t type : encoding.type_ids) json.value(type);
    json.end_array();
  }
  json.key("tokens").begin_array();
  for (const std::int32_t id : encoding.ids) json.value(tokenizer.token(id));
  json.end_array();
  json.key("offsets").begin_array();
  for (const tokenizer::Offset offset : encoding.offsets) {
    json.begin_array().value(offset.begin).value(offset.end).end_array();
  }
  json.end_array().end_object();
}

class Tokenize final : public Command {
 public:
  CommandText text() const override {
    return {
        .name = "tokenize",
        .summary = "ids, tokens and offsets of texts",
        .operands = "MODEL [TEXT...]",
        .details =
            "Input lines: texts, or {\"id\"?, \"text\", \"text_pair\"?}. Output: {\"id\", \"input_ids\", "
            "\"tokens\",\n"
            "\"offsets\"}; offsets are code points of the text, half-open, [0, 0] for specials that were "
            "added. Pairs\n"
            "also have \"token_type_ids\". The folder needs only the tokenizer's files. With "
            "--tokenizer-mode spm\n"
            "no specials are added unless --special asks for them.",
        .example = "  berta tokenize models/sentiment \"A fine film.\"",
    };
  }

  std::vector<Option> options() override {
    std::vector<Option> options;
    add_input_options(options, stream_);
    add_length_options(options, stream_);
    add_tokenizer_option(options, model_);
    options.push_back(make_switch({"--special", "", "add specials also in mode spm"}, special_));
    options.push_back(make_switch({"--no-special", "", "add no specials"}, no_special_));
    add_thread_option(options, model_);
    return options;
  }

  int run(const Arguments& arguments) override {
    if (special_ && no_special_) throw UsageError("expected --special or --no-special, found both");
    apply(model_);
    Console console(stream_.quiet);
    StreamSource source = choose_source(stream_, make_argument_records("text", arguments.texts), "text");
    const auto tokenizer = load_tokenizer(arguments.model, model_);
    auto options = encode_options(stream_);
    options.add_special_tokens = special_ || (!no_special_ && model_.tokenizer_mode != tokenizer::Mode::spm);
    // Tokenising is much cheaper than running a model: larger pieces keep all threads at work.
    stream_.batch_tokens *= kLines;
    Output output(stream_.output);
    const int status =
        run_stream(std::move(source), stream_, console, output,
                   [&](std::span<const Record> records) { return process(records, *tokenizer, options); });
    output.close();
    return status;
  }

 private:
  static constexpr std::int64_t kLines = 16;

  static std::vector<LineResult> process(std::span<const Record> records,
                                         const tokenizer::Tokenizer& tokenizer,
                                         const tokenizer::EncodeOptions& options) {
    std::vector<LineResult> results(records.size());
    parallel_each(records.size(), [&](std::size_t i) {
      LineResult& result = results[i];
      try {
        const std::string& text = records[i].text("text");
        const auto pair = records[i].find_text("text_pair");
        try {
          const auto encoding = pair ? tokenizer.encode_pair(text, *pair, options, &result.truncated)
                                     : tokenizer.encode(text, options, &result.truncated);
          write_encoding(result.lines, records[i], encoding, tokenizer, pair.has_value());
        } catch (const UserError& error) {
          throw UserError(records[i].where + ": " + error.what());
        }
      } catch (const UserError& error) {
        result.error = error.what();
      }
    });
    return results;
  }

  ModelSettings model_;
  StreamSettings stream_;
  bool special_ = false;
  bool no_special_ = false;
};

}  // namespace

std::unique_ptr<Command> make_tokenize() {
  return std::make_unique<Tokenize>();
}

}  // namespace berta::cli
