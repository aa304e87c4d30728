#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// What goes into the tasks and what comes out. All texts are UTF-8; all positions in texts are code points.
namespace berta {

/// Which end of a text is cut when it has more tokens than the maximal length; `error`: none, that text
/// fails. What HF calls truncation side: tail is "right", head is "left".
enum class Truncation : std::uint8_t { tail, head, error };

/// How a model runs, whatever the task.
struct ModelOptions {
  /// Tokens, specials included; 0: what the model was made for (the tokenizer's model_max_length, at most the
  /// rows of a position table that is added to the input; 512 if neither says).
  std::size_t max_length = 0;
  Truncation truncation = Truncation::tail;
  std::size_t batch_tokens = 2048;  ///< tokens that run at once; a longer text runs alone
};

/// What every result has: one bad text does not spoil the others.
struct Outcome {
  std::string error;       ///< one line if this input failed; then the rest of the result is empty
  bool truncated = false;  ///< tokens were cut to fit the maximal length
  bool ok() const { return error.empty(); }
};

/// One text, or two that belong together (premise and hypothesis, prompt and answer, ...).
struct TextInput {
  std::string text;
  std::optional<std::string> text_pair = std::nullopt;  ///< an empty one counts as none, as in transformers
};

/// What makes scores of logits. `automatic`: none for regression, sigmoid for multi-label models and for
/// those with one label, else softmax.
enum class ScoreFunction : std::uint8_t { automatic, sigmoid, softmax, none };

struct ClassifyOptions {
  ScoreFunction function = ScoreFunction::automatic;
  std::size_t top_k = 1;  ///< best labels wanted; 0: all
};

struct LabelScore {
  std::string label;
  float score = 0;
};

/// Labels by falling score, equal ones by id.
struct Classification : Outcome {
  std::vector<LabelScore> labels;
};

/// How tokens become entities, as HF's aggregation_strategy: `none` gives tokens; `simple` joins neighbours
/// of one label; the others first give each word one label: its first token's, that of the averaged scores,
/// or that of its surest token.
enum class Aggregation : std::uint8_t { none, simple, first, average, max };

struct EntityOptions {
  Aggregation aggregation = Aggregation::none;
  std::vector<std::string> ignore_labels = {"O"};
  /// Read texts longer than the maximal length in windows that overlap by so many tokens, instead of cutting
  /// them. Needs an aggregation.
  std::optional<std::size_t> stride = std::nullopt;
};

struct Entity {
  std::string label;  ///< with aggregation without "B-" or "I-"
  float score = 0;
  std::string word;       ///< the token, or its tokens joined
  std::size_t begin = 0;  ///< code points of the text, half-open
  std::size_t end = 0;
  std::size_t index = 0;  ///< of the token, [CLS] is 0; without aggregation only
};

struct Entities : Outcome {
  std::vector<Entity> entities;  ///< in the order of the text
};

struct QuestionInput {
  std::string question;
  std::string context;
};

struct AnswerOptions {
  std::size_t top_k = 1;
  std::size_t max_answer_length = 15;  ///< tokens
  std::size_t window_length = 0;       ///< tokens of question and context; 0: the maximal length, at most 384
  std::optional<std::size_t> stride =
      std::nullopt;               ///< tokens that windows overlap; nothing: min(window_length / 2, 128)
  bool allow_impossible = false;  ///< "no answer" competes, as an empty answer
  bool align_to_words = true;     ///< answers begin and end with the tokenizer's words
};

struct Answer {
  double score = 0;
  std::size_t begin = 0;  ///< code points of the context, half-open
  std::size_t end = 0;
  std::string text;
};

/// By falling score; fewer than top_k, even none, where the context has no more spans.
struct Answers : Outcome {
  std::vector<Answer> answers;
};

struct ZeroShotInput {
  std::string text;
  std::vector<std::string> labels;
};

struct ZeroShotOptions {
  std::string hypothesis = "This example is {}.";  ///< {} stands for the label; {{ and }} for braces
  bool multi_label = false;                        ///< each label by itself: entailment against contradiction
};

struct RerankInput {
  std::string query;
  std::vector<std::string> documents;
};

struct RerankOptions {
  /// `automatic`: what the model's config names as sentence-transformers' activation, else sigmoid.
  ScoreFunction function = ScoreFunction::automatic;
  std::size_t top_k = 0;  ///< best documents wanted; 0: all
};

struct RankedDocument {
  std::size_t index = 0;  ///< into the documents
  float score = 0;
};

/// By falling score, equal ones by index. `truncated`: some document was cut.
struct Ranking : Outcome {
  std::vector<RankedDocument> documents;
};

struct FillOptions {
  std::size_t top_k = 5;
  /// Only these tokens compete; a word of several tokens counts as its first. Empty: all tokens.
  std::vector<std::string> targets = {};
};

struct Filling {
  float score = 0;
  std::int32_t token = 0;
  std::string token_text;
  std::string text;  ///< the whole text with this token in place of the mask
};

/// One list a mask, in the order of the text; each by falling score.
struct Fillings : Outcome {
  std::vector<std::vector<Filling>> masks;
};

/// How token vectors become one vector.
enum class Pooling : std::uint8_t { cls, max, mean, mean_sqrt_length, weighted_mean, last };

struct EmbedOptions {
  std::optional<Pooling> pooling =
      std::nullopt;  ///< nothing: as the model's 1_Pooling/config.json says, else mean
  std::optional<bool> normalize =
      std::nullopt;  ///< to length 1; nothing: if the model's modules.json lists Normalize
};

struct Embedding : Outcome {
  std::vector<float> values;
};

struct TokenProbability {
  std::string token;
  std::int32_t id = 0;
  std::size_t begin = 0;  ///< code points of the text, half-open
  std::size_t end = 0;
  float probability = 0;  ///< that this token was replaced
};

struct ReplacedTokens : Outcome {
  std::vector<TokenProbability> tokens;  ///< without the specials that the tokenizer adds
};

/// Hidden states of a text: `width` values a token, specials included.
struct HiddenStates : Outcome {
  std::size_t tokens = 0;
  std::size_t width = 0;
  std::vector<float> values;  ///< [tokens, width], row-major
};

/// A text's tokens; all vectors have one length.
struct TokenizedText {
  std::vector<std::int32_t> ids;
  std::vector<std::string> tokens;
  std::vector<std::size_t> begins;  ///< code points of the text; begin and end are 0 for added specials
  std::vector<std::size_t> ends;
};

}  // namespace berta
