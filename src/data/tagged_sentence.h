#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "data/labelled_text.h"
#include "data/text_file.h"

namespace berta::data {

/// A sentence of at least one word; as many tags as words.
struct TaggedSentence {
  std::vector<std::string> words{};
  std::vector<std::string> tags{};
};

enum class ColumnEnds : std::uint8_t {
  automatic,  ///< tabs in a line that holds one, else blanks
  tabs,
  blanks  ///< runs of blanks and tabs
};

struct TaggedSentenceOptions {
  FileFormat format = FileFormat::automatic;  ///< JSON by the file's extension, else CoNLL
  ColumnEnds column_ends = ColumnEnds::automatic;
  std::size_t word_column = 1;  ///< from 1
  std::size_t tag_column = 0;   ///< from 1; 0: the last column of each line
  std::string word_prefix{};    ///< dropped from words that begin with it, as "en:" in WikiANN
  std::size_t max_samples = kNoLimit;
};

/// Reads CoNLL lines or JSON.
///
/// CoNLL: a word with its tag a line; lines without anything but blanks, tabs and byte-order marks end a
/// sentence, and so do lines that begin with -DOCSTART-. A byte-order mark at the start of a line is dropped.
/// JSON: objects with "tokens" (or "words") and "ner_tags" (or "tags", "labels"), arrays of strings.
/// Throws UserError "FILE: line 7: expected ..., found ..."; and for a file without sentences.
std::vector<TaggedSentence> read_tagged_sentences(const std::string& path,
                                                  const TaggedSentenceOptions& options = {});

}  // namespace berta::data
