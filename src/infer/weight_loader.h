#pragma once

#include <algorithm>
#include <cmath>
#include <set>
#include <string>
#include <type_traits>
#include <vector>

#include "core/error.h"
#include "io/checkpoint.h"
#include "model/parameters.h"

namespace berta::infer {

/// A tensor found for a parameter, and which part of it the parameter is.
struct FoundTensor {
  const io::CheckpointTensor* tensor;
  model::Part part;
};

/// Finds parameters in a checkpoint by their names in every dialect, checks shape and type, and remembers
/// what was read.
class TensorFinder {
 public:
  explicit TensorFinder(const io::Checkpoint& checkpoint) : checkpoint_(checkpoint) {}

  /// Throws UserError naming file and tensor: missing, of another shape, or not a floating type.
  FoundTensor find(const model::Parameter& parameter);

  /// Names that some parameter was read from.
  const std::set<std::string>& used() const { return used_; }
  std::int64_t parameters() const { return parameters_; }

 private:
  void check_shape(const io::CheckpointTensor& tensor, const model::Parameter& parameter,
                   model::Part part) const;

  const io::Checkpoint& checkpoint_;
  std::set<std::string> used_;
  std::int64_t parameters_ = 0;  ///< elements of all parameters found
};

/// "FILE: tensor 'NAME'".
std::string describe(const io::CheckpointTensor& tensor);

/// For ParameterVisitor: turns each parameter into the form of an `Ops` O.
template <class O>
class WeightLoader {
 public:
  WeightLoader(TensorFinder& finder, const model::Config& config, const O& ops)
      : finder_(finder), config_(config), ops_(ops) {}

  template <class P>
  void operator()(P& parameter, const model::Parameter& wanted) const {
    const FoundTensor found = finder_.find(wanted);
    if constexpr (std::is_same_v<P, typename O::Table>) {
      parameter = {found.tensor->view, describe(*found.tensor)};
    } else if constexpr (std::is_same_v<P, typename O::Matrix>) {
      parameter = ops_.make_matrix(read(found, wanted), wanted.shape[0], wanted.shape[1]);
    } else if constexpr (std::is_same_v<P, typename O::Kernel> && !std::is_same_v<P, typename O::Vector>) {
      parameter = ops_.make_kernel(read(found, wanted), wanted.shape[0], wanted.shape[1], wanted.shape[2]);
    } else {
      parameter = ops_.make_vector(read(found, wanted));
    }
  }

 private:
  using Scalar = typename O::Scalar;

  /// The parameter's elements; of V1's in_proj the rows of one of query, key, value, which are interleaved
  /// per head.
  std::vector<Scalar> read(const FoundTensor& found, const model::Parameter& wanted) const {
    const TensorView& view = found.tensor->view;
    if (found.part == model::Part::zero)
      return std::vector<Scalar>(static_cast<std::size_t>(wanted.shape[0]));
    if (found.part == model::Part::whole) {
      std::vector<Scalar> data(static_cast<std::size_t>(view.size()));
      convert(view, 0, std::span(data));
      return finite(std::move(data), *found.tensor);
    }
    const std::int64_t block = config_.head_size * config_.hidden_size;
    const std::int64_t third =
        static_cast<std::int64_t>(found.part) - static_cast<std::int64_t>(model::Part::query_rows);
    std::vector<Scalar> data(static_cast<std::size_t>(config_.heads * block));
    for (std::int64_t head = 0; head < config_.heads; ++head) {
      convert(
          view, (3 * head + third) * block,
          std::span(data).subspan(static_cast<std::size_t>(head * block), static_cast<std::size_t>(block)));
    }
    return finite(std::move(data), *found.tensor);
  }

  static std::vector<Scalar> finite(std::vector<Scalar> data, const io::CheckpointTensor& tensor) {
    for (std::size_t i = 0; i < data.size(); ++i) {
      if (!std::isfinite(data[i])) {
        throw UserError(describe(tensor) + ": expected finite numbers, found NaN or infinity at element " +
                        std::to_string(i));
      }
    }
    return data;
  }

  TensorFinder& finder_;
  const model::Config& config_;
  const O& ops_;
};

}  // namespace berta::infer
