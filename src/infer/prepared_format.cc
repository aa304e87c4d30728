#include "infer/prepared_format.h"

#include <algorithm>

#include "core/error.h"
#include "io/quote.h"

namespace berta::infer::prepared {
namespace {

const std::string* find(const io::Checkpoint& checkpoint, std::string_view key) {
  const auto& metadata = checkpoint.metadata();
  const auto found =
      std::find_if(metadata.begin(), metadata.end(), [&](const auto& entry) { return entry.first == key; });
  return found == metadata.end() ? nullptr : &found->second;
}

}  // namespace

std::optional<Precision> precision_of(const io::Checkpoint& checkpoint) {
  const std::string* version = find(checkpoint, kVersionKey);
  if (version == nullptr) return std::nullopt;
  const std::string where = checkpoint.files().front() + ": metadata ";
  if (*version != kVersion) {
    throw UserError(where + std::string(kVersionKey) + ": expected version " + std::string(kVersion) +
                    ", found " + io::quoted(*version) + "; make the file anew with berta quantize");
  }
  const std::string* precision = find(checkpoint, kPrecisionKey);
  for (const Precision known : {Precision::f32, Precision::bf16, Precision::int8}) {
    if (precision != nullptr && *precision == infer::name_of(known)) return known;
  }
  throw UserError(where + std::string(kPrecisionKey) + ": expected f32, bf16 or int8, found " +
                  (precision == nullptr ? "none" : io::quoted(*precision)));
}

model::Parameter projected_table(const ModelInfo& info, std::string_view which, std::size_t layer) {
  return {.sources = {{info.prefix.backbone + "encoder.layer." + std::to_string(layer) + ".attention.self." +
                       std::string(which)}},
          .shape = {2 * info.config.relative.span(), info.config.attention_size()}};
}

Shape panels_shape(const ops::MatrixShape& shape, std::size_t matrices) {
  const std::size_t per_word = kernels::per_word(shape.format);
  return {static_cast<std::int64_t>(matrices * kernels::panels_of(shape.out)),
          static_cast<std::int64_t>(kernels::words_of(shape.in, shape.format)),
          static_cast<std::int64_t>(kernels::kPanel), static_cast<std::int64_t>(per_word)};
}

DType dtype_of(kernels::Format format) {
  switch (format) {
    case kernels::Format::f32:
      return DType::f32;
    case kernels::Format::bf16:
      return DType::bf16;
    case kernels::Format::int8:
      return DType::i8;
  }
  throw InternalError("format without a type");
}

std::optional<kernels::Format> format_of(DType dtype) {
  if (dtype == DType::f32) return kernels::Format::f32;
  if (dtype == DType::bf16) return kernels::Format::bf16;
  if (dtype == DType::i8) return kernels::Format::int8;
  return std::nullopt;
}

}  // namespace berta::infer::prepared
