#pragma once

#include <string>

namespace berta::tokenizer {

/// Takes blanks out before punctuation and English contractions, as transformers' clean_up_tokenization.
std::string clean_up_spaces(std::string text);

}  // namespace berta::tokenizer
