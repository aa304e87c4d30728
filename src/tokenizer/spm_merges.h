#pragma once

#include <string_view>
#include <vector>

#include "tokenizer/bpe.h"
#include "tokenizer/spm_model.h"

namespace berta::tokenizer {

/// The merges that a SentencePiece BPE model means, best first, as `transformers` 4.57.1 takes them from its
/// pieces (generate_merges): every way to cut a piece into two pieces, by falling score, then by the longer
/// left part. The names are those of `model`, which must outlive them. `path` begins the errors. Throws
/// UserError for pieces of more than 256 bytes and for more merges than 16 million, which no trainer makes.
std::vector<BpeMerge> spm_merges(const SpmModel& model, const Vocabulary& vocabulary, std::string_view path);

}  // namespace berta::tokenizer
