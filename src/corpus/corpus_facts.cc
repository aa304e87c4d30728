#include "corpus/corpus_facts.h"

#include <fmt/format.h>

#include <limits>
#include <optional>
#include <string_view>

#include "core/checked.h"
#include "core/error.h"
#include "io/atomic_file.h"
#include "io/folder.h"
#include "io/json.h"

namespace berta::corpus {
namespace {

constexpr const char* kFormatName = "berta-corpus";
constexpr std::int64_t kVersion = 1;
constexpr std::int64_t kMostVocabulary = std::numeric_limits<std::int32_t>::max();

/// A member of an object, with the errors of the file.
class Reader {
 public:
  Reader(const io::Json& json, std::string path, std::string key = "")
      : json_(json), path_(std::move(path)), key_(std::move(key)) {}

  std::string where() const { return key_.empty() ? path_ : path_ + ": key '" + key_ + "'"; }

  Reader member(const char* name) const {
    const io::Json* found = json_.find(name);
    const std::string key = key_.empty() ? name : key_ + "." + name;
    if (found == nullptr) throw UserError(path_ + ": expected the key '" + key + "', found none");
    return {*found, path_, key};
  }
  std::vector<Reader> items() const {
    std::vector<Reader> out;
    for (const io::Json& item : json_.as_array(where())) {
      out.emplace_back(item, path_, fmt::format("{}[{}]", key_, out.size()));
    }
    return out;
  }

  const std::string& text() const { return json_.as_string(where()); }
  double number() const { return json_.as_number(where()); }
  std::int64_t integer(std::int64_t low, std::int64_t high) const {
    const std::int64_t value = json_.as_integer(where());
    if (value < low || value > high) {
      throw UserError(fmt::format("{}: expected {} to {}, found {}", where(), low, high, value));
    }
    return value;
  }
  std::uint64_t count() const {
    return static_cast<std::uint64_t>(integer(0, std::numeric_limits<std::int64_t>::max()));
  }

  template <class E>
  E word(std::initializer_list<E> values) const {
    std::string list;
    for (const E value : values) {
      if (text() == name_of(value)) return value;
      list += (list.empty() ? "" : ", ") + std::string(name_of(value));
    }
    throw UserError(fmt::format("{}: expected one of {}, found another word", where(), list));
  }

 private:
  const io::Json& json_;
  std::string path_;
  std::string key_;
};

/// Eight hexadecimal digits.
std::uint32_t read_checksum(const Reader& reader) {
  const std::string& text = reader.text();
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::uint32_t value = 0;
  bool good = text.size() == 8;
  for (std::size_t i = 0; good && i < text.size(); ++i) {
    const std::size_t digit = kDigits.find(text[i]);
    good = digit != kDigits.npos;
    value = value << 4 | static_cast<std::uint32_t>(digit & 15);
  }
  if (!good) throw UserError(reader.where() + ": expected 8 hexadecimal digits");
  return value;
}

Shard read_shard(const Reader& reader) {
  Shard shard{.name = reader.member("name").text(),
              .tokens = reader.member("tokens").count(),
              .documents = reader.member("documents").count(),
              .tokens_crc32c = read_checksum(reader.member("tokens_crc32c")),
              .documents_crc32c = read_checksum(reader.member("documents_crc32c"))};
  if (!io::is_plain_name(shard.name)) {
    throw UserError(reader.member("name").where() + ": expected the name of a file in the folder");
  }
  if (shard.documents == 0 || shard.tokens < shard.documents) {
    throw UserError(reader.where() + ": expected a document or more, each of a token or more");
  }
  return shard;
}

SplitFacts read_split(const Reader& reader) {
  SplitFacts split;
  std::uint64_t tokens = 0;
  for (const Reader& item : reader.member("shards").items()) {
    split.shards.push_back(read_shard(item));
    // Bytes of all shards stay far from overflow, and documents are not more than tokens.
    constexpr std::uint64_t kMostTokens = std::uint64_t{1} << 56;
    const auto sum = checked_add(tokens, split.shards.back().tokens);
    if (!sum || *sum > kMostTokens) throw UserError(item.where() + ": expected fewer tokens");
    tokens = *sum;
  }
  return split;
}

void append_text(std::string& out, const char* key, std::string_view value) {
  out += fmt::format("\"{}\": ", key);
  io::append_json_string(out, value);
}

std::string shards_json(const SplitFacts& split) {
  std::string out;
  for (const Shard& shard : split.shards) {
    out += out.empty() ? "\n      {" : ",\n      {";
    append_text(out, "name", shard.name);
    out += fmt::format(
        ", \"tokens\": {}, \"documents\": {}, \"tokens_crc32c\": \"{:08x}\", \"documents_crc32c\": "
        "\"{:08x}\"}}",
        shard.tokens, shard.documents, shard.tokens_crc32c, shard.documents_crc32c);
  }
  return out;
}

std::string options_json(const CorpusFacts& facts) {
  std::string out = "{\"inputs\": [";
  for (const std::string& input : facts.inputs) {
    if (out.back() != '[') out += ", ";
    io::append_json_string(out, input);
  }
  out += fmt::format("], \"format\": \"{}\", ", name_of(facts.format));
  append_text(out, "column", facts.column);
  out += fmt::format(", \"document\": \"{}\", \"held_out\": ", name_of(facts.document));
  io::append_json_number(out, facts.held_out);
  // As text: JSON's integers end at 2^63 for many readers.
  return out + fmt::format(", \"seed\": \"{}\", \"shard_tokens\": {}}}", facts.seed, facts.shard_tokens);
}

}  // namespace

const char* name_of(Split split) {
  return split == Split::train ? "train" : "held-out";
}

const char* name_of(DocumentRule rule) {
  switch (rule) {
    case DocumentRule::line:
      return "line";
    case DocumentRule::blank_line:
      return "blank-line";
    case DocumentRule::file:
      break;
  }
  return "file";
}

const char* name_of(TextFormat format) {
  switch (format) {
    case TextFormat::automatic:
      return "auto";
    case TextFormat::text:
      return "text";
    case TextFormat::jsonl:
      break;
  }
  return "jsonl";
}

std::uint64_t SplitFacts::tokens() const {
  std::uint64_t sum = 0;
  for (const Shard& shard : shards) sum += shard.tokens;
  return sum;
}

std::uint64_t SplitFacts::documents() const {
  std::uint64_t sum = 0;
  for (const Shard& shard : shards) sum += shard.documents;
  return sum;
}

CorpusFacts read_corpus_facts(const std::string& folder) {
  const std::string path = io::join(folder, kCorpusFile);
  const io::Json json = io::read_json(path);
  const Reader root(json, path);
  if (const Reader format = root.member("format"); format.text() != kFormatName) {
    throw UserError(fmt::format("{}: expected \"{}\", found another word", format.where(), kFormatName));
  }
  root.member("version").integer(kVersion, kVersion);
  const Reader tokenizer = root.member("tokenizer"), options = root.member("options");
  CorpusFacts facts;
  facts.tokenizer_fingerprint = tokenizer.member("fingerprint").text();
  facts.tokenizer = tokenizer.member("description").text();
  facts.vocabulary_size =
      static_cast<std::uint32_t>(tokenizer.member("vocabulary_size").integer(1, kMostVocabulary));
  facts.lines = root.member("lines").count();
  facts.bytes = root.member("bytes").count();
  for (const Reader& input : options.member("inputs").items()) facts.inputs.push_back(input.text());
  facts.format = options.member("format").word({TextFormat::automatic, TextFormat::text, TextFormat::jsonl});
  facts.column = options.member("column").text();
  facts.document =
      options.member("document").word({DocumentRule::line, DocumentRule::blank_line, DocumentRule::file});
  facts.held_out = options.member("held_out").number();
  facts.shard_tokens = options.member("shard_tokens").count();
  for (const Split split : kSplits) {
    facts.split(split) = read_split(root.member("splits").member(name_of(split)));
  }
  return facts;
}

void write_corpus_facts(const std::string& folder, const CorpusFacts& facts) {
  std::string out = fmt::format("{{\n  \"format\": \"{}\",\n  \"version\": {},\n  \"tokenizer\": {{",
                                kFormatName, kVersion);
  append_text(out, "fingerprint", facts.tokenizer_fingerprint);
  out += ", ";
  append_text(out, "description", facts.tokenizer);
  out += fmt::format(", \"vocabulary_size\": {}}},\n  \"dtype\": \"{}\",\n", facts.vocabulary_size,
                     facts.token_bytes() == 2 ? "u16" : "u32");
  out += fmt::format("  \"lines\": {},\n  \"bytes\": {},\n  \"options\": {},\n  \"splits\": {{", facts.lines,
                     facts.bytes, options_json(facts));
  for (const Split split : kSplits) {
    const SplitFacts& part = facts.split(split);
    out += split == kSplits.front() ? "\n" : ",\n";
    out += fmt::format("    \"{}\": {{\"tokens\": {}, \"documents\": {}, \"shards\": [{}]}}", name_of(split),
                       part.tokens(), part.documents(), shards_json(part));
  }
  io::write_file(io::join(folder, kCorpusFile), out + "\n  }\n}\n");
}

}  // namespace berta::corpus
