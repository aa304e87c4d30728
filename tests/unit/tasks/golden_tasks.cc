#include "golden_tasks.h"

#include <array>
#include <functional>

#include "json_tools.h"
#include "tasks/classify.h"
#include "tasks/embed.h"
#include "tasks/fill_mask.h"
#include "tasks/question_answer.h"
#include "tasks/rerank.h"
#include "tasks/rtd.h"
#include "tasks/token_classify.h"
#include "tasks/zero_shot.h"

namespace berta::tasks::testing {
namespace {

using io::Json;

/// The options of a case; absent members keep a default.
class Options {
 public:
  explicit Options(const GoldenCase& golden) : json_(golden.json.find("options")) {}

  const Json* find(const char* key) const { return json_ == nullptr ? nullptr : json_->find(key); }
  void read(const char* key, std::size_t& value) const {
    if (const Json* found = find(key)) {
      value = found->is_null() ? 0 : static_cast<std::size_t>(found->as_integer(key));
    }
  }
  void read(const char* key, std::optional<std::size_t>& value) const {
    if (const Json* found = find(key)) value = static_cast<std::size_t>(found->as_integer(key));
  }
  void read(const char* key, bool& value) const {
    if (const Json* found = find(key)) value = found->as_bool(key);
  }
  void read(const char* key, std::string& value) const {
    if (const Json* found = find(key)) value = found->as_string(key);
  }
  void read(const char* key, std::vector<std::string>& value) const {
    if (const Json* found = find(key)) {
      value.clear();
      for (const Json& item : found->as_array(key)) value.push_back(item.as_string(key));
    }
  }

 private:
  const Json* json_;
};

std::vector<std::string> strings(const Json& json) {
  std::vector<std::string> out;
  for (const Json& item : json.as_array("list")) out.push_back(item.as_string("item"));
  return out;
}

std::string member(const Json& json, const char* key) {
  return json.find(key)->as_string(key);
}

/// A JSON array of show(item).
template <class Items, class Show>
Json array(const Items& items, const Show& show) {
  Json::Array out;
  for (const auto& item : items) out.push_back(show(item));
  return Json(out);
}

/// The results of all inputs; throws if one failed.
template <class Results, class Show>
Json all(const Results& results, const Show& show) {
  return array(results, [&](const auto& result) {
    if (!result.ok()) throw std::runtime_error(result.error);
    return show(result);
  });
}

Json labels(const Classification& result) {
  return array(result.labels, [](const LabelScore& label) {
    return object({{"label", text(label.label)}, {"score", number(label.score)}});
  });
}

Json classify(const GoldenCase& golden, const Runtime& runtime) {
  std::vector<TextInput> inputs;
  for (const Json& item : golden.at("inputs").as_array("inputs")) {
    if (item.is_string()) {
      inputs.push_back({item.as_string("text"), std::nullopt});
    } else {
      inputs.push_back({member(item, "text"), member(item, "text_pair")});
    }
  }
  const Options options(golden);
  ClassifyOptions out;
  options.read("top_k", out.top_k);
  std::string function;
  options.read("function", function);
  if (function == "sigmoid") out.function = ScoreFunction::sigmoid;
  if (function == "none") out.function = ScoreFunction::none;
  return all(Classifier(runtime).run(inputs, out), labels);
}

Json ner(const GoldenCase& golden, const Runtime& runtime) {
  const Options options(golden);
  EntityOptions out;
  std::string aggregation = "none";
  options.read("aggregation", aggregation);
  options.read("ignore_labels", out.ignore_labels);
  options.read("stride", out.stride);
  constexpr std::array kNames = {"none", "simple", "first", "average", "max"};
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    if (aggregation == kNames[i]) out.aggregation = static_cast<Aggregation>(i);
  }
  return all(TokenClassifier(runtime).run(strings(golden.at("inputs")), out), [&](const Entities& result) {
    return array(result.entities, [&](const Entity& entity) {
      const Json shown = object({{"label", text(entity.label)},
                                 {"score", number(entity.score)},
                                 {"word", text(entity.word)},
                                 {"start", integer(entity.begin)},
                                 {"end", integer(entity.end)}});
      const bool token = out.aggregation == Aggregation::none;
      return token ? merged(shown, object({{"index", integer(entity.index)}})) : shown;
    });
  });
}

Json qa(const GoldenCase& golden, const Runtime& runtime) {
  std::vector<QuestionInput> inputs;
  for (const Json& item : golden.at("inputs").as_array("inputs")) {
    inputs.push_back({member(item, "question"), member(item, "context")});
  }
  const Options options(golden);
  AnswerOptions out;
  options.read("top_k", out.top_k);
  options.read("window_length", out.window_length);
  options.read("stride", out.stride);
  options.read("max_answer_length", out.max_answer_length);
  options.read("allow_impossible", out.allow_impossible);
  options.read("align_to_words", out.align_to_words);
  return all(QuestionAnswerer(runtime).run(inputs, out), [](const Answers& result) {
    return array(result.answers, [](const Answer& answer) {
      return object({{"score", number(answer.score)},
                     {"start", integer(answer.begin)},
                     {"end", integer(answer.end)},
                     {"answer", text(answer.text)}});
    });
  });
}

Json zero_shot(const GoldenCase& golden, const Runtime& runtime) {
  std::vector<ZeroShotInput> inputs;
  for (const Json& item : golden.at("inputs").as_array("inputs")) {
    inputs.push_back({member(item, "text"), strings(*item.find("labels"))});
  }
  const Options options(golden);
  ZeroShotOptions out;
  options.read("hypothesis", out.hypothesis);
  options.read("multi_label", out.multi_label);
  return all(ZeroShotClassifier(runtime).run(inputs, out), labels);
}

Json fill_mask(const GoldenCase& golden, const Runtime& runtime) {
  const Options options(golden);
  FillOptions out;
  options.read("top_k", out.top_k);
  options.read("targets", out.targets);
  return all(MaskFiller(runtime).run(strings(golden.at("inputs")), out), [](const Fillings& result) {
    return array(result.masks, [](const std::vector<Filling>& mask) {
      return array(mask, [](const Filling& filling) {
        return object({{"score", number(filling.score)},
                       {"token", integer(static_cast<std::size_t>(filling.token))},
                       {"token_str", text(filling.token_text)},
                       {"sequence", text(filling.text)}});
      });
    });
  });
}

Json rerank(const GoldenCase& golden, const Runtime& runtime) {
  std::vector<RerankInput> inputs;
  for (const Json& item : golden.at("inputs").as_array("inputs")) {
    inputs.push_back({member(item, "query"), strings(*item.find("documents"))});
  }
  RerankOptions out;
  Options(golden).read("top_k", out.top_k);
  return all(Reranker(runtime).run(inputs, out), [](const Ranking& result) {
    return array(result.documents, [](const RankedDocument& document) {
      return object({{"index", integer(document.index)}, {"score", number(document.score)}});
    });
  });
}

Json embed(const GoldenCase& golden, const Runtime& runtime) {
  return all(Embedder(runtime).run(strings(golden.at("inputs"))),
             [](const Embedding& result) { return array(result.values, number); });
}

Json rtd(const GoldenCase& golden, const Runtime& runtime) {
  const auto results = ReplacedTokenDetector(runtime).run(strings(golden.at("inputs")));
  return all(results, [](const ReplacedTokens& result) {
    return array(result.tokens, [](const TokenProbability& token) {
      return object({{"token", text(token.token)},
                     {"id", integer(static_cast<std::size_t>(token.id))},
                     {"start", integer(token.begin)},
                     {"end", integer(token.end)},
                     {"probability", number(token.probability)}});
    });
  });
}

}  // namespace

Json run_task(const GoldenCase& golden, const Runtime& runtime) {
  const std::string& task = golden.at("task").as_string("task");
  using Run = std::function<Json(const GoldenCase&, const Runtime&)>;
  const std::array<std::pair<const char*, Run>, 8> runs = {{{"classify", classify},
                                                            {"ner", ner},
                                                            {"qa", qa},
                                                            {"zero-shot", zero_shot},
                                                            {"fill-mask", fill_mask},
                                                            {"rerank", rerank},
                                                            {"embed", embed},
                                                            {"rtd", rtd}}};
  for (const auto& [name, run] : runs) {
    if (task == name) return run(golden, runtime);
  }
  throw std::runtime_error(golden.name + ": no such task");
}

}  // namespace berta::tasks::testing
