#include <fmt/format.h>

#include "cli/console.h"
#include "cli/corpus_commands.h"
#include "cli/json_writer.h"
#include "cli/output.h"
#include "corpus/token_corpus.h"

namespace berta::cli {
namespace {

using corpus::CorpusFacts;
using corpus::Split;

std::string facts_json(const CorpusFacts& facts) {
  std::string out;
  JsonWriter json(out);
  json.begin_object().key("tokenizer").begin_object();
  json.member("description", facts.tokenizer).member("fingerprint", facts.tokenizer_fingerprint);
  json.member("vocabulary_size", facts.vocabulary_size).end_object();
  json.member("dtype", facts.token_bytes() == 2 ? "u16" : "u32");
  json.member("lines", facts.lines).member("bytes", facts.bytes);
  json.member("document", name_of(facts.document)).member("held_out", facts.held_out);
  json.key("splits").begin_object();
  for (const Split split : corpus::kSplits) {
    const corpus::SplitFacts& part = facts.split(split);
    json.key(name_of(split)).begin_object();
    json.member("tokens", part.tokens()).member("documents", part.documents());
    json.member("shards", part.shards.size()).end_object();
  }
  json.end_object().end_object();
  return out + "\n";
}

class CorpusCheck final : public Command {
 public:
  CommandText text() const override {
    return {
        .name = "corpus check",
        .summary = "read a prepared corpus through: checksums, ids, documents",
        .operands = "FOLDER",
        .details =
            "Prints what the corpus holds as a JSON object; where something is damaged, says which file "
            "and ends\n"
            "with status 1.",
        .example = "  berta corpus check novels",
    };
  }

  std::vector<Option> options() override {
    std::vector<Option> options;
    options.push_back(make_switch({"--quiet", "", "no progress"}, quiet_));
    return options;
  }

  int run(const Arguments& arguments) override {
    Console console(quiet_);
    CorpusFacts facts;
    for (const Split split : corpus::kSplits) {
      const corpus::TokenCorpus corpus(arguments.model, split);
      corpus.verify([&](double fraction) {
        console.progress(fraction, [&](double) { return std::string(name_of(split)); });
        return true;
      });
      facts = corpus.facts();
    }
    console.clear_bar();
    Output("").write(facts_json(facts));
    return kDone;
  }

 private:
  bool quiet_ = false;
};

}  // namespace

std::unique_ptr<Command> make_corpus_check() {
  return std::make_unique<CorpusCheck>();
}

}  // namespace berta::cli
