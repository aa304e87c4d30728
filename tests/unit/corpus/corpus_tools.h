#pragma once

#include <gtest/gtest.h>
#include <zlib.h>

#include <string>
#include <vector>

#include "../io/temporary.h"
#include "corpus/chunks.h"
#include "corpus/prepare.h"
#include "tokenizer/tokenizer.h"

namespace berta::corpus::testing {

using io::error_of;
using io::read_all;
using io::TemporaryFolder;

inline const tokenizer::Tokenizer& sentiment() {
  static const auto loaded = tokenizer::load_tokenizer(std::string(BERTA_MODELS) + "/sentiment");
  return *loaded;
}

inline std::vector<std::int32_t> ids_of(const std::string& text) {
  return sentiment().encode(text, {.add_special_tokens = false}).ids;
}

/// Runs to the end.
inline CorpusFacts prepare(const PrepareOptions& options,
                           const tokenizer::Tokenizer& tokenizer = sentiment()) {
  return prepare_corpus(options, tokenizer, [](const PrepareProgress&) { return true; }).value();
}

inline std::vector<std::int32_t> all_ids(const TokenCorpus& corpus) {
  std::vector<std::int32_t> ids(static_cast<std::size_t>(corpus.size()));
  corpus.copy(0, ids);
  return ids;
}

inline std::vector<std::vector<std::int32_t>> all_documents(const TokenCorpus& corpus) {
  std::vector<std::vector<std::int32_t>> out;
  for (std::uint64_t i = 0; i < corpus.documents(); ++i) {
    const TokenRange range = corpus.document(i);
    out.emplace_back(static_cast<std::size_t>(range.size));
    corpus.copy(range.begin, out.back());
  }
  return out;
}

/// Lines of one to `most` words, no two the same.
inline std::string many_lines(int count, int most = 20) {
  std::string text;
  for (int i = 0; i < count; ++i) {
    text += "line " + std::to_string(i);
    for (int k = 0; k < i * 7 % most; ++k) text += k % 3 == 0 ? " wonderful" : " film";
    text += ".\n";
  }
  return text;
}

inline void write_gzip(const std::string& path, const std::string& text) {
  gzFile file = gzopen(path.c_str(), "ab");
  ASSERT_EQ(gzwrite(file, text.data(), static_cast<unsigned>(text.size())), static_cast<int>(text.size()));
  ASSERT_EQ(gzclose(file), Z_OK);
}

}  // namespace berta::corpus::testing
