#include "wordvec/corpus.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/error.h"

namespace berta::wordvec {

Corpus::Corpus(std::vector<std::string> files, std::size_t block_bytes)
    : files_(std::move(files)), block_bytes_(block_bytes) {
  check_internal(block_bytes > 0, "a corpus in blocks of nothing");
  if (files_.empty()) throw UserError("expected at least one file of text");
  for (const std::string& file : files_) {
    io::ByteSource::require_regular(file);
    const io::ByteSource opened(file);  // says now what could not be read later
  }
}

bool Corpus::next(std::string& block) {
  block.clear();
  while (position_.file < files_.size()) {
    if (!source_) source_.emplace(files_[position_.file]);
    const std::size_t kept = rest_.size();
    rest_.resize(block_bytes_);
    const std::size_t count = source_->read(std::span(rest_).subspan(kept));
    rest_.resize(kept + count);
    if (rest_.empty()) {
      position_ = {.file = position_.file + 1};
      source_.reset();
      continue;
    }
    const bool last = rest_.size() < block_bytes_;
    const std::size_t cut = last ? rest_.size() : cut_of(rest_);
    block.assign(rest_, 0, cut);
    rest_.erase(0, cut);
    position_.offset += cut;
    position_.line += static_cast<std::uint64_t>(std::count(block.begin(), block.end(), '\n'));
    return true;
  }
  return false;
}

std::size_t Corpus::cut_of(std::string_view text) const {
  const std::size_t line = text.rfind('\n');
  if (line != std::string_view::npos) return line + 1;
  const std::size_t blank = text.find_last_of(" \t\v\f\r");
  if (blank != std::string_view::npos) return blank + 1;
  throw UserError(fmt::format("{}: line {}: a word of more than {} bytes", files_[position_.file],
                              position_.line + 1, block_bytes_));
}

void Corpus::seek(const CorpusPosition& position) {
  check_internal(position.file <= files_.size(), "a position behind the last file");
  position_ = position;
  rest_.clear();
  source_.reset();
  if (position.file == files_.size()) return;
  source_.emplace(files_[position.file]);
  source_->skip(position.offset);
}

double Corpus::fraction_read() const {
  const double within = source_ ? source_->fraction_read() : 0;
  return std::min(1.0, (static_cast<double>(position_.file) + within) / static_cast<double>(files_.size()));
}

}  // namespace berta::wordvec
