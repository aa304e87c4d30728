#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "corpus/corpus_facts.h"

namespace berta::corpus {

enum class PieceModel : std::uint8_t { unigram, bpe };

struct TokenizerOptions {
  std::vector<std::string> inputs;  ///< text or JSON lines, plain or gzipped
  std::string output;               ///< folder; made if it is not there
  TextFormat format = TextFormat::automatic;
  std::string column = "text";
  std::size_t vocabulary_size = 32000;  ///< pieces, specials and 256 bytes counted; [MASK] comes behind them
  PieceModel model = PieceModel::unigram;
  /// Part of the text's characters that get pieces. The others become bytes in mode spm and [UNK] in hf4 and
  /// in transformers' fast tokenizers; of English reviews 0.03 % at 0.9999, 0.2 % at the library's own
  /// 0.9995.
  double character_coverage = 0.9999;
  std::uint64_t max_sentences = 0;  ///< lines that are learnt from, drawn evenly; 0: all
  std::uint64_t seed = 0;           ///< of this draw
};

struct TokenizerReport {
  std::uint64_t lines = 0;      ///< of the input that are not blank
  std::uint64_t sentences = 0;  ///< of them learnt from
};

/// False in a build without the SentencePiece library.
bool can_train_tokenizers();

/// Trains a tokenizer as DeBERTa-v3's is made: nmt_nfkc, byte fallback, [PAD] 0, [CLS] 1, [SEP] 2, [UNK] 3,
/// and [MASK] added behind the last piece. Writes spm.model, tokenizer_config.json, special_tokens_map.json
/// and added_tokens.json. The same input, options and version of the library give the same bytes on any
/// machine. Memory follows the lines that are learnt from; a line is cut at blanks into sentences of at most
/// 4 KiB.
///
/// `progress(fraction)` is called while the input is read. Throws UserError: what TextSource throws, what the
/// library says, options out of range, a build without the library.
TokenizerReport train_tokenizer(const TokenizerOptions& options, const std::function<void(double)>& progress);

}  // namespace berta::corpus
