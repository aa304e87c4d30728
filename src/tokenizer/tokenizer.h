#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace berta::tokenizer {

/// Half-open range of code points of the original text.
struct Offset {
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
  friend bool operator==(const Offset&, const Offset&) = default;
};

/// Which library's ids to reproduce. `automatic`: tokenizer.json's own pipeline where that file exists, else
/// hf4.
enum class Mode { automatic, hf4, hf5, spm };

/// Ids of one text or pair, with what each stands for. All vectors but `overflow` have one length.
struct Encoding {
  std::vector<std::int32_t> ids;
  std::vector<std::int32_t> type_ids;
  std::vector<Offset> offsets;        ///< into the text that `sequence` names; [0,0] for added specials
  std::vector<std::int8_t> sequence;  ///< 0 text, 1 text_pair, -1 a special that the template added
};

/// What to cut when the ids do not fit `max_length`.
enum class Truncation { tail, head, longest_first, only_first, only_second, error };

struct EncodeOptions {
  bool add_special_tokens = true;
  std::size_t max_length = 0;  ///< with specials; 0 = no limit
  Truncation truncation = Truncation::longest_first;
};

/// Windows over a text (or over the second of a pair) that overlap by `stride` tokens, as `transformers`'
/// return_overflowing_tokens gives them.
struct WindowOptions {
  std::size_t max_length = 384;  ///< with specials
  std::size_t stride = 128;
};

/// The ids of the special tokens; nothing where the vocabulary has none.
struct SpecialIds {
  std::optional<std::int32_t> pad = {}, cls = {}, sep = {}, unk = {}, mask = {};
};

/// A tokenizer read from a model folder. Const after load and shared by threads.
class Tokenizer {
 public:
  virtual ~Tokenizer() = default;

  /// Text in valid UTF-8. Throws UserError for invalid UTF-8, and if Truncation::error and it does not fit.
  /// The result says whether anything was cut by `truncated` when that is not null.
  virtual Encoding encode(std::string_view text, const EncodeOptions& options,
                          bool* truncated = nullptr) const = 0;
  virtual Encoding encode_pair(std::string_view text, std::string_view text_pair,
                               const EncodeOptions& options, bool* truncated = nullptr) const = 0;

  /// Question + context windows (only the second text is cut); a single text where `text` is empty and
  /// `single` is true.
  virtual std::vector<Encoding> encode_windows(std::string_view question, std::string_view context,
                                               const WindowOptions& options) const = 0;
  virtual std::vector<Encoding> encode_windows(std::string_view text, const WindowOptions& options) const = 0;

  /// Ids back to text, as `transformers`' decode(ids, skip_special_tokens) of the same mode, without
  /// clean_up_tokenization_spaces unless the tokenizer's config asks for it.
  virtual std::string decode(std::span<const std::int32_t> ids, bool skip_special_tokens) const = 0;

  /// The piece's name in the vocabulary ("[MASK]" for added ones, "[UNK]" for ids it does not have).
  virtual std::string token(std::int32_t id) const = 0;
  virtual std::optional<std::int32_t> id(std::string_view token) const = 0;

  /// Largest id + 1, added tokens included.
  virtual std::int32_t size() const = 0;
  virtual const SpecialIds& specials() const = 0;

  /// "model_max_length" of tokenizer_config.json where it is below a million; nothing otherwise.
  virtual std::optional<std::size_t> model_max_length() const = 0;

  /// "sentencepiece unigram, hf4, 128001 tokens", for inspect.
  virtual std::string description() const = 0;

  /// True where words' later pieces carry a prefix ("##" of WordPiece), which the NER aggregation asks for.
  virtual bool has_subword_prefix() const = 0;
};

/// Reads the tokenizer of a folder: tokenizer.json (mode automatic only), spm.model, vocab.json + merges.txt,
/// vocab.txt, with tokenizer_config.json, special_tokens_map.json, added_tokens.json. No config.json needed.
/// Throws UserError naming file and field; if none is there, it lists what was looked for.
std::shared_ptr<const Tokenizer> load_tokenizer(const std::string& folder, Mode mode = Mode::automatic);

/// Many texts on all threads, in order. `text_pairs` empty or of the same length.
std::vector<Encoding> encode_batch(const Tokenizer& tokenizer, std::span<const std::string> texts,
                                   std::span<const std::string> text_pairs, const EncodeOptions& options);

}  // namespace berta::tokenizer
