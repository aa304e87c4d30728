#include "tokenizer/pre_tokenizers.h"

#include "core/utf8.h"
#include "tokenizer/aligned_text.h"
#include "tokenizer/unicode.h"

namespace berta::tokenizer {

void PreTokenizerSequence::split(std::vector<AlignedText>& words) const {
  for (const auto& part : parts_) part->split(words);
}

void IsolatePunctuation::split(std::vector<AlignedText>& words) const {
  std::vector<AlignedText> out;
  for (const AlignedText& word : words) {
    std::size_t begin = 0;
    for (std::size_t i = 0; i < word.text.size(); ++i) {
      if (!is_bert_punctuation(word.text[i])) continue;
      if (begin < i) out.push_back(slice(word, begin, i));
      out.push_back(slice(word, i, i + 1));
      begin = i + 1;
    }
    if (begin < word.text.size()) out.push_back(slice(word, begin, word.text.size()));
  }
  words = std::move(out);
}

void Metaspace::split(std::vector<AlignedText>& words) const {
  std::vector<AlignedText> out;
  for (AlignedText& word : words) {
    for (char32_t& c : word.text)
      if (c == U' ') c = options_.replacement;
    const bool prepend = options_.prepend == PrependScheme::always ||
                         (options_.prepend == PrependScheme::first && word.origins.front().begin == 0);
    if (prepend && word.text.front() != options_.replacement) {
      word.text.insert(word.text.begin(), options_.replacement);
      word.origins.insert(word.origins.begin(), word.origins.front());
    }
    if (!options_.split) {
      out.push_back(std::move(word));
      continue;
    }
    std::size_t begin = 0;
    while (begin < word.text.size()) {
      std::size_t end = word.text.find(options_.replacement, begin + 1);
      if (end == std::u32string::npos) end = word.text.size();
      out.push_back(slice(word, begin, end));
      begin = end;
    }
  }
  words = std::move(out);
}

void MetaspaceDecoder::decode_chain(std::vector<std::string>& tokens) const {
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    std::string out;
    for (const char32_t c : decode_utf8(tokens[i])) {
      if (c != options_.replacement)
        append_utf8(out, c);
      else if (i > 0 || options_.prepend == PrependScheme::never)
        out.push_back(' ');
    }
    tokens[i] = std::move(out);
  }
}

}  // namespace berta::tokenizer
