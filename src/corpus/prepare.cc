#include "corpus/prepare.h"

#include <filesystem>

#include "core/error.h"
#include "core/parallel.h"
#include "core/random.h"
#include "corpus/fingerprint.h"
#include "corpus/purposes.h"
#include "corpus/shard_writer.h"
#include "corpus/text_source.h"

namespace berta::corpus {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kPieceBytes = std::size_t{256} << 10;  // a tokeniser takes some hundred times as much
constexpr std::size_t kBlockBytes = std::size_t{1} << 20;    // of lines that are tokenised at once
constexpr std::size_t kBlockLines = 4096;

/// Makes the folder, or sees that nothing of another is in it; takes away what an interrupted run left.
void begin_folder(const std::string& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) throw UserError(folder + ": cannot create: " + error.message());
  std::vector<fs::path> left;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    if (!is_shard_file(name)) {
      throw UserError(folder + ": expected a new or an empty folder, found " + name + " in it");
    }
    left.push_back(entry->path());
  }
  for (const fs::path& path : left) {
    if (!error) fs::remove(path, error);
  }
  if (error) throw UserError(folder + ": cannot make room: " + error.message());
}

/// Takes the folder's documents as they come and deals them to the splits.
class CorpusWriter {
 public:
  CorpusWriter(const PrepareOptions& options, std::size_t token_bytes)
      : train_(options.output, Split::train, token_bytes, options.shard_tokens),
        held_out_(options.output, Split::held_out, token_bytes, options.shard_tokens),
        held_out_part_(options.held_out),
        seed_(seed_for(options.seed, kHeldOut)) {}

  void append(std::span<const std::int32_t> ids) {
    if (ids.empty()) return;
    if (open_ == nullptr) {
      const bool held_out = CounterStream(seed_, documents_).uniform() < held_out_part_;
      open_ = held_out ? &held_out_ : &train_;
    }
    open_->append(ids);
    tokens_ += ids.size();
  }

  void end_document() {
    if (open_ == nullptr) return;
    open_->end_document();
    open_ = nullptr;
    ++documents_;
  }

  std::uint64_t tokens() const { return tokens_; }

  void finish(const std::string& folder, CorpusFacts& facts) {
    end_document();
    facts.split(Split::train) = train_.finish();
    facts.split(Split::held_out) = held_out_.finish();
    write_corpus_facts(folder, facts);
    train_.keep();
    held_out_.keep();
  }

 private:
  ShardWriter train_;
  ShardWriter held_out_;
  double held_out_part_;
  std::uint64_t seed_;
  ShardWriter* open_ = nullptr;  ///< of the document that has begun
  std::uint64_t documents_ = 0;
  std::uint64_t tokens_ = 0;
};

/// One run.
class Preparation {
 public:
  Preparation(const PrepareOptions& options, const tokenizer::Tokenizer& tokenizer)
      : options_(options),
        tokenizer_(tokenizer),
        source_(options.inputs, options.format),
        facts_(begin_facts()) {
    begin_folder(options.output);
  }

  std::optional<CorpusFacts> run(const std::function<bool(const PrepareProgress&)>& go_on) {
    CorpusWriter writer(options_, facts_.token_bytes());
    while (read_block()) {
      tokenize_block();
      for (std::size_t i = 0; i < count_; ++i) write_line(i, writer);
      if (!go_on({.fraction = source_.fraction_read(), .tokens = writer.tokens()})) return std::nullopt;
    }
    if (writer.tokens() == 0) throw UserError(options_.inputs.front() + ": expected text, found no token");
    writer.finish(options_.output, facts_);
    return facts_;
  }

 private:
  CorpusFacts begin_facts() const {
    CorpusFacts facts;
    facts.tokenizer_fingerprint = fingerprint(tokenizer_);
    facts.tokenizer = tokenizer_.description();
    facts.vocabulary_size = static_cast<std::uint32_t>(tokenizer_.size());
    facts.inputs = options_.inputs;
    facts.format = options_.format;
    facts.column = options_.column;
    facts.document = options_.document;
    facts.held_out = options_.held_out;
    facts.seed = options_.seed;
    facts.shard_tokens = options_.shard_tokens;
    return facts;
  }

  /// The next lines, into the memory of the last ones; false if there are none.
  bool read_block() {
    std::size_t bytes = 0;
    count_ = 0;
    while (count_ < kBlockLines && bytes < kBlockBytes) {
      if (lines_.size() == count_) lines_.emplace_back();
      if (!source_.next(lines_[count_])) break;
      bytes += lines_[count_++].bytes.size();
    }
    facts_.lines += count_;
    facts_.bytes += bytes;
    return count_ > 0;
  }

  void tokenize_block() {
    if (ids_.size() < count_) ids_.resize(count_);
    parallel_each(count_, [&](std::size_t i) {
      ids_[i].clear();
      const std::string where = source_.where(lines_[i]);
      const std::string text = text_of(lines_[i], options_.column, where);
      try {
        for_pieces(text, kPieceBytes, [&](std::string_view piece) {
          const auto encoding = tokenizer_.encode(piece, {.add_special_tokens = false});
          ids_[i].insert(ids_[i].end(), encoding.ids.begin(), encoding.ids.end());
        });
      } catch (const UserError& error) {
        throw UserError(where + ": " + error.what());
      }
    });
  }

  void write_line(std::size_t i, CorpusWriter& writer) {
    const SourceLine& line = lines_[i];
    if (line.file != file_ || options_.document == DocumentRule::line) writer.end_document();
    file_ = line.file;
    if (options_.document == DocumentRule::blank_line && is_blank(line.bytes)) {
      writer.end_document();
    } else {
      writer.append(ids_[i]);
    }
    release(i);
  }

  /// A huge line is not to take its memory with it to the end of the run.
  void release(std::size_t i) {
    constexpr std::size_t kKept = std::size_t{64} << 10;
    if (lines_[i].bytes.capacity() > kKept) std::string().swap(lines_[i].bytes);
    if (ids_[i].capacity() > kKept / sizeof(std::int32_t)) std::vector<std::int32_t>().swap(ids_[i]);
  }

  const PrepareOptions& options_;
  const tokenizer::Tokenizer& tokenizer_;
  TextSource source_;
  CorpusFacts facts_;
  std::vector<SourceLine> lines_;
  std::vector<std::vector<std::int32_t>> ids_;
  std::size_t count_ = 0;  ///< of the lines that are of this block
  std::size_t file_ = 0;
};

}  // namespace

std::optional<CorpusFacts> prepare_corpus(const PrepareOptions& options,
                                          const tokenizer::Tokenizer& tokenizer,
                                          const std::function<bool(const PrepareProgress&)>& go_on) {
  check_internal(options.held_out >= 0 && options.held_out <= 1, "a part of the documents beyond 0 to 1");
  check_internal(options.shard_tokens > 0, "shards of nothing");
  check_internal(tokenizer.size() > 0, "a tokenizer without ids");
  return Preparation(options, tokenizer).run(go_on);
}

}  // namespace berta::corpus
