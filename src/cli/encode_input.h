#pragma once

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "cli/common_options.h"
#include "cli/encode_run.h"
#include "cli/record.h"

namespace berta::cli {

/// Makes the items of `encode` from records; reads the tokenizer only when there is a text.
class EncodeInput {
 public:
  EncodeInput(std::string folder, const ModelSettings& model, const StreamSettings& stream)
      : folder_(std::move(folder)), model_(model), stream_(stream) {}

  /// An item without id has its line's number. Throws UserError.
  EncodeItem make(const Record& record);
  bool truncated() const { return truncated_; }

 private:
  infer::Sequence read_ids(const Record& record);
  infer::Sequence read_text(const Record& record);
  void cut(infer::Sequence& sequence, const std::string& where);

  std::string folder_;
  const ModelSettings& model_;
  const StreamSettings& stream_;
  std::shared_ptr<const tokenizer::Tokenizer> tokenizer_;
  std::set<std::string> ids_;  ///< seen
  bool truncated_ = false;
};

/// How the tokenizer cuts to these settings.
tokenizer::EncodeOptions encode_options(const StreamSettings& settings);

}  // namespace berta::cli
