#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "corpus/corpus_facts.h"
#include "tokenizer/tokenizer.h"

namespace berta::corpus {

struct PrepareOptions {
  std::vector<std::string> inputs;  ///< text or JSON lines, plain or gzipped
  std::string output;               ///< a folder that is new, empty, or left by an interrupted run
  TextFormat format = TextFormat::automatic;
  std::string column = "text";  ///< member of JSON objects
  DocumentRule document = DocumentRule::line;
  double held_out = 0;     ///< part of the documents, 0 to 1
  std::uint64_t seed = 0;  ///< of the choice of these
  std::uint64_t shard_tokens = std::uint64_t{1} << 26;
};

struct PrepareProgress {
  double fraction = 0;       ///< of the input
  std::uint64_t tokens = 0;  ///< so far
};

/// Tokenises texts on all threads and writes their ids, without specials, as a corpus. Memory follows neither
/// the input's size nor a document's, and the files do not depend on the number of threads.
///
/// Each line is tokenised by itself and without its end (a JSON object's text as a whole), so its ids are
/// those of Tokenizer::encode; a document is the ids of its lines behind one another. A line longer than 256
/// KiB is cut before a blank. Documents without a token do not count. A document is held out if the hash of
/// (seed, its number) says so.
///
/// `go_on` is asked between blocks; where it says no, nothing is left and the result is nothing. Throws
/// UserError: a file that can't be read or written, "FILE: line 7: invalid UTF-8 ...", no token at all; then
/// nothing is left either.
std::optional<CorpusFacts> prepare_corpus(const PrepareOptions& options,
                                          const tokenizer::Tokenizer& tokenizer,
                                          const std::function<bool(const PrepareProgress&)>& go_on);

}  // namespace berta::corpus
