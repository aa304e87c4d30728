#include "cli/encode_input.h"

#include "core/error.h"

namespace berta::cli {

tokenizer::EncodeOptions encode_options(const StreamSettings& settings) {
  using enum tokenizer::Truncation;
  return {.add_special_tokens = true,
          .max_length = static_cast<std::size_t>(settings.max_length),
          .truncation = settings.truncation == Truncation::error  ? error
                        : settings.truncation == Truncation::head ? head
                                                                  : longest_first};
}

EncodeItem EncodeInput::make(const Record& record) {
  EncodeItem item{.id = record.id_text(), .where = record.where, .sequences = {}};
  if (item.id.empty()) item.id = std::to_string(record.number);
  if (ids_.contains(item.id)) throw UserError(record.where + ": id '" + item.id + "' is there twice");
  if (record.has("choices")) {
    item.is_choice = true;
    for (const io::Json& choice : record.json.find("choices")->as_array(record.where + ": key 'choices'")) {
      const Record inner{.json = choice,
                         .where = record.where + ": choice " + std::to_string(item.sequences.size())};
      inner.json.as_object(inner.where);
      item.sequences.push_back(inner.has("input_ids") ? read_ids(inner) : read_text(inner));
    }
    if (item.sequences.empty())
      throw UserError(record.where + ": key 'choices': expected at least one, found none");
  } else {
    item.sequences.push_back(record.has("input_ids") ? read_ids(record) : read_text(record));
  }
  ids_.insert(item.id);
  return item;
}

infer::Sequence EncodeInput::read_ids(const Record& record) {
  infer::Sequence sequence{.ids = record.integers("input_ids"), .types = {}, .mask_positions = {}};
  if (sequence.ids.empty())
    throw UserError(record.where + ": key 'input_ids': expected at least one, found none");
  if (record.has("token_type_ids")) sequence.types = record.integers("token_type_ids");
  if (record.has("token_type_ids") && sequence.types.size() != sequence.ids.size()) {
    throw UserError(record.where + ": key 'token_type_ids': expected as many as input_ids, " +
                    std::to_string(sequence.ids.size()) + ", found " + std::to_string(sequence.types.size()));
  }
  if (record.has("mask_positions")) {
    sequence.mask_positions = record.integers("mask_positions");
    sequence.all_positions = false;
  }
  cut(sequence, record.where);
  return sequence;
}

/// Ids are given as they shall be, so nothing is cut unless --max-length says so.
void EncodeInput::cut(infer::Sequence& sequence, const std::string& where) {
  const auto limit = static_cast<std::size_t>(stream_.max_length);
  const std::size_t length = sequence.ids.size();
  if (limit == 0 || length <= limit) return;
  if (stream_.truncation == Truncation::error) {
    throw UserError(where + ": expected at most " + std::to_string(limit) + " ids, found " +
                    std::to_string(length));
  }
  truncated_ = true;
  const auto first = static_cast<std::ptrdiff_t>(stream_.truncation == Truncation::head ? length - limit : 0);
  const auto keep = [&](std::vector<std::int32_t>& values) {
    if (values.empty()) return;
    values = std::vector<std::int32_t>(values.begin() + first,
                                       values.begin() + first + static_cast<std::ptrdiff_t>(limit));
  };
  keep(sequence.ids);
  keep(sequence.types);
  for (std::int32_t& position : sequence.mask_positions) {
    if (position < first || position >= first + static_cast<std::ptrdiff_t>(limit)) {
      throw UserError(where + ": mask position " + std::to_string(position) + " is cut away by --max-length");
    }
    position -= static_cast<std::int32_t>(first);
  }
}

infer::Sequence EncodeInput::read_text(const Record& record) {
  const std::string& text = record.text("text");
  const auto pair = record.find_text("text_pair");
  if (!tokenizer_) tokenizer_ = load_tokenizer(folder_, model_);
  const auto options = encode_options(stream_);
  bool truncated = false;
  tokenizer::Encoding encoding;
  try {
    encoding = pair ? tokenizer_->encode_pair(text, *pair, options, &truncated)
                    : tokenizer_->encode(text, options, &truncated);
  } catch (const UserError& error) {
    throw UserError(record.where + ": " + error.what());
  }
  truncated_ = truncated_ || truncated;
  infer::Sequence sequence{
      .ids = std::move(encoding.ids), .types = std::move(encoding.type_ids), .mask_positions = {}};
  if (sequence.ids.empty()) throw UserError(record.where + ": expected a text with tokens, found none");
  if (record.has("mask_positions")) {
    sequence.mask_positions = record.integers("mask_positions");
    sequence.all_positions = false;
  }
  return sequence;
}

}  // namespace berta::cli
