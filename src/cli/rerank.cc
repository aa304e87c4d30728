#include "tasks/rerank.h"

#include "cli/commands.h"
#include "cli/task_command.h"

namespace berta::cli {
namespace {

class Rerank final : public TaskCommand {
 public:
  CommandText text() const override {
    return {
        .name = "rerank",
        .summary = "documents by their relevance to a query",
        .operands = "MODEL [QUERY DOCUMENT...]",
        .details =
            "Input lines: {\"query\", \"documents\": [...]}. Output, like rank of sentence-transformers' "
            "CrossEncoder:\n"
            "[{\"corpus_id\", \"score\"}], best first; corpus_id counts the documents from 0. {\"id\", "
            "\"output\"} for a\n"
            "line that has an id.",
        .example =
            "  berta rerank MODEL \"capital of France\" \"Paris is a city.\" \"Bread is baked.\"\n"
            "  [{\"corpus_id\": 0, \"score\": 0.93}, {\"corpus_id\": 1, \"score\": 0.0004}]",
    };
  }

 protected:
  void add_task_options(std::vector<Option>& options) override {
    using enum ScoreFunction;
    options.push_back(
        make_integer({"--top-k", "N", "documents of a query, best first; 0: all"}, top_k_, {0, 1 << 30}));
    options.push_back(
        make_switch({"--return-documents", "", "also print each document's \"text\""}, return_documents_));
    options.push_back(make_choice<ScoreFunction>(
        "--function", "scores from logits; auto: what config.json names, else sigmoid", options_.function,
        {{"auto", automatic}, {"sigmoid", sigmoid}, {"none", none}}));
  }

  std::string main_field() const override { return ""; }

  std::vector<Record> operand_records(const std::vector<std::string>& texts) const override {
    if (texts.empty()) return {};
    if (texts.size() == 1) throw UsageError("expected a QUERY and at least one DOCUMENT, found one text");
    make_argument_records("text", texts);  // checks them
    io::Json::Array documents;
    for (std::size_t i = 1; i < texts.size(); ++i) documents.emplace_back(texts[i]);
    io::Json::Object object;
    object.emplace_back("query", io::Json(texts.front()));
    object.emplace_back("documents", io::Json(std::move(documents)));
    std::vector<Record> records;
    records.push_back({.json = io::Json(std::move(object)), .where = "arguments", .number = 1});
    return records;
  }

  Process make_process(const tasks::Runtime& runtime, const Output&) override {
    options_.top_k = static_cast<std::size_t>(top_k_);
    return make_task_process<RerankInput, Ranking>({
        .read =
            [](const Record& record) {
              return RerankInput{.query = record.text("query"), .documents = record.texts("documents")};
            },
        .run = [task = tasks::Reranker(runtime), options = options_](
                   std::span<const RerankInput> inputs) { return task.run(inputs, options); },
        .write =
            [this](const Record& record, const Ranking& result) {
              return with_id(record, [&](JsonWriter& json) { write(json, record, result); });
            },
    });
  }

 private:
  void write(JsonWriter& json, const Record& record, const Ranking& result) const {
    std::vector<std::string> documents;
    if (return_documents_) documents = record.texts("documents");
    json.begin_array();
    for (const RankedDocument& document : result.documents) {
      json.begin_object().member("corpus_id", document.index).member("score", document.score);
      if (return_documents_) json.member("text", documents[document.index]);
      json.end_object();
    }
    json.end_array();
  }

  RerankOptions options_;
  std::int64_t top_k_ = 0;
  bool return_documents_ = false;
};

}  // namespace

std::unique_ptr<Command> make_rerank() {
  return std::make_unique<Rerank>();
}

}  // namespace berta::cli
