#include <fmt/format.h>

#include "cli/common_options.h"
#include "cli/console.h"
#include "cli/json_writer.h"
#include "cli/output.h"
#include "cli/wordvec_commands.h"
#include "wordvec/probe.h"
#include "wordvec/text_lines.h"
#include "wordvec/vectors_file.h"

namespace berta::cli {
namespace {

class WordvecProbe final : public Command {
 public:
  CommandText text() const override {
    return {
        .name = "wordvec probe",
        .summary = "accuracy of a linear classifier on the means of texts' word vectors",
        .operands = "VECTORS",
        .details =
            "Trains multinomial logistic regression (L-BFGS in double, to convergence; the same answer each "
            "time) on\n"
            "the texts of --task, and labels those of --dev, or without --dev a tenth of --task that is "
            "held out.\n"
            "Files are tables with tabs, may be gzipped, and have one text and its label a line. Features: "
            "the mean\n"
            "of the words' vectors, shifted and scaled to variance 1 over the training texts. The loss is "
            "the mean of\n"
            "-log p(label) plus --l2 / 2 times the sum of the squared weights.",
        .example =
            "  berta wordvec probe vectors.txt --task sst2/train.tsv.gz --dev sst2/dev.tsv.gz\n"
            "  {\"train\": {\"file\": \"sst2/train.tsv.gz\", \"texts\": 6920, \"accuracy\": 0.79, ...}, "
            "\"dev\": {...}, ...}",
    };
  }

  std::vector<Option> options() override {
    using enum wordvec::Header;
    std::vector<Option> options;
    options.push_back(make_text({"--task", "FILE", "texts with labels to train on"}, task_));
    options.push_back(make_text({"--dev", "FILE", "texts with labels to test on"}, dev_));
    options.push_back(
        make_text({"--label-column", "C", "number from 1, or name; else the column \"label\", else 1"},
                  columns_.label));
    options.push_back(
        make_text({"--text-column", "C", "number from 1, or name; else \"text\" or \"sentence\", else 2"},
                  columns_.text));
    options.push_back(make_choice<wordvec::Header>(
        "--header", "whether the first line has names; auto: if a name is asked for, or one is \"label\"",
        columns_.header, {{"auto", automatic}, {"yes", yes}, {"no", no}}));
    options.push_back(
        make_number({"--l2", "X", "weight of the squares of the weights"}, options_.l2, 0, 1e6));
    options.push_back(make_integer({"--seed", "N", "chooses what is held out without --dev"}, seed_));
    options.push_back(make_switch({"--lowercase", "", "A to Z of the texts as a to z"}, options_.lowercase));
    options.push_back(make_switch({"--quiet", "", "no warnings"}, quiet_));
    add_thread_option(options, model_);
    return options;
  }

  int run(const Arguments& arguments) override {
    apply(model_);
    if (task_.empty()) throw UsageError("expected --task FILE");
    wordvec::LabelledSet train = read(task_);
    const wordvec::LabelledSet dev =
        dev_.empty() ? wordvec::hold_out(train, static_cast<std::uint64_t>(seed_)) : read(dev_);
    const wordvec::WordVectors vectors = wordvec::read_vectors(arguments.model);
    const wordvec::ProbeReport report = wordvec::probe(vectors, train, dev, options_);
    if (!report.fit.converged) {
      Console(quiet_).warn(
          fmt::format("the training stopped after {} steps with a gradient of {:.1e}; a larger --l2 helps",
                      report.fit.steps, report.fit.gradient));
    }
    Output("").write(as_json(report, train.name, dev.name));
    return kDone;
  }

 private:
  wordvec::LabelledSet read(const std::string& file) const {
    io::LineReader lines = wordvec::open_lines(file);
    return {.name = file, .texts = wordvec::read_labelled(lines, columns_)};
  }

  static void write_score(JsonWriter& json, const std::string& file, const wordvec::ProbeScore& score) {
    json.begin_object()
        .member("file", file)
        .member("texts", score.texts)
        .member("correct", score.correct)
        .member("accuracy", score.accuracy())
        .member("words", score.words.known + score.words.unknown)
        .member("unknown_words", score.words.unknown)
        .end_object();
  }

  std::string as_json(const wordvec::ProbeReport& report, const std::string& train,
                      const std::string& dev) const {
    std::string out;
    JsonWriter json(out);
    json.begin_object().key("train");
    write_score(json, train, report.train);
    json.key("dev");
    write_score(json, dev, report.dev);
    json.key("labels").begin_array();
    for (const std::string& label : report.labels) json.value(label);
    json.end_array()
        .member("l2", options_.l2)
        .member("loss", report.fit.loss)
        .member("gradient", report.fit.gradient)
        .member("steps", report.fit.steps)
        .member("converged", report.fit.converged)
        .end_object();
    return out + "\n";
  }

  ModelSettings model_;
  wordvec::TableColumns columns_;
  wordvec::ProbeOptions options_;
  std::string task_;
  std::string dev_;
  std::int64_t seed_ = 1;
  bool quiet_ = false;
};

}  // namespace

std::unique_ptr<Command> make_wordvec_probe() {
  return std::make_unique<WordvecProbe>();
}

}  // namespace berta::cli
