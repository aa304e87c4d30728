#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace berta::tokenizer {

/// One piece of a SentencePiece model; the enum's numbers are those of the file.
struct SpmPiece {
  enum class Type : std::uint8_t {
    normal = 1,
    unknown = 2,
    control = 3,
    user_defined = 4,
    unused = 5,
    byte = 6
  };
  std::string text;
  float score = 0;
  Type type = Type::normal;

  /// Normal, user-defined and unused pieces have one set of names, the others another.
  bool is_reserved() const { return type == Type::unknown || type == Type::control || type == Type::byte; }
};

/// How SentencePiece rewrites a text.
struct SpmNormalizerSpec {
  std::string charsmap;  ///< precompiled_charsmap, empty: none
  bool add_dummy_prefix = true;
  bool remove_extra_whitespaces = true;
  bool escape_whitespaces = true;
};

/// A SentencePiece model as its file describes it.
struct SpmModel {
  bool bpe = false;  ///< its pieces are those of BPE, their scores tell the order of merges; else unigram
  std::vector<SpmPiece> pieces;
  std::int32_t unknown = 0;          ///< the piece of type unknown
  std::int32_t trainer_unknown = 0;  ///< trainer_spec.unk_id
  bool byte_fallback = false;
  bool white_space_suffix = false;  ///< treat_whitespace_as_suffix
  std::string unknown_surface;      ///< what an unknown decodes to
  SpmNormalizerSpec normalizer;
  std::optional<SpmNormalizerSpec> denormalizer;
};

/// The value of a byte piece's name ("<0x0A>"), or -1.
int byte_of_piece(std::string_view name);

/// Reads spm.model bytes; `path` begins the messages. Throws UserError naming the field for anything that
/// SentencePiece 0.2.3 refuses (empty, over-long, double or NUL-holding pieces, scores that are not finite,
/// no or two unknown pieces, missing or unexpected byte pieces), for other model types than unigram and BPE,
/// for pieces that are not UTF-8 and for files without trainer_spec or normalizer_spec.
SpmModel parse_spm_model(std::string_view bytes, const std::string& path);

}  // namespace berta::tokenizer
