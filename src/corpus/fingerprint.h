#pragma once

#include <string>

#include "tokenizer/tokenizer.h"

namespace berta::corpus {

/// 16 hexadecimal digits that tell tokenizers apart: a hash of all names of ids, of the specials, and of the
/// ids of a few texts in which normalisers and modes differ. The files' form does not matter: a folder saved
/// anew by another program has the same.
std::string fingerprint(const tokenizer::Tokenizer& tokenizer);

}  // namespace berta::corpus
