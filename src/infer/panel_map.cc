#include <algorithm>
#include <atomic>
#include <cmath>

#include "core/error.h"
#include "core/parallel.h"
#include "infer/weight_loader.h"

namespace berta::infer {
namespace {

constexpr std::size_t kCacheLine = 64;

/// Shape of the parameter's matrices, and how many there are: a convolution [out, in, kernel] is one matrix
/// [in, in * kernel] a group of in outputs.
std::pair<ops::MatrixShape, std::size_t> matrices_of(const model::Parameter& parameter,
                                                     kernels::Format format) {
  const auto extent = [&](std::size_t i) { return static_cast<std::size_t>(parameter.shape[i]); };
  if (parameter.shape.size() == 2) return {{extent(0), extent(1), format}, 1};
  return {{extent(1), extent(1) * extent(2), format}, extent(0) / extent(1)};
}

template <class T>
std::span<const T> elements(const io::CheckpointTensor& tensor, std::size_t count) {
  if (reinterpret_cast<std::uintptr_t>(tensor.view.data) % kCacheLine != 0) {
    throw UserError(describe(tensor) + ": expected its data at a multiple of " + std::to_string(kCacheLine) +
                    " bytes; make the file anew with berta quantize");
  }
  return {reinterpret_cast<const T*>(tensor.view.data), count};
}

template <class T>
std::span<const T> find_beside(const io::Checkpoint& checkpoint, const io::CheckpointTensor& tensor,
                               std::string_view suffix, DType dtype, std::size_t count) {
  const std::string name = tensor.name + std::string(suffix);
  const io::CheckpointTensor* found = checkpoint.find(name);
  const Shape wanted{static_cast<std::int64_t>(count)};
  if (found == nullptr || found->view.dtype != dtype || found->view.shape != wanted) {
    throw UserError(tensor.file + ": expected a tensor '" + name + "' of type " +
                    std::string(berta::name_of(dtype)) + " and shape " + to_string(wanted) + ", found " +
                    (found == nullptr ? "none" : "another type or shape"));
  }
  return elements<T>(*found, count);
}

/// True if all numbers in the words are finite. Reads them all, which also brings the file into memory at the
/// speed of all threads.
bool all_finite(std::span<const std::uint32_t> words, kernels::Format format) {
  if (format == kernels::Format::int8) return true;
  constexpr std::uint32_t kHigh = 0x7F800000;
  const std::uint32_t low = format == kernels::Format::bf16 ? 0x7F80 : 0xFFFF0000;
  constexpr std::size_t kGrain = std::size_t{1} << 16;
  std::atomic<bool> finite = true;
  parallel_for(words.size(), kGrain, [&](std::size_t begin, std::size_t end) {
    std::uint32_t bad = 0;
    for (const std::uint32_t word : words.subspan(begin, end - begin)) {
      bad |= static_cast<std::uint32_t>((word & kHigh) == kHigh) |
             static_cast<std::uint32_t>((word & low) == low);
    }
    if (bad != 0) finite = false;
  });
  return finite;
}

void check_finite(const io::CheckpointTensor& tensor, const ops::Panels& panels, kernels::Format format) {
  bool finite = all_finite(panels.words, format);
  for (const float scale : panels.scales) finite = finite && std::isfinite(scale);
  if (!finite) throw UserError(describe(tensor) + ": expected finite numbers, found NaN or infinity");
}

}  // namespace

void TensorFinder::check_panels(const io::CheckpointTensor& tensor, const model::Parameter& parameter) const {
  const auto format = prepared::format_of(tensor.view.dtype);
  if (!format) {
    throw UserError(describe(tensor) + ": expected panels of F32, BF16 or I8, found " +
                    std::string(berta::name_of(tensor.view.dtype)));
  }
  const bool matrix = std::all_of(parameter.shape.begin(), parameter.shape.end(),
                                  [](std::int64_t extent) { return extent > 0; });
  const std::size_t rank = parameter.shape.size();
  if (!matrix || rank < 2 || rank > 3) {
    throw UserError(describe(tensor) + ": expected shape " + to_string(parameter.shape) + ", found panels");
  }
  const auto [shape, count] = matrices_of(parameter, *format);
  if (const Shape wanted = prepared::panels_shape(shape, count); tensor.view.shape != wanted) {
    throw UserError(describe(tensor) + ": expected panels of shape " + to_string(wanted) + ", found " +
                    to_string(tensor.view.shape));
  }
}

std::vector<ops::PackedMatrix> TensorFinder::map_panels(const FoundTensor& found,
                                                        const model::Parameter& parameter) {
  const io::CheckpointTensor& tensor = *found.tensor;
  const kernels::Format format = prepared::format_of(tensor.view.dtype).value();
  const auto [shape, count] = matrices_of(parameter, format);
  const std::size_t outputs = kernels::panels_of(shape.out) * kernels::kPanel;
  const std::size_t words = outputs * kernels::words_of(shape.in, format);
  ops::Panels all{.words = elements<std::uint32_t>(tensor, count * words), .scales = {}, .sums = {}};
  if (format == kernels::Format::int8) {
    all.scales = find_beside<float>(checkpoint_, tensor, prepared::kScales, DType::f32, count * outputs);
    all.sums = find_beside<std::int32_t>(checkpoint_, tensor, prepared::kSums, DType::i32, count * outputs);
    used_.insert(tensor.name + std::string(prepared::kScales));
    used_.insert(tensor.name + std::string(prepared::kSums));
  }
  check_finite(tensor, all, format);
  std::vector<ops::PackedMatrix> matrices;
  const std::size_t scaled = all.scales.empty() ? 0 : outputs;
  for (std::size_t i = 0; i < count; ++i) {
    matrices.emplace_back(ops::Panels{.words = all.words.subspan(i * words, words),
                                      .scales = all.scales.subspan(i * scaled, scaled),
                                      .sums = all.sums.subspan(i * scaled, scaled)},
                          shape);
  }
  return matrices;
}

}  // namespace berta::infer
