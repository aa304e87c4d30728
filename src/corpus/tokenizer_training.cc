#include "corpus/tokenizer_training.h"

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <filesystem>
#include <string_view>

#include "core/error.h"
#include "core/random.h"
#include "core/utf8.h"
#include "corpus/purposes.h"
#include "corpus/text_source.h"
#include "io/atomic_file.h"
#include "io/folder.h"

#ifdef BERTA_SENTENCEPIECE
#include <sentencepiece_trainer.h>
#endif

namespace berta::corpus {
namespace {

#ifdef BERTA_SENTENCEPIECE

constexpr std::size_t kLeastVocabulary = 4 + 256 + 1;  // specials, bytes, one piece
constexpr std::size_t kMostVocabulary = std::size_t{1} << 22;

void check(const TokenizerOptions& options) {
  if (options.vocabulary_size < kLeastVocabulary || options.vocabulary_size > kMostVocabulary) {
    throw UserError(fmt::format("a vocabulary: expected {} to {} pieces, found {}", kLeastVocabulary,
                                kMostVocabulary, options.vocabulary_size));
  }
  if (!(options.character_coverage >= 0.9 && options.character_coverage <= 1)) {
    throw UserError(
        fmt::format("a character coverage: expected 0.9 to 1, found {}", options.character_coverage));
  }
  std::error_code error;
  std::filesystem::create_directories(options.output, error);
  if (error) throw UserError(options.output + ": cannot create: " + error.message());
}

/// The files beside spm.model, as transformers writes them for DebertaV2Tokenizer.
void write_companions(const TokenizerOptions& options) {
  const auto write = [&](const char* name, const std::string& text) {
    io::write_file(io::join(options.output, name), text);
  };
  write("added_tokens.json", fmt::format("{{\"[MASK]\": {}}}\n", options.vocabulary_size));
  write("special_tokens_map.json",
        "{\"bos_token\": \"[CLS]\", \"cls_token\": \"[CLS]\", \"eos_token\": \"[SEP]\", \"mask_token\": "
        "\"[MASK]\", \"pad_token\": \"[PAD]\", \"sep_token\": \"[SEP]\", \"unk_token\": \"[UNK]\"}\n");
  write("tokenizer_config.json",
        "{\"do_lower_case\": false, \"model_max_length\": 512, \"sp_model_kwargs\": {}, \"split_by_punct\": "
        "false, \"tokenizer_class\": \"DebertaV2Tokenizer\", \"vocab_type\": \"spm\"}\n");
}

constexpr std::size_t kSentenceBytes = 4096;

/// Lines that are not blank; text_of() them all once, so that what is wrong is said before the training.
std::uint64_t count_lines(TextSource& source, const TokenizerOptions& options,
                          const std::function<void(double)>& progress) {
  std::uint64_t count = 0;
  SourceLine line;
  while (source.next(line)) {
    const std::string where = source.where(line);
    const std::string text = text_of(line, options.column, where);
    if (const auto bad = find_invalid_utf8(text)) {
      throw UserError(fmt::format("{}: invalid UTF-8 at byte {}", where, *bad + 1));
    }
    count += !is_blank(text);
    if (line.number % 1024 == 0) progress(source.fraction_read() / 2);
  }
  source.rewind();
  return count;
}

/// Hands the library its sentences. It knows nothing of exceptions: they are kept and thrown behind it.
class Sentences final : public sentencepiece::SentenceIterator {
 public:
  Sentences(TextSource& source, const TokenizerOptions& options, std::uint64_t lines,
            const std::function<void(double)>& progress)
      : source_(source),
        options_(options),
        progress_(progress),
        lines_left_(lines),
        wanted_(options.max_sentences == 0 ? lines : std::min(options.max_sentences, lines)),
        random_(seed_for(options.seed, kTokenizerSample), 0) {
    Next();
  }

  bool done() const override { return done_; }
  const std::string& value() const override { return sentence_; }
  sentencepiece::util::Status status() const override { return {}; }

  void Next() override {
    try {
      done_ = !advance();
    } catch (...) {
      failure_ = std::current_exception();
      done_ = true;
    }
  }

  void rethrow() const {
    if (failure_) std::rethrow_exception(failure_);
  }

 private:
  bool advance() {
    while (is_blank(rest_)) {
      if (!next_line()) return false;
      rest_ = text_;
    }
    const std::size_t end = rest_.size() <= kSentenceBytes ? rest_.size() : piece_end(rest_, kSentenceBytes);
    sentence_.assign(rest_.substr(0, end));
    rest_.remove_prefix(end);
    return true;
  }

  /// The next line of the sample: each is taken with probability wanted / left, which gives any subset of
  /// that size with the same probability and keeps the order (Knuth, TAOCP 2, 3.4.2, algorithm S).
  bool next_line() {
    while (wanted_ > 0 && source_.next(line_)) {
      text_ = text_of(line_, options_.column, source_.where(line_));
      if (is_blank(text_)) continue;
      if (lines_left_ == 0)
        throw UserError(source_.where(line_) + ": the file has grown since it was counted");
      const bool taken = random_.below(lines_left_--) < wanted_;
      if (!taken) continue;
      --wanted_;
      if (line_.number % 64 == 0) progress_(0.5 + source_.fraction_read() / 2);
      return true;
    }
    return false;
  }

  TextSource& source_;
  const TokenizerOptions& options_;
  const std::function<void(double)>& progress_;
  std::uint64_t lines_left_;
  std::uint64_t wanted_;
  CounterStream random_;
  SourceLine line_;
  std::string text_;
  std::string_view rest_;  ///< of text_
  std::string sentence_;
  std::exception_ptr failure_;
  bool done_ = false;
};

/// The words of a status without the library's place in its sources: "INTERNAL: file.cc(12) [x > y] WORDS".
std::string words_of(const sentencepiece::util::Status& status) {
  const std::string text = status.error_message();
  const std::size_t bracket = text.rfind("] ");
  return bracket == text.npos || bracket + 2 == text.size() ? text : text.substr(bracket + 2);
}

std::string train_model(const TokenizerOptions& options, Sentences& sentences) {
  std::string model;
  const auto status = sentencepiece::SentencePieceTrainer::Train(
      {{"vocab_size", std::to_string(options.vocabulary_size)},
       {"model_type", options.model == PieceModel::unigram ? "unigram" : "bpe"},
       {"character_coverage", fmt::format("{}", options.character_coverage)},
       {"normalization_rule_name", "nmt_nfkc"},
       {"byte_fallback", "true"},
       {"pad_id", "0"},
       {"bos_id", "1"},
       {"eos_id", "2"},
       {"unk_id", "3"},
       {"pad_piece", "[PAD]"},
       {"bos_piece", "[CLS]"},
       {"eos_piece", "[SEP]"},
       {"unk_piece", "[UNK]"},
       // Sums of floats follow the number of threads: one number for all machines.
       {"num_threads", "16"},
       {"max_sentence_length", std::to_string(2 * kSentenceBytes)},
       // Only what ends the program: all else comes back as a status.
       {"minloglevel", "3"}},
      &sentences, &model);
  sentences.rethrow();
  if (!status.ok()) throw UserError("training the tokenizer: " + words_of(status));
  return model;
}

#endif

}  // namespace

#ifdef BERTA_SENTENCEPIECE

bool can_train_tokenizers() {
  return true;
}

TokenizerReport train_tokenizer(const TokenizerOptions& options,
                                const std::function<void(double)>& progress) {
  TextSource source(options.inputs, options.format);
  check(options);
  const std::uint64_t lines = count_lines(source, options, progress);
  if (lines == 0) throw UserError(options.inputs.front() + ": expected text, found none");
  Sentences sentences(source, options, lines, progress);
  const std::string model = train_model(options, sentences);
  io::write_file(io::join(options.output, "spm.model"), model);
  write_companions(options);
  return {.lines = lines,
          .sentences = options.max_sentences == 0 ? lines : std::min(options.max_sentences, lines)};
}

#else

bool can_train_tokenizers() {
  return false;
}

TokenizerReport train_tokenizer(const TokenizerOptions&, const std::function<void(double)>&) {
  throw UserError(
      "training tokenizers needs the SentencePiece library, which was not there when this program was built: "
      "install libsentencepiece-dev and build again");
}

#endif

}  // namespace berta::corpus
