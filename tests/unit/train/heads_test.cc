// Heads of rows and sequences: entities, choices, pairs. Questions have answer_head_test.cc.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "head_data.h"
#include "models.h"
#include "train/ops/row_groups.h"

namespace berta::train {
namespace {

using metrics::value_of;
using testing::cross_entropy;
using ::testing::ElementsAre;
using testing::figures_of;
using ::testing::HasSubstr;
using testing::HeadData;
using testing::pointers;
using testing::rows_of;
using testing::some_logits;

using Labels = std::vector<std::int64_t>;

// Two characters of Chinese, which become the mark of a word's beginning and [UNK]; a word of many pieces; a
// word without any.
const std::string kWords =
    "Hello O\n\xe4\xbd\xa0\xe5\xa5\xbd B-PER\nW\xc3\xb6rld I-PER\n\xe2\x80\x8b B-LOC\nok O\n\nA B-LOC\n";

TEST(TokenHead, FirstTokensOfWordsCarryTheLabels) {
  HeadData data(Task::token);
  data.train("a.conll", kWords);
  const auto head = data.make();
  EXPECT_THAT(head->labels(), ElementsAre("B-LOC", "B-PER", "I-PER", "O"));
  ASSERT_EQ(head->train().size(), 2u);
  // [CLS] _He llo | _ [UNK] | _W [UNK] r ld | _ ok [SEP]
  EXPECT_EQ(head->train()[0].token_labels,
            (Labels{-100, 3, -100, 1, -100, 2, -100, -100, -100, 3, -100, -100}));
  EXPECT_EQ(head->train()[0].sequences[0].ids.size(), 12u);
  EXPECT_EQ(head->train()[1].token_labels, (Labels{-100, 0, -100}));
  EXPECT_TRUE(head->dev().empty());
  EXPECT_FALSE(head->heads().token_projection);
  data.settings.token_projection = true;
  EXPECT_TRUE(data.make()->heads().token_projection);
}

TEST(TokenHead, LossIsOfLabelledRows) {
  HeadData data(Task::token);
  data.train("a.conll", kWords);
  const auto head = data.make();
  const at::Tensor logits = some_logits(rows_of(head->train()), 4);
  const auto x = logits.accessor<double, 2>();
  double sum = 0;
  const std::vector<std::pair<std::int64_t, std::size_t>> labelled{{1, 3}, {3, 1}, {5, 2}, {9, 3}, {13, 0}};
  for (const auto& [row, label] : labelled)
    sum += cross_entropy({x[row][0], x[row][1], x[row][2], x[row][3]}, label);
  const auto all = pointers(head->train());
  EXPECT_NEAR(head->loss(logits, all).item<double>(), sum / 5, 1e-12);
  const at::Tensor compared = head->distributions(logits, all);
  EXPECT_TRUE(compared.equal(logits.index_select(0, at::tensor(Labels{1, 3, 5, 9, 13}))));
}

TEST(TokenHead, NothingToLearnIsNoNaN) {
  HeadData data(Task::token);
  data.train("a.conll", "\xe2\x80\x8b O\n");
  const auto head = data.make();
  const at::Tensor logits = some_logits(rows_of(head->train()), 1).requires_grad_(true);
  const at::Tensor loss = head->loss(logits, pointers(head->train()));
  EXPECT_EQ(loss.item<double>(), 0);
  loss.backward();
  EXPECT_TRUE(logits.grad().equal(at::zeros_like(logits)));
}

TEST(TokenHead, Figures) {
  HeadData data(Task::token);
  data.settings.word_prefix = "en:";
  data.settings.max_length = 8;  // [CLS], 6 pieces, [SEP]
  data.train("a.conll", kWords);
  data.dev_gzip("b.conll.gz", "en:the O\nen:film B-PER\nen:is I-PER\n\nen:the B-LOC\nen:bad O\n");
  // Its last word is cut off.
  data.dev("c.jsonl", R"({"tokens": ["the", "film", "is", "good", "the", "film", "bad"], )"
                      R"("ner_tags": ["O", "O", "O", "O", "O", "O", "B-LOC"]})");
  const auto head = data.make();
  ASSERT_EQ(head->dev().size(), 3u);
  EXPECT_EQ(head->dev()[0].token_labels, (Labels{-100, 3, 1, 2, -100}));
  at::Tensor logits = at::zeros({rows_of(head->dev()), 4});
  const std::vector<const Example*> all = pointers(head->dev());
  std::int64_t row = 0;
  for (const Example* example : all) {
    for (const std::int64_t label : example->token_labels) logits[row++][label < 0 ? 1 : label] = 5;
  }
  metrics::Metrics figures = figures_of(*head, logits, 1, 5);
  EXPECT_EQ(value_of(figures, "precision"), 1);
  EXPECT_DOUBLE_EQ(value_of(figures, "recall"), 2.0 / 3);
  EXPECT_DOUBLE_EQ(value_of(figures, "f1"), 0.8);
  EXPECT_DOUBLE_EQ(value_of(figures, "accuracy"), 11.0 / 12);
  EXPECT_EQ(value_of(figures, "PER_f1"), 1);
  EXPECT_EQ(value_of(figures, head->main_metric()), value_of(figures, "f1"));
  logits[3] = 0;
  logits[3][3] = 1;  // "is" is out of the person: PER is wrong
  figures = figures_of(*head, logits, 1, 5);
  EXPECT_EQ(value_of(figures, "PER_f1"), 0);
  EXPECT_DOUBLE_EQ(value_of(figures, "precision"), 0.5);
  EXPECT_DOUBLE_EQ(value_of(figures, "recall"), 1.0 / 3);
}

TEST(TokenHead, ErrorsSayWhere) {
  HeadData data(Task::token);
  data.train("a.conll", "word O\nalone\n");
  EXPECT_THAT(data.refusal(), HasSubstr("a.conll: line 2: expected a word and a tag"));
  data = HeadData(Task::token);
  data.train("a.conll", kWords);
  data.dev("b.conll", "a O\n\nb O\n\nc B-ORG\n");
  EXPECT_THAT(data.refusal(), HasSubstr("b.conll: sample 3: label \"B-ORG\": expected one of \"B-LOC\""));
  data.settings.labels = {"O", "B-ORG", "B-LOC", "B-PER", "I-PER"};
  EXPECT_EQ(data.make()->labels(), data.settings.labels);
}

// Of three and of two choices.
const std::string kChoices =
    R"({"context": "The film.", "question": "It was", "choices": ["good", "bad", "on sale"], "label": 1})"
    "\n"
    R"({"question": "The story", "choices": ["is", "was bad"], "label": "A"})"
    "\n"
    R"({"context": "The cast", "choices": ["a", "b"], "answer": "b"})"
    "\n";

TEST(ChoiceHead, PairsOfContextAndQuestionWithChoice) {
  HeadData data(Task::choice);
  data.train("a.jsonl", kChoices);
  const auto head = data.make();
  const std::vector<Example>& examples = head->train();
  ASSERT_EQ(examples.size(), 3u);
  const auto ids = [](const std::string& text, const std::string& pair) {
    return HeadData::tokenizer().encode_pair(text, pair, {}).ids;
  };
  ASSERT_EQ(examples[0].sequences.size(), 3u);
  EXPECT_EQ(examples[0].sequences[2].ids, ids("The film.", "It was on sale"));
  ASSERT_EQ(examples[1].sequences.size(), 2u);
  EXPECT_EQ(examples[1].sequences[1].ids, ids("The story", "was bad"));
  EXPECT_EQ(examples[2].sequences[0].ids, ids("The cast", "a"));
  EXPECT_THAT((Labels{examples[0].label, examples[1].label, examples[2].label}), ElementsAre(1, 0, 1));
  EXPECT_EQ(head->labels().size(), 1u);
}

TEST(ChoiceHead, LossAndFiguresAreOverTheChoicesOfAQuestion) {
  HeadData data(Task::choice);
  data.train("a.jsonl", kChoices);
  data.dev_gzip("b.jsonl.gz", kChoices);
  const auto head = data.make();
  const at::Tensor logits = at::tensor({0.5, -1.0, 2.0, 3.0, 1.0, -0.5, 0.25}, at::kDouble).unsqueeze(1);
  const auto all = pointers(head->train());
  const double each[] = {cross_entropy({0.5, -1, 2}, 1), cross_entropy({3, 1}, 0),
                         cross_entropy({-0.5, 0.25}, 1)};
  EXPECT_NEAR(head->loss(logits, all).item<double>(), (each[0] + each[1] + each[2]) / 3, 1e-12);
  EXPECT_NEAR(value_of(figures_of(*head, logits, 1, 3), "accuracy"), 2.0 / 3, 1e-12);
  EXPECT_EQ(value_of(figures_of(*head, -logits, 2, 5), head->main_metric()), 1.0 / 3);
  // The absent third choice changes no divergence, nor its gradient.
  const at::Tensor rows = head->distributions(logits.clone().requires_grad_(true), all);
  EXPECT_EQ(rows.sizes(), (std::vector<std::int64_t>{3, 3}));
  const at::Tensor p = at::softmax(rows, 1);
  EXPECT_EQ(p[1][2].item<double>(), 0);
  EXPECT_TRUE((p * at::log_softmax(rows, 1)).sum().isfinite().item<bool>());
  // Smoothing is over a question's own choices.
  data.settings.label_smoothing = 0.1;
  const double smooth = 0.9 * each[1] + 0.1 * (each[1] + cross_entropy({3, 1}, 1)) / 2;
  EXPECT_NEAR(head->loss(logits.narrow(0, 3, 2), Examples(all).subspan(1, 1)).item<double>(), smooth, 1e-12);
  data.settings.label_smoothing = 0;
  data.settings.focal_gamma = 2;
  const double focal = std::pow(1 - std::exp(-each[1]), 2) * each[1];
  EXPECT_NEAR(head->loss(logits.narrow(0, 3, 2), Examples(all).subspan(1, 1)).item<double>(), focal, 1e-12);
}

TEST(ChoiceHead, ErrorsSayWhere) {
  HeadData data(Task::choice);
  data.train("a.jsonl", kChoices + R"({"question": "q", "choices": ["a", "b"], "label": 2})");
  EXPECT_THAT(data.refusal(), HasSubstr("a.jsonl: line 4: key 'label'"));
}

TEST(TextHead, ReadsSplitsAndScores) {
  HeadData data(Task::classification);
  data.train("a.tsv", "text\tlabel\ngood\tyes\nbad\tno\n");
  data.train("b.tsv", "text\tlabel\nthe film\tyes\n");
  data.dev_gzip("c.tsv.gz", "text\tlabel\nsale\tno\nbad\tyes\n");
  const auto head = data.make();
  EXPECT_THAT(head->labels(), ElementsAre("no", "yes"));
  ASSERT_EQ(head->train().size(), 3u);
  EXPECT_EQ(head->train()[2].sequences[0].ids, HeadData::tokenizer().encode("the film", {}).ids);
  ASSERT_EQ(head->dev().size(), 2u);
  EXPECT_EQ(head->dev()[0].source, 3u);
  const at::Tensor logits = at::tensor({1.0, 0.0, 0.5, -0.5}, at::kDouble).view({2, 2});
  EXPECT_EQ(value_of(figures_of(*head, logits, 1, 1), "accuracy"), 0.5);
  const double each[] = {cross_entropy({1, 0}, 0), cross_entropy({0.5, -0.5}, 1)};
  EXPECT_NEAR(head->loss(logits, pointers(head->dev())).item<double>(), (each[0] + each[1]) / 2, 1e-12);
  data.dev("d.tsv", "text\tlabel\na\tyes\na\tperhaps\n");
  EXPECT_THAT(data.refusal(), HasSubstr("d.tsv: sample 2: label \"perhaps\": expected one of"));
}

TEST(Heads, RunThroughAModel) {
  const std::string squad = R"({"data": [{"paragraphs": [{"context": "A cat sat.", "qas": [
    {"id": "1", "question": "Who?", "answers": [{"text": "cat", "answer_start": 2}]}]}]}]})";
  const std::vector<std::tuple<Task, std::string, std::string>> cases{
      {Task::token, "a.conll", kWords},
      {Task::choice, "a.jsonl", kChoices},
      {Task::answer, "a.json", squad},
      {Task::rerank, "a.tsv", "query\tdocument\tscore\na\tb\t0.5\na\tc\t1\n"},
      {Task::rerank, "a.jsonl", R"({"query": "q", "positives": ["a", "b"], "negatives": ["c"]})"},
      {Task::reward, "a.jsonl", R"({"chosen": "good", "rejected": "bad"})"}};
  for (const auto& [task, name, content] : cases) {
    HeadData data(task);
    data.train(name, content);
    data.dev("dev-" + name, content);
    const auto head = data.make();
    const TrainModel model = testing::small_model(
        R"({"model_type": "deberta-v2", "hidden_size": 12, "num_hidden_layers": 1, "num_attention_heads": 2,
            "intermediate_size": 20, "relative_attention": true, "pos_att_type": "c2p|p2c", "vocab_size": )" +
            std::to_string(HeadData::tokenizer().size()) +
            ", \"num_labels\": " + std::to_string(head->labels().size()) + "}",
        {.heads = head->heads(), .type = at::kFloat});
    const auto all = pointers(head->train());
    const Batch batch = make_batch(all, model.info.config);
    Forward forward(model, {}, batch);
    const at::Tensor logits = head->logits(forward);
    const at::Tensor loss = head->loss(logits, all);
    EXPECT_TRUE(loss.isfinite().item<bool>()) << name;
    EXPECT_GT(loss.item<double>(), 0) << name;
    loss.backward();
    EXPECT_TRUE(at::softmax(head->distributions(logits, all), 1).isfinite().all().item<bool>()) << name;
    if (task == Task::rerank) continue;  // dev examples are documents, not groups
    const metrics::Metrics figures = figures_of(*head, logits, all.size(), logits.size(0));
    EXPECT_FALSE(std::isnan(value_of(figures, head->main_metric()))) << name;
  }
}

}  // namespace
}  // namespace berta::train
