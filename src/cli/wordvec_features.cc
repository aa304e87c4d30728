#include "cli/stream.h"
#include "cli/task_command.h"
#include "cli/wordvec_commands.h"
#include "core/parallel.h"
#include "io/safetensors.h"
#include "wordvec/text_mean.h"
#include "wordvec/vectors_file.h"
#include "wordvec/word_lookup.h"

namespace berta::cli {
namespace {

enum class FeatureFormat : std::uint8_t { json_lines, tsv, safetensors };

FeatureFormat format_of_output(const std::string& path) {
  if (path.ends_with(".tsv")) return FeatureFormat::tsv;
  if (path.ends_with(".safetensors")) return FeatureFormat::safetensors;
  return FeatureFormat::json_lines;
}

class WordvecFeatures final : public Command {
 public:
  CommandText text() const override {
    return {
        .name = "wordvec features",
        .summary = "one vector a text: the mean of its words' vectors",
        .operands = "VECTORS [TEXT...]",
        .details =
            "Input lines: texts, or {\"text\"}. Words are the bytes between blanks; those without a vector "
            "are left\n"
            "out, and a text of no others gives zeros. Output: [NUMBER, ...] a line, {\"id\", \"output\"} "
            "for "
            "a line\n"
            "that has an id; where --output ends with .tsv, the numbers between tabs; with .safetensors, a "
            "tensor\n"
            "\"features\" [texts, dimension] in f32, for which all are kept in memory.",
        .example = "  berta wordvec features vectors.txt --input texts.txt --output features.safetensors",
    };
  }

  std::vector<Option> options() override {
    std::vector<Option> options;
    options.push_back(make_switch({"--lowercase", "", "A to Z of the texts as a to z"}, lowercase_));
    add_input_options(options, stream_);
    add_thread_option(options, model_);
    return options;
  }

  int run(const Arguments& arguments) override {
    apply(model_);
    format_ = format_of_output(stream_.output);
    Console console(stream_.quiet);
    StreamSource source = choose_source(stream_, make_argument_records("text", arguments.texts), "text");
    const wordvec::WordVectors vectors = wordvec::read_vectors(arguments.model);
    // A file of tensors is written when their number is known.
    Output output(format_ == FeatureFormat::safetensors ? "" : stream_.output);
    const int status = run_stream(std::move(source), stream_, console, output,
                                  [&](std::span<const Record> records) { return process(vectors, records); });
    if (format_ == FeatureFormat::safetensors) write_tensor(vectors.dimension());
    output.close();
    return status;
  }

 private:
  std::vector<LineResult> process(const wordvec::WordVectors& vectors, std::span<const Record> records) {
    std::vector<LineResult> results(records.size());
    std::vector<std::vector<float>> rows(records.size());
    parallel_for(records.size(), 16, [&](std::size_t begin, std::size_t end) {
      for (std::size_t i = begin; i < end; ++i) {
        try {
          rows[i] = mean(vectors, records[i].text("text"));
          if (format_ != FeatureFormat::safetensors) results[i].lines = line(records[i], rows[i]);
        } catch (const UserError& error) {
          results[i].error = error.what();
        }
      }
    });
    if (format_ == FeatureFormat::safetensors) {
      for (const auto& row : rows) kept_.insert(kept_.end(), row.begin(), row.end());
    }
    return results;
  }

  std::vector<float> mean(const wordvec::WordVectors& vectors, const std::string& text) const {
    std::vector<double> sums(vectors.dimension());
    mean_of_words(vectors, lowercase_ ? wordvec::lower_case(text) : text, sums);
    std::vector<float> row;
    row.reserve(sums.size());
    for (const double value : sums) row.push_back(static_cast<float>(value));
    return row;
  }

  std::string line(const Record& record, const std::vector<float>& row) const {
    if (format_ == FeatureFormat::tsv) {
      std::string text;
      for (const float value : row) {
        if (!text.empty()) text += '\t';
        io::append_json_number(text, value);
      }
      return text;
    }
    return with_id(record, [&](JsonWriter& json) {
      json.begin_array();
      for (const float value : row) json.value(value);
      json.end_array();
    });
  }

  void write_tensor(std::size_t dimension) const {
    const auto columns = static_cast<std::int64_t>(dimension);
    const auto rows = dimension == 0 ? 0 : static_cast<std::int64_t>(kept_.size() / dimension);
    io::SafetensorsWriter writer(stream_.output,
                                 {{.name = "features", .dtype = DType::f32, .shape = {rows, columns}}});
    writer.write(std::as_bytes(std::span(kept_)));
    writer.finish();
  }

  ModelSettings model_;
  StreamSettings stream_;
  bool lowercase_ = false;
  FeatureFormat format_ = FeatureFormat::json_lines;
  std::vector<float> kept_;  ///< rows for a file of tensors
};

}  // namespace

std::unique_ptr<Command> make_wordvec_features() {
  return std::make_unique<WordvecFeatures>();
}

}  // namespace berta::cli
