#pragma once

#include <optional>
#include <string_view>

#include "infer/model.h"
#include "io/checkpoint.h"
#include "model/parameters.h"
#include "ops/packed_matrix.h"

/// The form of `prepared.safetensors`, which `berta quantize` writes and Model::load maps: a safetensors file
/// whose metadata has the two keys below. In it
/// - an encoder matrix NAME [out, in] is its panels (kernels/gemm.h), [panels, words, kPanel, numbers a
/// word],
///   of type F32, BF16 or I8 by its format; I8 has NAME.scales and NAME.sums [panels * kPanel] beside it;
/// - each layer has its projected position tables, f32 [2 span, D];
/// - all else is as in the checkpoint that it was made from: tables, biases, norms, heads.
namespace berta::infer::prepared {

inline constexpr std::string_view kVersionKey = "berta.prepared";
inline constexpr std::string_view kVersion = "1";
inline constexpr std::string_view kPrecisionKey = "berta.precision";
inline constexpr std::string_view kScales = ".scales";
inline constexpr std::string_view kSums = ".sums";

/// Which projected table of a layer.
inline constexpr std::string_view kKeys = "projected_position_key";
inline constexpr std::string_view kQueries = "projected_position_query";

/// The format of a prepared checkpoint; nothing for any other checkpoint. Throws UserError for a version or a
/// format that is not known here.
std::optional<Precision> precision_of(const io::Checkpoint& checkpoint);

/// Name and shape of a projected table.
model::Parameter projected_table(const ModelInfo& info, std::string_view which, std::size_t layer);

/// Extents of the panels of `matrices` matrices (more than one in a convolution of groups) of this shape.
Shape panels_shape(const ops::MatrixShape& shape, std::size_t matrices);

DType dtype_of(kernels::Format format);
/// Nothing for a type that no panels have.
std::optional<kernels::Format> format_of(DType dtype);

}  // namespace berta::infer::prepared
