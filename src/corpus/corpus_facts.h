#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace berta::corpus {

/// Parts of a corpus: documents to train on, and those that are held out.
enum class Split : std::uint8_t { train, held_out };
constexpr std::array kSplits = {Split::train, Split::held_out};
/// "train", "held-out".
const char* name_of(Split split);

/// Where the input is cut into documents: at each line (or JSON object), at blank lines, at files' ends.
enum class DocumentRule : std::uint8_t { line, blank_line, file };
const char* name_of(DocumentRule rule);

enum class TextFormat : std::uint8_t { automatic, text, jsonl };
const char* name_of(TextFormat format);

/// Two files: NAME.tokens has the ids of whole documents behind one another, NAME.documents where each ends.
struct Shard {
  std::string name;  ///< "train-00000"
  std::uint64_t tokens = 0;
  std::uint64_t documents = 0;
  std::uint32_t tokens_crc32c = 0;
  std::uint32_t documents_crc32c = 0;
};

struct SplitFacts {
  std::vector<Shard> shards;
  std::uint64_t tokens() const;
  std::uint64_t documents() const;
};

/// What corpus.json says.
struct CorpusFacts {
  std::string tokenizer_fingerprint;  ///< 16 hexadecimal digits; see fingerprint()
  std::string tokenizer;              ///< its description, for people
  std::uint32_t vocabulary_size = 0;  ///< ids are below it
  std::uint64_t lines = 0;            ///< that were read
  std::uint64_t bytes = 0;            ///< of these lines, unpacked, without their ends

  // How it was made, for people.
  std::vector<std::string> inputs;
  TextFormat format = TextFormat::automatic;
  std::string column;
  DocumentRule document = DocumentRule::line;
  double held_out = 0;
  std::uint64_t seed = 0;
  std::uint64_t shard_tokens = 0;

  std::array<SplitFacts, kSplits.size()> splits;

  const SplitFacts& split(Split which) const { return splits[static_cast<std::size_t>(which)]; }
  SplitFacts& split(Split which) { return splits[static_cast<std::size_t>(which)]; }
  /// Bytes of an id: 2 while the vocabulary fits in 16 bits, else 4.
  std::size_t token_bytes() const { return vocabulary_size <= 65536 ? 2 : 4; }
};

constexpr const char* kCorpusFile = "corpus.json";
constexpr const char* kTokensSuffix = ".tokens";
constexpr const char* kDocumentsSuffix = ".documents";
/// Bytes of the place where a document ends.
constexpr std::size_t kDocumentBytes = 8;

/// FOLDER/corpus.json, checked: kinds, ranges, no overflow, and names that stay in the folder. Throws
/// UserError "FOLDER/corpus.json: key 'version': expected 1, found 2".
CorpusFacts read_corpus_facts(const std::string& folder);

/// Appears whole or not at all. Throws UserError for files that can't be written.
void write_corpus_facts(const std::string& folder, const CorpusFacts& facts);

}  // namespace berta::corpus
