#include "cli/stream.h"

#include <unistd.h>

#include "cli/record_queue.h"
#include "core/error.h"

namespace berta::cli {
namespace {

/// Batches go to the tasks in pieces of several of theirs, so that tokenising has work for all threads.
constexpr std::size_t kBatchesAtOnce = 4;

class Stream {
 public:
  Stream(const StreamSettings& settings, Console& console, Output& output, const Process& process)
      : settings_(settings), console_(console), output_(output), process_(process) {}

  void run(std::vector<Incoming> batch) {
    std::vector<Record> records;
    for (Incoming& incoming : batch) {
      bytes_ += incoming.record.bytes;
      if (incoming.error.empty()) records.push_back(std::move(incoming.record));
    }
    const std::vector<LineResult> results = records.empty() ? std::vector<LineResult>() : process_(records);
    check_internal(results.size() == records.size(), "not one result a record");
    std::string text;
    std::size_t next = 0;
    for (const Incoming& incoming : batch) {
      ++lines_;
      if (!incoming.error.empty()) {
        refuse(incoming.error, text);
        continue;
      }
      const Record& record = records[next];
      const LineResult& result = results[next++];
      if (!result.error.empty()) {
        refuse(result.error, text);
        continue;
      }
      note_cut(record, result);
      if (!result.lines.empty()) text.append(result.lines).append("\n");
    }
    flush(text);
  }

  std::uint64_t lines() const { return lines_; }
  std::size_t bytes() const { return bytes_; }
  std::uint64_t skipped() const { return skipped_; }

 private:
  void flush(std::string& text) {
    if (text.empty()) return;
    if (output_.is_terminal()) console_.clear_bar();
    output_.write(text);
    text.clear();
  }

  /// What came before is written whole, whatever happens next.
  void refuse(const std::string& error, std::string& text) {
    flush(text);
    if (settings_.on_error == OnError::stop) throw UserError(error);
    ++skipped_;
    console_.say("skipped: " + error);
  }

  void note_cut(const Record& record, const LineResult& result) {
    if (!result.truncated || warned_) return;
    warned_ = true;
    console_.warn(
        record.where +
        ": text cut to the maximal length; further ones without a word (--truncate error refuses them)");
  }

  const StreamSettings& settings_;
  Console& console_;
  Output& output_;
  const Process& process_;
  std::uint64_t lines_ = 0;
  std::uint64_t skipped_ = 0;
  std::size_t bytes_ = 0;
  bool warned_ = false;
};

RecordQueue::Source read_operands(std::vector<Record> records) {
  return [records = std::move(records), next = std::size_t{0}](Record& record) mutable {
    if (next == records.size()) return false;
    record = std::move(records[next++]);
    return true;
  };
}

}  // namespace

StreamSource choose_source(const StreamSettings& settings, std::vector<Record> operands,
                           std::string main_field) {
  StreamSource source{.records = std::move(operands), .file = nullptr, .main_field = std::move(main_field)};
  if (!source.records.empty()) {
    if (!settings.input.empty()) throw UsageError("expected texts or --input, found both");
    return source;
  }
  if (settings.input.empty() && ::isatty(STDIN_FILENO) == 1) {
    throw UsageError("expected texts, --input FILE, or lines on standard input");
  }
  source.file = std::make_shared<InputFile>(settings.input.empty() ? "-" : settings.input);
  return source;
}

int run_stream(StreamSource source, const StreamSettings& settings, Console& console, Output& output,
               const Process& process) {
  const std::shared_ptr<InputFile> file = source.file;
  RecordQueue::Source read;
  if (file) {
    auto reader = std::make_shared<RecordReader>(
        file, settings.input,
        RecordReader::Options{
            .format = settings.input_format, .columns = settings.columns, .main_field = source.main_field});
    read = [reader](Record& record) { return reader->next(record); };
  } else {
    read = read_operands(std::move(source.records));
  }
  const bool patient = !file || file->size();
  const double size = file && file->size() ? static_cast<double>(*file->size()) : 0;
  const std::size_t piece = kBatchesAtOnce * static_cast<std::size_t>(settings.batch_tokens);
  RecordQueue queue(
      std::move(read),
      [file] {
        if (file) file->stop();
      },
      4 * piece);
  Stream stream(settings, console, output, process);
  while (true) {
    std::vector<Incoming> batch = queue.take(piece, patient);
    if (batch.empty()) break;
    stream.run(std::move(batch));
    console.progress(size > 0 ? static_cast<double>(stream.bytes()) / size : -1, stream.lines());
  }
  console.clear_bar();
  if (stream.skipped() > 0) {
    console.say("skipped " + std::to_string(stream.skipped()) + " of " + std::to_string(stream.lines()) +
                " lines");
  }
  return kDone;
}

}  // namespace berta::cli
