#pragma once

#include <cstdint>
#include <vector>

#include "tokenizer/tokenizer.h"

namespace berta::tokenizer {

/// One element of a template: the first text, the second text, or ids that the template adds.
struct TemplatePiece {
  enum class Kind { special, first, second };
  Kind kind = Kind::special;
  std::vector<std::int32_t> ids = {};  ///< of `special`
  std::int32_t type_id = 0;            ///< for all ids of this piece
};

/// What is put around the texts (TemplateProcessing of `tokenizers`; the other post-processors are instances
/// of it).
struct Template {
  using Pieces = std::vector<TemplatePiece>;
  Pieces single = {{.kind = TemplatePiece::Kind::first}};
  Pieces pair = {{.kind = TemplatePiece::Kind::first}, {.kind = TemplatePiece::Kind::second, .type_id = 1}};
  /// Windows behind the first give their texts the types 0 and 1 whatever the pieces say (TemplateProcessing
  /// of tokenizers 0.22.2 and 0.23.3 does not reach them).
  bool later_windows_untyped = false;
};

/// [CLS] A [SEP] and [CLS] A [SEP] B [SEP] with types 0 and `second_type` (of B and its [SEP]).
Template cls_sep_template(std::int32_t cls, std::int32_t sep, std::int32_t second_type = 1);

/// How many ids a template adds.
std::size_t added_count(const Template::Pieces& pieces);

/// Whether tokens lose the blanks that they begin or end with from their offsets (trim_offsets of the
/// ByteLevel and Roberta post-processors).
struct OffsetTrimming {
  bool enabled = false;
  bool keep_prefix_space = true;  ///< `add_prefix_space` of the post-processor
};

/// The ids of one text before the template. `blanks` is filled only if offsets are to be trimmed.
struct TextTokens {
  struct Blanks {
    std::uint32_t leading = 0;
    std::uint32_t trailing = 0;
  };
  std::vector<std::int32_t> ids;
  std::vector<Offset> offsets;
  std::vector<Blanks> blanks;

  std::size_t size() const { return ids.size(); }
};

/// Tokens [begin, end) of a text; `tokens` null: no such text.
struct TokenRange {
  const TextTokens* tokens = nullptr;
  std::size_t begin = 0;
  std::size_t end = 0;

  std::size_t size() const { return end - begin; }
};

/// Puts the template around the texts.
Encoding apply_template(const Template::Pieces& pieces, bool add_specials, const OffsetTrimming& trimming,
                        const TokenRange& first, const TokenRange& second);

}  // namespace berta::tokenizer
