#pragma once

#include <memory>
#include <string>

#include "tokenizer/tokenizer.h"

namespace berta::tokenizer {

/// The formats that load_tokenizer chooses among by the files of the folder. Each throws UserError naming
/// file and field.

/// spm.model (SentencePiece unigram: DeBERTa V2, V3, mDeBERTa).
std::shared_ptr<const Tokenizer> load_sentencepiece(const std::string& folder, Mode mode);

/// vocab.json + merges.txt (byte-level BPE: DeBERTa V1, GPT-2, RoBERTa). Mode::spm is a UserError.
std::shared_ptr<const Tokenizer> load_byte_level_bpe(const std::string& folder, Mode mode);

/// vocab.txt (WordPiece: BERT). Mode::spm is a UserError.
std::shared_ptr<const Tokenizer> load_wordpiece(const std::string& folder, Mode mode);

/// tokenizer.json (the pipeline that the file itself describes).
std::shared_ptr<const Tokenizer> load_tokenizer_json(const std::string& folder);

}  // namespace berta::tokenizer
