#include "tokenizer/spm_model.h"

#include <array>
#include <bit>
#include <cmath>
#include <functional>

#include "core/error.h"
#include "core/utf8.h"
#include "tokenizer/protobuf.h"

namespace berta::tokenizer {
namespace {

constexpr std::size_t kMaxPieceBytes = 65535;
constexpr std::size_t kMaxPieces = 4u << 20;
constexpr std::size_t kMaxTextBytes = 64u << 20;  ///< of all pieces together

/// Set of the indices of pieces by their texts, which are known to be few enough for 32 bits.
class TextSet {
 public:
  explicit TextSet(const std::vector<SpmPiece>& pieces)
      : pieces_(pieces), slots_(std::bit_ceil(2 * pieces.size() + 2), kEmpty) {}

  /// False if a piece of the same text is there.
  bool insert(std::uint32_t index) {
    const std::string& text = pieces_[index].text;
    std::size_t slot = std::hash<std::string_view>()(text) & (slots_.size() - 1);
    for (; slots_[slot] != kEmpty; slot = (slot + 1) & (slots_.size() - 1))
      if (pieces_[slots_[slot]].text == text) return false;
    slots_[slot] = index;
    return true;
  }

 private:
  static constexpr std::uint32_t kEmpty = 0xFFFFFFFF;
  const std::vector<SpmPiece>& pieces_;
  std::vector<std::uint32_t> slots_;
};

void check_text(const std::string& text, const ProtobufReader& reader) {
  const auto fail = [&](const std::string& what) {
    throw UserError(reader.where("piece") + ": expected a text, found " + what);
  };
  if (text.empty()) fail("an empty one");
  if (text.size() > kMaxPieceBytes)
    fail("one of " + std::to_string(text.size()) + " bytes, more than " + std::to_string(kMaxPieceBytes));
  if (text.find('\0') != std::string::npos) fail("one with a zero byte");
  if (find_invalid_utf8(text)) fail("one that is not UTF-8");
}

SpmPiece read_piece(std::string_view bytes, ProtobufReader::Name name) {
  ProtobufReader reader(bytes, name);
  SpmPiece piece;
  while (const auto field = reader.next()) {
    if (*field == 1) {
      piece.text = reader.bytes("piece");
    } else if (*field == 2) {
      piece.score = reader.float32("score");
      if (!std::isfinite(piece.score)) throw UserError(reader.where("score") + ": expected a finite number");
    } else if (*field == 3) {
      const std::uint64_t type = reader.varint("type");
      if (type < 1 || type > 6)
        throw UserError(reader.where("type") + ": expected 1 to 6, found " + std::to_string(type));
      piece.type = static_cast<SpmPiece::Type>(type);
    }
  }
  check_text(piece.text, reader);
  return piece;
}

void read_trainer(std::string_view bytes, ProtobufReader::Name name, SpmModel& model) {
  ProtobufReader reader(bytes, name);
  while (const auto field = reader.next()) {
    if (*field == 3) {
      const std::uint64_t type = reader.varint("model_type");
      if (type != 1 && type != 2)
        throw UserError(reader.where("model_type") + ": expected 1 (unigram) or 2 (BPE), found " +
                        std::to_string(type));
      model.bpe = type == 2;
    } else if (*field == 24) {
      model.white_space_suffix = reader.boolean("treat_whitespace_as_suffix");
    } else if (*field == 35) {
      model.byte_fallback = reader.boolean("byte_fallback");
    } else if (*field == 40) {
      model.trainer_unknown = reader.int32("unk_id");
    } else if (*field == 44) {
      model.unknown_surface = reader.bytes("unk_surface");
      if (find_invalid_utf8(model.unknown_surface))
        throw UserError(reader.where("unk_surface") + ": expected UTF-8");
    }
  }
}

void read_normalizer(std::string_view bytes, ProtobufReader::Name name, SpmNormalizerSpec& spec) {
  ProtobufReader reader(bytes, name);
  while (const auto field = reader.next()) {
    if (*field == 2)
      spec.charsmap = reader.bytes("precompiled_charsmap");
    else if (*field == 3)
      spec.add_dummy_prefix = reader.boolean("add_dummy_prefix");
    else if (*field == 4)
      spec.remove_extra_whitespaces = reader.boolean("remove_extra_whitespaces");
    else if (*field == 5)
      spec.escape_whitespaces = reader.boolean("escape_whitespaces");
  }
}

/// What can only be said of all pieces together.
void check_pieces(SpmModel& model, const std::string& path) {
  const auto where = [&](std::size_t i) {
    return path + ": field 'pieces[" + std::to_string(i) + "].piece'";
  };
  TextSet normal(model.pieces), reserved(model.pieces);
  std::array<bool, 256> bytes{};
  std::optional<std::int32_t> unknown;
  for (std::size_t i = 0; i < model.pieces.size(); ++i) {
    const SpmPiece& piece = model.pieces[i];
    if (!(piece.is_reserved() ? reserved : normal).insert(static_cast<std::uint32_t>(i)))
      throw UserError(where(i) + ": expected distinct pieces, found '" + piece.text + "' twice");
    if (piece.type == SpmPiece::Type::unknown) {
      if (unknown) throw UserError(where(i) + ": expected one unknown piece, found a second");
      unknown = static_cast<std::int32_t>(i);
    }
    if (piece.type != SpmPiece::Type::byte) continue;
    const int value = byte_of_piece(piece.text);
    if (!model.byte_fallback || value < 0)
      throw UserError(where(i) + ": expected " +
                      (value < 0 ? "<0x00> to <0xFF> for a byte piece"
                                 : "no byte piece, as trainer_spec.byte_fallback is false") +
                      ", found '" + piece.text + "'");
    bytes[static_cast<std::size_t>(value)] = true;
  }
  if (!unknown) throw UserError(path + ": field 'pieces': expected a piece of type 2 (unknown), found none");
  model.unknown = *unknown;
  for (std::size_t b = 0; model.byte_fallback && b < bytes.size(); ++b)
    if (!bytes[b])
      throw UserError(path +
                      ": field 'pieces': expected 256 byte pieces, as trainer_spec.byte_fallback is true,"
                      " found none for byte " +
                      std::to_string(b));
  if (model.trainer_unknown < 0 || static_cast<std::size_t>(model.trainer_unknown) >= model.pieces.size())
    throw UserError(path + ": field 'trainer_spec.unk_id': expected the index of one of " +
                    std::to_string(model.pieces.size()) + " pieces, found " +
                    std::to_string(model.trainer_unknown));
}

}  // namespace

int byte_of_piece(std::string_view name) {
  if (name.size() != 6 || name.substr(0, 3) != "<0x" || name[5] != '>') return -1;
  int value = 0;
  for (const char c : name.substr(3, 2)) {
    const bool digit = c >= '0' && c <= '9', letter = c >= 'A' && c <= 'F';
    if (!digit && !letter) return -1;
    value = value * 16 + (digit ? c - '0' : c - 'A' + 10);
  }
  return value;
}

SpmModel parse_spm_model(std::string_view bytes, const std::string& path) {
  SpmModel model;
  model.unknown_surface = " \xE2\x81\x87 ";
  bool has_trainer = false, has_normalizer = false;
  std::size_t text_bytes = 0;
  ProtobufReader reader(bytes, {path});
  const auto named = [&](const std::string& field) { return path + ": field '" + field + "'"; };
  while (const auto field = reader.next()) {
    if (*field == 1) {
      const auto index = static_cast<std::int64_t>(model.pieces.size());
      model.pieces.push_back(read_piece(reader.bytes("pieces"), {path, "pieces", index}));
      text_bytes += model.pieces.back().text.size();
      if (model.pieces.size() > kMaxPieces || text_bytes > kMaxTextBytes)
        throw UserError(named("pieces") + ": expected at most " + std::to_string(kMaxPieces) +
                        " pieces of together " + std::to_string(kMaxTextBytes) + " bytes, found more");
    } else if (*field == 2) {
      has_trainer = true;
      read_trainer(reader.bytes("trainer_spec"), {path, "trainer_spec"}, model);
    } else if (*field == 3) {
      has_normalizer = true;
      read_normalizer(reader.bytes("normalizer_spec"), {path, "normalizer_spec"}, model.normalizer);
    } else if (*field == 5) {
      if (!model.denormalizer) model.denormalizer.emplace();
      read_normalizer(reader.bytes("denormalizer_spec"), {path, "denormalizer_spec"}, *model.denormalizer);
    }
  }
  if (model.pieces.empty()) throw UserError(named("pieces") + ": expected pieces, found none");
  if (!has_trainer) throw UserError(named("trainer_spec") + ": expected this field, found none");
  if (!has_normalizer) throw UserError(named("normalizer_spec") + ": expected this field, found none");
  check_pieces(model, path);
  return model;
}

}  // namespace berta::tokenizer
